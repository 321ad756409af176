import type { GraphQLSchema } from 'graphql';
import { guardOf } from '../rules/guard.ts';
import { requirementsOf } from './access.ts';
import { SchemaAccess } from './schema-access.ts';

/**
 * Every scope that a rule of a guarded schema names, on fields, arguments, input fields and enum
 * values, in alphabetical order.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function schemaScopes(guarded: GraphQLSchema): readonly string[] {
  const coordinates = new SchemaAccess(guarded, guardOf(guarded).rules).coordinates();
  const requirements = new Set(coordinates.flatMap(({ access }) => [...requirementsOf(access)]));
  const scopes = [...requirements].flatMap((requirement) => requirement.scopes?.flat() ?? []);
  return [...new Set(scopes)].sort();
}
