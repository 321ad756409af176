// Writes the types of this API's resolvers: src/api/resolver-types.ts from schema.graphql and, for each folder
// of src/api with a .graphql file of its own, a resolver-types.ts there, from both. With --check, writes
// nothing, and fails if a file is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { concatAST, parse } from 'graphql';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The types for `resolvers.ts` beside them, whose context is in `context.ts` beside them. `mappers.json` says
 * for which GraphQL types resolvers return something else than their fields.
 */
async function generateTypes(folder: string, schemaFiles: readonly string[]): Promise<string> {
  const definitions = `${'../'.repeat(folder.split('/').length - 1)}server/api-definition.ts`;
  const mappers = `${root}${folder}/mappers.json`;
  const types = await codegen({
    filename: `${root}${folder}/resolver-types.ts`,
    schema: concatAST(schemaFiles.map((file) => parse(readFileSync(`${root}${file}`, 'utf8')))),
    documents: [],
    plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
    pluginMap: { typescript, typescriptResolvers },
    config: {
      contextType: './context.ts#Context',
      directiveContextTypes: [`auth#${definitions}#AuthenticatedContext`],
      useTypeImports: true,
      enumsAsTypes: true,
      ...(existsSync(mappers) ? { mappers: JSON.parse(readFileSync(mappers, 'utf8')) } : {}),
    },
  });
  const sources = schemaFiles.join(' and ');
  return `// Written by npm run codegen from ${sources}. Do not edit it here.\n${types}`;
}

const moduleFiles = readdirSync(`${root}src/api`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => `src/api/${name}`)
  .sort();
const targets = [
  { folder: 'src/api', schemaFiles: ['schema.graphql'] },
  ...moduleFiles.map((file) => ({
    folder: dirname(file),
    schemaFiles: ['schema.graphql', file],
  })),
];
for (const { folder, schemaFiles } of targets) {
  const name = `${folder}/resolver-types.ts`;
  const text = await generateTypes(folder, schemaFiles);
  if (!process.argv.includes('--check')) {
    writeFileSync(`${root}${name}`, text);
  } else if (readFileSync(`${root}${name}`, 'utf8') !== text) {
    console.error(`${name} is out of date. Run npm run codegen.`);
    process.exitCode = 1;
  }
}
