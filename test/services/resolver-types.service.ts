import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { resolve } = createRequire(import.meta.url);
const compiler = resolve('typescript/package.json').replace('package.json', 'bin/tsc');
const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resolver-types-'));
  for (const name of ['package.json', 'schema.graphql', 'scripts', 'src', 'tsconfig.json']) {
    await cp(pathOf(name), join(folder, name), { recursive: true });
  }
  await symlink(pathOf('node_modules'), join(folder, 'node_modules'));
  const project = { extends: './tsconfig.json', include: ['src/application.ts'] };
  await writeFile(join(folder, 'tsconfig.api.json'), JSON.stringify(project));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs Node in the copy, and returns what it printed, with its exit code if that is not 0. */
async function runInCopy(...args: readonly string[]): Promise<string> {
  return run(process.execPath, args, { cwd: folder }).then(
    ({ stdout }) => stdout,
    ({ code, stdout, stderr }) => `${code}: ${stdout}${stderr}`,
  );
}

const codegen = (...args: readonly string[]) =>
  runInCopy('--import', resolve('tsx'), 'scripts/codegen.ts', ...args);

describe.sequential('the types of resolvers', { timeout: 90_000 }, () => {
  it('are those of schema.graphql', async () => {
    expect(await codegen('--check')).toBe('');
  });

  it('do not compile where a field lost the @auth that its resolver relies on', async () => {
    const schema = await readFile(pathOf('schema.graphql'), 'utf8');
    const opened = schema
      .replace('viewer: Viewer @auth', 'viewer: Viewer')
      .replace('clock: Tick @auth', 'clock: Tick');
    await writeFile(join(folder, 'schema.graphql'), opened);

    // Those of modules extend it, so they are out of date as well.
    expect(await codegen('--check')).toContain(
      '1: src/api/resolver-types.ts is out of date. Run npm run codegen.\n',
    );
    expect(await codegen()).toBe('');
    const output = await runInCopy(compiler, '-p', 'tsconfig.api.json');
    expect(output).toMatch(/src\/api\/resolvers\.ts.*AuthenticatedContext<Context>\) => Tick/);
    expect(output).toMatch(/does not exist on type 'AnonymousViewer'/);
  });
});
