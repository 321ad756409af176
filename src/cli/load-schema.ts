import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, parse, visit } from 'graphql';
import { SchemaRuleError } from '../authorization/directives/schema-rule-error.ts';
import { guardSchema } from '../authorization/enforcement/guard-schema.ts';
import { CommandError } from './command-error.ts';

/** The schema of this API. */
export const defaultSchemaFile = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

/**
 * Reads a schema's rules from its SDL. Its policies are known by name only, so none is asked.
 *
 * @throws CommandError when there is no schema, or it cannot be guarded; it says why.
 */
export function loadGuardedSchema(file: string): GraphQLSchema {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: give the path of a schema in SDL.`, { cause });
  }
  try {
    const document = parse(text);
    const policies = Object.fromEntries(
      policiesNamedIn(document).map((name) => [name, () => false]),
    );
    return guardSchema(makeExecutableSchema({ typeDefs: document }), { policies });
  } catch (cause) {
    if (cause instanceof SchemaRuleError) throw new CommandError(cause.message, { cause });
    if (!(cause instanceof GraphQLError || cause instanceof Error)) throw cause;
    throw new CommandError(`${file} is no schema: ${cause.message.replaceAll('\n', ' ')}`, {
      cause,
    });
  }
}

function policiesNamedIn(document: DocumentNode): readonly string[] {
  const names: string[] = [];
  visit(document, {
    Directive(directive) {
      if (directive.name.value !== 'auth') return;
      for (const { name, value } of directive.arguments ?? []) {
        if (name.value !== 'policy') continue;
        for (const item of value.kind === Kind.LIST ? value.values : [value]) {
          if (item.kind === Kind.STRING) names.push(item.value);
        }
      }
    },
  });
  return names;
}
