// Writes the types of this API's resolvers, src/api/resolver-types.ts, from schema.graphql. With --check,
// writes nothing, and fails if the file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}src/api/resolver-types.ts`;

const types = await codegen({
  filename: target,
  schema: parse(readFileSync(`${root}schema.graphql`, 'utf8')),
  documents: [],
  plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
  pluginMap: { typescript, typescriptResolvers },
  config: {
    contextType: './context.ts#Context',
    directiveContextTypes: ['auth#../server/api-definition.ts#AuthenticatedContext'],
    useTypeImports: true,
  },
});
const text = `// Written by npm run codegen from schema.graphql. Do not edit it here.\n${types}`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/api/resolver-types.ts is out of date. Run npm run codegen.');
  process.exitCode = 1;
}
