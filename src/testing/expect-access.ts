/**
 * Helpers for the tests of a schema's users. Given a guarded schema and viewers, they compare its rules
 * with a table. They must not know HTTP, tokens or a test runner.
 */
import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { meets, SchemaAccess } from '../authorization/rules/schema-access.ts';
import { findUnmet } from '../authorization/rules/unmet.ts';

/** For each schema coordinate, the names of the viewers that can access it. */
export type AccessTable<Name extends string> = Readonly<Record<string, readonly Name[]>>;

/** A schema and viewers to be compared with a table. */
export interface AccessExpectation<Name extends string> {
  /**
   * Passes if the table has exactly the coordinates that `accessRules` lists and, for each of them,
   * exactly the viewers that can access it.
   *
   * Not checked: policies. They are assumed to allow every viewer that meets the other requirements.
   *
   * @throws {Error} with a message that lists all differences
   */
  toBe(table: AccessTable<Name>): void;
  /** Like `toBe`, but only for the coordinates in the table. */
  toContain(table: AccessTable<Name>): void;
}

/**
 * Asserts who can access what in a guarded schema. Works with every test runner.
 *
 * @throws {TypeError} if the schema was not returned by `guardSchema`
 *
 * @example
 * ```ts
 * expectAccess(schema)
 *   .by({ anonymous, manager: viewerWith({ scopes: ['read:messages'] }) })
 *   .toBe({ 'Query.public': ['anonymous', 'manager'], 'Query.private': ['manager'] });
 * ```
 */
export function expectAccess(guarded: GraphQLSchema): {
  /** Names the viewers. */
  by<Name extends string>(viewers: Readonly<Record<Name, Viewer>>): AccessExpectation<Name>;
} {
  const { rules, now } = guardOf(guarded);
  const accessByCoordinate = new Map(
    new SchemaAccess(guarded, rules)
      .coordinates()
      .map(({ coordinate, access }) => [coordinate, access] as const),
  );
  const coordinates = [...accessByCoordinate.keys()];
  const hasAccess = (viewer: Viewer, coordinate: string): boolean => {
    const access = accessByCoordinate.get(coordinate);
    return (
      access !== undefined && meets(access, (rule) => findUnmet(rule, viewer, now) === undefined)
    );
  };
  return {
    by<Name extends string>(viewers: Readonly<Record<Name, Viewer>>): AccessExpectation<Name> {
      const named = Object.entries<Viewer>(viewers);
      const compare = (table: AccessTable<Name>, compared: readonly string[]): void => {
        const differences = [
          ...compared.flatMap((coordinate) => {
            const expected: readonly string[] | undefined = table[coordinate];
            return expected === undefined
              ? [`${coordinate} is not in the table.`]
              : named.flatMap(([name, viewer]) =>
                  findDifference(name, coordinate, expected, hasAccess(viewer, coordinate)),
                );
          }),
          ...Object.entries<readonly string[]>(table).flatMap(([coordinate, names]) => [
            ...(accessByCoordinate.has(coordinate) ? [] : [`${coordinate} is not in the schema.`]),
            ...names
              .filter((name) => !Object.hasOwn(viewers, name))
              .map((name) => `${coordinate} names ${name}, which is not one of the viewers.`),
          ]),
        ];
        if (differences.length > 0) throw new Error(differences.join('\n'));
      };
      return {
        toBe: (table) => compare(table, coordinates),
        toContain: (table) =>
          compare(
            table,
            coordinates.filter((coordinate) => Object.hasOwn(table, coordinate)),
          ),
      };
    },
  };
}

function findDifference(
  name: string,
  coordinate: string,
  expected: readonly string[],
  hasAccess: boolean,
): string[] {
  if (expected.includes(name) === hasAccess) return [];
  return [
    `${coordinate}: ${name} ${hasAccess ? 'has access, and should not' : 'has no access, and should'}.`,
  ];
}
