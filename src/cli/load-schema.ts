import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, parse, visit } from 'graphql';
import { SchemaRuleError } from '../authorization/directives/schema-rule-error.ts';
import { guardSchema } from '../authorization/enforcement/guard-schema.ts';
import { CommandError } from './command.ts';

/**
 * Reads a schema and its rules from SDL. Policies are known by name only and never evaluated.
 *
 * @throws CommandError if the file cannot be read, or the schema or its rules are invalid.
 */
export function loadGuardedSchema(file: string): GraphQLSchema {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(`${file} cannot be read. Pass the path of a schema in SDL.`, { cause });
  }
  try {
    const document = parse(text);
    const policies = Object.fromEntries(
      collectPolicyNames(document).map((name) => [name, () => false]),
    );
    return guardSchema(makeExecutableSchema({ typeDefs: document }), { policies });
  } catch (cause) {
    if (cause instanceof SchemaRuleError) throw new CommandError(cause.message, { cause });
    if (!(cause instanceof GraphQLError || cause instanceof Error)) throw cause;
    throw new CommandError(
      `${file} is not a valid schema: ${cause.message.replaceAll('\n', ' ')}`,
      {
        cause,
      },
    );
  }
}

function collectPolicyNames(document: DocumentNode): readonly string[] {
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
