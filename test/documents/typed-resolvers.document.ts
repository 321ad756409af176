import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { blocksOf, readDocument, root } from '../documentation/markdown.ts';

/* Follows docs/typed-resolvers.md. The plugins are run as the command line of the code generator does. */

const [settings = '', schema = '', context = '', resolvers = '', output = ''] = blocksOf(
  readDocument('docs/typed-resolvers.md'),
).map(({ text }) => text);
const run = promisify(execFile);
const compiler = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typed-resolvers-'));
  await symlink(fileURLToPath(new URL('node_modules', root)), join(folder, 'node_modules'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'src/context.ts'), context);
  await writeFile(join(folder, 'src/resolvers.ts'), resolvers);
  const compilerOptions = {
    paths: { 'graphql-resource-server': [fileURLToPath(new URL('src/layer.ts', root))] },
  };
  const extended = fileURLToPath(new URL('tsconfig.json', root));
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: extended, compilerOptions, include: ['src'], exclude: [] }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Generates the types for a schema, and returns what the compiler prints. */
async function compile(typeDefs: string): Promise<string> {
  const { generates } = JSON.parse(settings);
  for (const [filename, { plugins, config }] of Object.entries<{
    readonly plugins: readonly string[];
    readonly config: Readonly<Record<string, unknown>>;
  }>(generates)) {
    const types = await codegen({
      filename,
      config: { ...config },
      documents: [],
      schema: parse(`${authDirectives}\n${typeDefs}`),
      plugins: plugins.map((name) => ({ [name]: {} })),
      pluginMap: { typescript, 'typescript-resolvers': typescriptResolvers },
    });
    await writeFile(join(folder, filename), types);
  }
  return run(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
  }).then(
    ({ stdout }) => stdout,
    ({ stdout }) => String(stdout),
  );
}

describe.sequential('the resolvers of the page', () => {
  test('compile', async () => {
    expect(await compile(schema)).toBe('');
  });

  test.each(['me: String @auth', 'isMine: Boolean @auth'])('rely on `%s`', async (field) => {
    expect(schema).toContain(field);
    expect(await compile(schema.replace(field, field.replace(' @auth', '')))).toMatch(
      /src\/resolvers\.ts.*TS2339/,
    );
  });

  test('fail as the page says', async () => {
    expect(await compile(schema.replace('me: String @auth', 'me: String'))).toContain(
      output.trim(),
    );
  });
});
