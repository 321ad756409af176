#!/usr/bin/env node
// The commands of the package, `npx graphql-resource-server access`, for any schema and any API.
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
} from 'graphql';
import { authDirectives } from '../authorization/directives/auth-directives.ts';
import { runProcess } from './commands.ts';
import { readPackageDiagnosis, readPackageSettings } from './package-settings.ts';

await runProcess(process.argv.slice(2), {
  formatCommand: (name, options) =>
    `npx graphql-resource-server ${name}${options === undefined ? '' : ` ${options}`}`,
  schemaFile: 'schema.graphql',
  buildSchema,
  loadSettings: async () => readPackageSettings(process.env),
  loadDiagnosedSettings: async () => readPackageDiagnosis(process.env),
  localIssuer: undefined,
});

/** Code often adds the definitions of the directives, so a file of types need not have them. */
function buildSchema(document: DocumentNode): GraphQLSchema {
  const isDefined = document.definitions.some(
    (one) => one.kind === Kind.DIRECTIVE_DEFINITION && one.name.value === 'auth',
  );
  return buildASTSchema(isDefined ? document : concatAST([document, parse(authDirectives)]));
}
