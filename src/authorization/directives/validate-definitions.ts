import {
  type DirectiveDefinitionNode,
  type GraphQLDirective,
  type GraphQLSchema,
  print,
} from 'graphql';
import { findMisspelling } from '../../shared/edit-distance.ts';
import { directiveDefinitions } from './auth-directives.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';

/** Finds definitions of `@auth` and `@public` that were changed or renamed. */
export function validateDefinitions(schema: GraphQLSchema): SchemaRuleProblem[] {
  return schema.getDirectives().flatMap((directive) => {
    const coordinate = `@${directive.name}`;
    const expected = directiveDefinitions.get(directive.name);
    if (expected !== undefined) {
      return describeDirective(directive) === describeDefinition(expected)
        ? []
        : [
            {
              coordinate,
              message: `its definition differs from the one that is enforced: copy it from authDirectives, unchanged.`,
            },
          ];
    }
    const original = findOriginal(directive);
    return original === undefined
      ? []
      : [
          {
            coordinate,
            message: `is @${original} under another name and is not enforced: name it @${original}, or give it other arguments if it belongs to another tool.`,
          },
        ];
  });
}

/**
 * Returns a function that finds which of `@auth` and `@public` another name was probably meant to be.
 * A directive that the schema defines with different arguments belongs to another tool, such as
 * `@authz` or `@oauth`.
 */
export function createClosestDirective(
  schema: GraphQLSchema,
): (name: string) => string | undefined {
  const defined = new Map(
    schema.getDirectives().map((directive) => [directive.name, findOriginal(directive)] as const),
  );
  return (name) => {
    if (defined.has(name)) return defined.get(name);
    // Importing a directive under a prefix leaves a namespace: `@rules__auth`.
    const local = name.slice(name.lastIndexOf('__') + 1).replace(/^_+/, '');
    return [...directiveDefinitions.keys()].find(
      (known) =>
        findMisspelling(name, known) !== undefined || (name.includes('__') && local === known),
    );
  };
}

/** Which of `@auth` and `@public` a directive with another name is a copy of. */
function findOriginal(directive: GraphQLDirective): string | undefined {
  for (const [name, definition] of directiveDefinitions) {
    const known = new Set(definition.arguments?.map((argument) => argument.name.value));
    const shared = directive.args.filter((argument) => known.has(argument.name));
    const hasNoOther = shared.length === directive.args.length;
    // One location and no arguments, the shape of @public, is too common to prove anything.
    if (hasNoOther && shared.length === known.size && known.size > 0) return name;
    const misspelling = findMisspelling(directive.name, name);
    if (misspelling === undefined || !hasNoOther) continue;
    if (misspelling === 'none') return name;
    if (describeDirective(directive) === describeDefinition(definition)) return name;
    // With an added letter it is a different word: @authz, @authn, @oauth.
    if (misspelling !== 'added' && shared.length > 0) return name;
  }
  return undefined;
}

function describeDirective(directive: GraphQLDirective): string {
  const args = directive.args.map(
    (argument) =>
      `${argument.name}: ${argument.type}${argument.defaultValue === undefined ? '' : ' with a default'}`,
  );
  return describe(args, directive.locations, directive.isRepeatable);
}

function describeDefinition(definition: DirectiveDefinitionNode): string {
  const args = (definition.arguments ?? []).map(
    (argument) => `${argument.name.value}: ${print(argument.type)}`,
  );
  const locations = definition.locations.map((location) => location.value);
  return describe(args, locations, definition.repeatable);
}

function describe(
  args: readonly string[],
  locations: readonly string[],
  repeatable: boolean,
): string {
  return JSON.stringify([[...args].sort(), [...locations].sort(), repeatable]);
}
