import type { GraphQLDirective, GraphQLSchema } from 'graphql';
import { findMisspelling } from '../../shared/edit-distance.ts';
import { hasDefault } from '../../shared/input-defaults.ts';
import { authDirective, publicDirective } from './auth-directives.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';

const directiveDefinitions: readonly GraphQLDirective[] = [authDirective, publicDirective];

/** Finds definitions of `@auth` and `@public` that were changed or renamed. */
export function validateDefinitions(schema: GraphQLSchema): SchemaRuleProblem[] {
  return schema.getDirectives().flatMap((directive) => {
    const coordinate = `@${directive.name}`;
    const expected = directiveDefinitions.find(({ name }) => name === directive.name);
    if (expected !== undefined) {
      return describe(directive) === describe(expected)
        ? []
        : [
            {
              coordinate,
              message: `its definition differs from the one that is enforced: copy it from authDirectives, or in code use authDirective and publicDirective, unchanged.`,
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
    return directiveDefinitions.find(
      ({ name: known }) =>
        findMisspelling(name, known) !== undefined || (name.includes('__') && local === known),
    )?.name;
  };
}

/** Which of `@auth` and `@public` a directive with another name is a copy of. */
function findOriginal(directive: GraphQLDirective): string | undefined {
  for (const definition of directiveDefinitions) {
    const { name } = definition;
    const known = new Set(definition.args.map((argument) => argument.name));
    const shared = directive.args.filter((argument) => known.has(argument.name));
    const hasNoOther = shared.length === directive.args.length;
    // One location and no arguments, the shape of @public, is too common to prove anything.
    if (hasNoOther && shared.length === known.size && known.size > 0) return name;
    const misspelling = findMisspelling(directive.name, name);
    if (misspelling === undefined || !hasNoOther) continue;
    if (misspelling === 'none') return name;
    if (describe(directive) === describe(definition)) return name;
    // With an added letter it is a different word: @authz, @authn, @oauth.
    if (misspelling !== 'added' && shared.length > 0) return name;
  }
  return undefined;
}

function describe({ args, locations, isRepeatable }: GraphQLDirective): string {
  const described = args.map(
    (argument) =>
      `${argument.name}: ${argument.type}${hasDefault(argument) ? ' with a default' : ''}`,
  );
  return JSON.stringify([described.sort(), [...locations].sort(), isRepeatable]);
}
