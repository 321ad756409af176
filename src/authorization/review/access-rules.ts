import type { GraphQLSchema } from 'graphql';
import { guardOf } from '../operation/guard.ts';
import { requirementsOf, SchemaAccess } from '../rules/schema-access.ts';
import { type AccessTerms, toAccessTerms } from './access-terms.ts';

/** The effective rule of one coordinate: everything that applies to those who use it. */
export interface AccessRule extends AccessTerms {
  /** `Query.posts`, `Query.posts(filter:)`, `Filter.secret` or `Role.ADMIN`. */
  readonly coordinate: string;
}

/**
 * Every field of every object type and interface of a guarded schema, and every argument, input
 * field and enum value that has a rule of its own, with its effective rule, in the order of the
 * schema. `__typename` is left out: it requires what its type does.
 *
 * A field is `public` where everyone can get a value of it from its parent object. That says nothing
 * of the way to that object, and where a field returns an interface, a union or an enum, some of
 * what it returns may be guarded.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function accessRules(guarded: GraphQLSchema): AccessRule[] {
  return new SchemaAccess(guarded, guardOf(guarded).rules)
    .coordinates()
    .map(({ coordinate, access }) => ({ coordinate, ...toAccessTerms(access) }));
}

/**
 * Every scope that a rule of a guarded schema names, on fields, arguments, input fields and enum
 * values, in alphabetical order.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function listScopes(guarded: GraphQLSchema): readonly string[] {
  const coordinates = new SchemaAccess(guarded, guardOf(guarded).rules).coordinates();
  const requirements = new Set(coordinates.flatMap(({ access }) => [...requirementsOf(access)]));
  const scopes = [...requirements].flatMap((requirement) => requirement.scopes?.flat() ?? []);
  return [...new Set(scopes)].sort();
}
