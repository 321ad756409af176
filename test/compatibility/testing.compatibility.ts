import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { blocksOf, readDocument } from '../documentation/markdown.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'test/compatibility/testing');

/** Runs a program of the folder, as in a project of a user. Rejects if it fails. */
const runThere = async (file: string, ...args: string[]): Promise<string> => {
  // Not the variables of the runner of this test.
  const { PATH, HOME } = process.env;
  const { stdout } = await run(file, args, { cwd: folder, env: { PATH, HOME, NO_COLOR: '1' } });
  return stdout;
};
const vitest = (...args: string[]) => runThere('node_modules/.bin/vitest', 'run', ...args);

describe('docs/testing.md', () => {
  const documented = blocksOf(readDocument('docs/testing.md'))
    .filter(({ language }) => language === 'js')
    .map(({ text }) => {
      const [first = '', ...lines] = text.split('\n');
      return { name: first.replace('// ', ''), text: lines.join('\n') };
    });

  it('has these files', () => {
    expect(documented.map(({ name }) => name)).toEqual([
      'server.js',
      'vitest.config.js',
      'notes.test.js',
      'notes.node.js',
      'issuer.node.js',
    ]);
  });

  it.each(documented)('has $name as it is run here', ({ name, text }) => {
    expect(readDocument(`test/compatibility/testing/${name}`)).toBe(text);
  });
});

describe('the packed testing kit', () => {
  it('works in vitest', async () => {
    expect(await vitest('--reporter=tap-flat')).toMatch(/^1\.\.5$/m);
  });

  it('needs the alias there, because vitest would load another copy of graphql', async () => {
    const config = join(folder, 'node_modules/.vitest.config.js');
    await writeFile(config, 'export default {};\n');

    const result = vitest('graphql-copies', `--config=${config}`, '--root=.');

    await expect(result).rejects.toMatchObject({
      stderr: expect.stringMatching(/from another module or realm|another copy of graphql/),
    });
  });

  it('works in node:test', async () => {
    const output = await runThere(process.execPath, '--test', 'notes.node.js', 'issuer.node.js');

    expect(output).toMatch(/^# pass 6$/m);
  });

  it('sends operations to every framework', async () => {
    const servers = join(root, 'test/compatibility/servers');
    const { stdout } = await run(process.execPath, ['--test', 'kit/ask-as.node.js'], {
      cwd: servers,
      env: { PATH: process.env['PATH'] },
    });

    expect(stdout).toMatch(/^# pass 8$/m);
  });

  it('can be bundled for runtimes that have no modules of Node', async () => {
    // For this platform, a module of Node that must be there is an error of the build.
    const { errors } = await build({
      entryPoints: [join(folder, 'node_modules/graphql-resource-server/dist/testing/index.js')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      logLevel: 'silent',
    });

    expect(errors).toEqual([]);
  });

  it('has types, those of the matchers included', async () => {
    const project = join(folder, 'node_modules/.types');
    await mkdir(project, { recursive: true });
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { module: 'NodeNext', strict: true, noEmit: true, skipLibCheck: true },
      }),
    );
    await writeFile(
      join(project, 'example.mts'),
      `import { anonymous } from 'graphql-resource-server';
import { askAs, createTestIssuer } from 'graphql-resource-server/testing';
import 'graphql-resource-server/testing/vitest';
import { createYoga } from 'graphql-yoga';
import { expect } from 'vitest';

const issuer = createTestIssuer({ algorithm: 'RS256' });
const response = await askAs(createYoga({}), issuer.viewer({ scopes: ['a'] }), '{ a }');
expect(response).toBeRefused({ status: 403, scope: 'a', code: 'FORBIDDEN' });
expect(response).not.toHaveData({ a: 1 }, { refused: ['b'] });
// @ts-expect-error There is no such code.
expect(response).toBeRefused({ code: 'OTHER' });
// @ts-expect-error A number is not a server.
await askAs(1, anonymous, '{ a }');
`,
    );

    await run(join(root, 'node_modules/.bin/tsc'), ['-p', project]);

    await rm(project, { recursive: true });
  });
});
