import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEnvironment } from './environment.ts';
import { apps } from './serve-app.ts';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

describe.each(apps)('the types of %s', (app) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'types-'));
    await cp(join(examples, 'shared'), join(folder, 'shared'), { recursive: true });
    for (const name of ['src', 'tsconfig.json', 'vite.config.ts', 'package.json']) {
      await cp(join(examples, app, name), join(folder, app, name), { recursive: true });
    }
    await symlink(join(examples, app, 'node_modules'), join(folder, app, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Compiles the copy of the app, and returns the errors. */
  async function compile(...parameters: readonly string[]): Promise<string[]> {
    const tsc = join(examples, app, 'node_modules/typescript/bin/tsc');
    const compiled = run(process.execPath, [tsc, ...parameters], { cwd: join(folder, app) });
    const { stdout } = await compiled.catch((error: { readonly stdout: string }) => error);
    return stdout.split('\n').filter((line) => line.includes('error TS'));
  }

  test('follow from the schema: what it does not have is an error', async () => {
    expect(await compile()).toEqual([]);
    const wrong = [
      "import { graphql, type ResultOf } from 'gql.tada';",
      "import { postMessage, publicQuery } from './documents.ts';",
      "import type { Send } from './result.ts';",
      'const unknownField = graphql(`query Any { public { other } }`);',
      'export const a = (data: ResultOf<typeof publicQuery>) => data.public?.other;',
      'export const b = (data: ResultOf<typeof publicQuery>) => data.public.message;',
      'export const c = (data: ResultOf<typeof unknownField>) => data.public?.other.length;',
      "export const d = (send: Send) => send(postMessage, { txt: 'any' });",
      "export const e = (send: Send) => send(postMessage, { text: 'any', visibility: 'OTHER' });",
    ];
    await writeFile(join(folder, 'shared/wrong.ts'), wrong.join('\n'));

    const errors = await compile();

    await rm(join(folder, 'shared/wrong.ts'));
    expect(errors.map((line) => /wrong\.ts\((\d+),/.exec(line)?.[1])).toEqual([
      '5',
      '6',
      '7',
      '8',
      '9',
    ]);
  });

  test('allow to copy auth.ts alone, and to use it as its documentation says', async () => {
    await cp(join(folder, 'shared/auth.ts'), join(folder, app, 'auth.ts'));
    const readme = await readFile(join(folder, 'shared/README.md'), 'utf8');
    await writeFile(join(folder, app, 'usage.ts'), /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
    const include = ['./auth.ts', './usage.ts'];
    const settings = { extends: '../shared/tsconfig.base.json', include };
    await writeFile(join(folder, app, 'alone.json'), JSON.stringify(settings));

    expect(await compile('-p', 'alone.json', '--types', '')).toEqual([]);
    const packages = /from '([^']+)'/g;
    const code = await readFile(join(folder, app, 'auth.ts'), 'utf8');
    expect([...code.matchAll(packages)].map(([, name]) => name)).toEqual(['oidc-client-ts']);
  });

  test('are those of the API: npm run schema changes nothing', async () => {
    const environment = await startEnvironment();
    try {
      await run(process.execPath, ['../shared/write-schema.mjs'], {
        cwd: join(folder, app),
        env: { PATH: process.env['PATH'], VITE_ENDPOINT: environment.api.url },
      });
    } finally {
      await environment.close();
    }

    const read = (parent: string) => readFile(join(parent, 'shared/schema.d.ts'), 'utf8');
    expect(await read(folder)).toBe(await read(examples));
  });
});
