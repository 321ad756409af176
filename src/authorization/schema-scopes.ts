import type { GraphQLSchema } from 'graphql';
import { coordinateRules } from './coordinate-rules.ts';

/**
 * Every scope that a rule of a guarded schema names, on fields, arguments, input fields and enum
 * values, in alphabetical order.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function schemaScopes(guarded: GraphQLSchema): readonly string[] {
  const scopes = coordinateRules(guarded).flatMap(({ scope = [] }) =>
    scope.flatMap((alternative) => alternative.split(' ')),
  );
  return [...new Set(scopes)].sort();
}
