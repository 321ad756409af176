import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDocument, sectionOf } from '../../documentation/markdown.ts';
import { freePorts } from '../../support/free-ports.ts';
import { operate } from '../../support/http.ts';
import { startProcess } from '../../support/process.ts';

const run = promisify(execFile);
const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../../${name}`, import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'removal-'));
  const copied = ['package.json', 'schema.graphql', 'scripts', 'src', 'test'];
  for (const name of [...copied, 'tsconfig.json']) {
    const filter = (path: string): boolean => !path.includes('node_modules');
    await cp(pathOf(name), join(folder, name), { recursive: true, filter });
  }
  await symlink(pathOf('node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.sequential('removed as docs/messages.md says', () => {
  it('takes two folders and two lines', async () => {
    const text = sectionOf(readDocument('docs/messages.md'), 'Remove it').replaceAll('\n', ' ');
    for (const name of ['src/api/messages', 'test/api/messages']) {
      expect(text).toContain(`\`${name}\``);
      await rm(join(folder, name), { recursive: true });
    }
    const index = join(folder, 'src/api/index.ts');
    const before = await readFile(index, 'utf8');
    const after = before
      .replace("import { messages } from './messages/index.ts';\n", '')
      .replace('= [messages];', '= [];');
    await writeFile(index, after);

    const left = new Set(after.split('\n'));
    expect(before.split('\n').filter((line) => !left.has(line))).toHaveLength(2);
    expect(await readdir(join(folder, 'src/api'))).not.toContain('messages');
  });

  it('leaves types that fit', async () => {
    const compiler = pathOf('node_modules/typescript/bin/tsc');
    const project = { extends: './tsconfig.json', include: ['src', 'scripts', 'test/api'] };
    await writeFile(join(folder, 'tsconfig.api.json'), JSON.stringify(project));
    await run(process.execPath, [compiler, '-p', 'tsconfig.api.json'], { cwd: folder });
  });

  it('leaves the rules of the other fields', async () => {
    const { stdout } = await run('npm', ['run', '--silent', 'access', '--', '--json'], {
      cwd: folder,
    });

    expect(stdout).toBe(await readFile(pathOf('test/fixture/access.json'), 'utf8'));
  });

  it('leaves a server that starts, without a database', async () => {
    const [port] = await freePorts();
    const main = join(folder, 'src/main.ts');
    const server = startProcess(folder, { PORT: String(port) }, { main });
    try {
      await server.waitForOutput('for GraphiQL');
      expect(server.output.text).not.toContain('write:messages');
      const { body } = await operate(`http://localhost:${port}/graphql`, '{ public { message } }');
      expect(body).toMatchObject({ data: { public: { message: expect.any(String) } } });
      expect(await readdir(folder)).not.toContain('.data');
    } finally {
      server.signal('SIGKILL');
      await server.ended;
    }
  });
});
