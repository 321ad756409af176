import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { concatAST, GraphQLSchema, Kind, parse } from 'graphql';
import { readAppliedDirectives } from '../authorization/directives/applied-directives.ts';
import { SchemaRuleError } from '../authorization/directives/schema-rule-error.ts';
import { guardSchema } from '../authorization/enforcement/guard-schema.ts';
import { Guard, guardExtension } from '../authorization/operation/guard.ts';
import { CommandError, type CommandIO, UsageError } from './command.ts';

/** The options that name a schema. */
export const schemaOptions = { schema: { type: 'string' }, module: { type: 'string' } } as const;

/** The help text of `schemaOptions`. */
export const schemaOptionsHelp =
  '  --schema FILE    schema file in SDL (default: schema.graphql)\n' +
  '  --module FILE#NAME\n' +
  '                   a module that exports the schema, guarded or not, instead of a file in SDL\n' +
  '                   (default of NAME: schema)';

/**
 * Loads a schema and its rules. Policies are known by name only and never evaluated.
 *
 * @throws CommandError if the file cannot be loaded, or the schema or its rules are invalid.
 */
export async function loadGuardedSchema(
  { schema: file, module }: { readonly schema?: string; readonly module?: string },
  io: Pick<CommandIO, 'schemaFile' | 'loadModuleTypeDefs' | 'buildSchema'>,
): Promise<GraphQLSchema> {
  if (file !== undefined && module !== undefined) {
    throw new UsageError('Choose one: --schema or --module.');
  }
  if (module === undefined) {
    const sdl = file ?? io.schemaFile;
    const added = file === undefined ? await io.loadModuleTypeDefs?.() : [];
    return guard(readSdl(sdl, added ?? [], io), sdl);
  }
  const schema = await importSchema(module);
  return schema.extensions[guardExtension] instanceof Guard ? schema : guard(schema, module);
}

function readSdl(
  file: string,
  added: readonly string[],
  { buildSchema }: Pick<CommandIO, 'buildSchema'>,
): GraphQLSchema {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(
      `${file} cannot be read. Pass the path of a schema in SDL with --schema, or of a module with --module.`,
      { cause },
    );
  }
  try {
    return buildSchema(concatAST([text, ...added].map((one) => parse(one))));
  } catch (cause) {
    throw invalidSchema(file, cause);
  }
}

const invalidSchema = (file: string, cause: unknown): CommandError =>
  new CommandError(`${file} is not a valid schema: ${messageOf(cause).replaceAll('\n', ' ')}`, {
    cause,
  });

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

async function importSchema(reference: string): Promise<GraphQLSchema> {
  const [file = '', name = 'schema'] = reference.split('#');
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    throw new CommandError(describeImportFailure(file, cause), { cause });
  }
  const schema = module[name];
  if (schema instanceof GraphQLSchema) return schema;
  if (Object.prototype.toString.call(schema) === '[object GraphQLSchema]') {
    throw new CommandError(
      `${file} uses another copy of graphql than this command. Keep one in node_modules; npm ls graphql lists them.`,
    );
  }
  const names = Object.keys(module).join(', ') || 'nothing';
  throw new CommandError(
    `${file} does not export a GraphQLSchema as ${name}. It exports ${names}. Name one: --module ${file}#NAME`,
  );
}

function describeImportFailure(file: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (/\.[cm]?tsx?$/.test(file) && code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return `${file} is TypeScript, which this version of Node does not run. Install tsx, and set NODE_OPTIONS="--import tsx".`;
  }
  return `${file} cannot be imported: ${messageOf(cause).split('\n', 1)[0]}`;
}

function guard(schema: GraphQLSchema, file: string): GraphQLSchema {
  const policies = Object.fromEntries(
    collectPolicyNames(schema).map((name) => [name, () => false]),
  );
  try {
    return guardSchema(schema, { policies });
  } catch (cause) {
    if (cause instanceof SchemaRuleError) throw new CommandError(cause.message, { cause });
    throw invalidSchema(file, cause);
  }
}

function collectPolicyNames(schema: GraphQLSchema): readonly string[] {
  return readAppliedDirectives(schema)
    .flatMap(({ directives }) => directives)
    .filter(({ name }) => name.value === 'auth')
    .flatMap((directive) => directive.arguments ?? [])
    .filter(({ name }) => name.value === 'policy')
    .flatMap(({ value }) => (value.kind === Kind.LIST ? value.values : [value]))
    .flatMap((value) => (value.kind === Kind.STRING ? [value.value] : []));
}
