/**
 * Answers questions about the rules of a schema as a whole. This folder is given a guarded schema or an
 * operation and returns plain data for people and tools. It must not know HTTP or the command line.
 */
import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { guardOf } from '../operation/guard.ts';
import { requirementsOf, SchemaAccess } from '../rules/schema-access.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';
import { type AccessTerms, toAccessTerms } from './access-terms.ts';

/** The effective rule of one coordinate: everything that applies to those who use it. */
export interface AccessRule extends AccessTerms {
  /** `Query.posts`, `Query.posts(filter:)`, `Filter.secret` or `Role.ADMIN`. */
  readonly coordinate: string;
  /** What would apply besides if the rules in shadow were enforced. */
  readonly shadow?: AccessTerms;
}

/**
 * Lists the effective rules of a guarded schema, in the order of the schema: of every field of every
 * object type and interface, and of every argument, input field and enum value that has its own rule.
 * `__typename` is omitted: it has the rule of its type.
 *
 * A field is `public` if everyone can get a value of it from its parent object. That says nothing about
 * access to that object. If the field returns an interface, a union or an enum, some of what it returns
 * can still be guarded.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 *
 * @example
 * ```ts
 * import { accessRules } from 'graphql-resource-server';
 *
 * const publicCoordinates = accessRules(schema)
 *   .filter(({ access }) => access === 'public')
 *   .map(({ coordinate }) => coordinate);
 * ```
 */
export function accessRules(guarded: GraphQLSchema): AccessRule[] {
  const { rules, shadow } = guardOf(guarded);
  const list = (from: SchemaRules): AccessRule[] =>
    new SchemaAccess(guarded, from)
      .coordinates()
      .map(({ coordinate, access }) => ({ coordinate, ...toAccessTerms(access) }));
  const enforced = list(rules);
  if (shadow === undefined) return enforced;
  const byCoordinate = new Map(enforced.map((rule) => [rule.coordinate, rule]));
  for (const { coordinate, ...terms } of list(shadow)) {
    if (terms.access === 'public') continue;
    const own = byCoordinate.get(coordinate) ?? { coordinate, access: 'public', from: [] };
    byCoordinate.set(coordinate, { ...own, shadow: terms });
  }
  return [...byCoordinate.values()];
}

/**
 * Lists every scope that a rule of a guarded schema names, or that implies one of them, in alphabetical
 * order.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 */
export function listScopes(guarded: GraphQLSchema): readonly string[] {
  const { rules } = guardOf(guarded);
  const { scopeHierarchy } = rules;
  const coordinates = new SchemaAccess(guarded, rules).coordinates();
  const requirements = new Set(coordinates.flatMap(({ access }) => [...requirementsOf(access)]));
  const scopes = [...requirements].flatMap((requirement) => requirement.scopes?.flat() ?? []);
  const broader = scopes.flatMap((scope) => scopeHierarchy?.broaderThan(scope) ?? []);
  return [...new Set([...scopes, ...broader])].sort();
}

/** Whether a schema has a coordinate such as `Query.posts`, `Query.posts(filter:)` or `Role.ADMIN`. */
export function hasCoordinate(schema: GraphQLSchema, coordinate: string): boolean {
  const [, typeName, memberName, argumentName] =
    /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  if (typeName === undefined || memberName === undefined) return false;
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(memberName) != null;
  if (isInputObjectType(type)) return Object.hasOwn(type.getFields(), memberName);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[memberName];
  return (
    field !== undefined &&
    (argumentName === undefined || field.args.some(({ name }) => name === argumentName))
  );
}
