import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { meets, SchemaAccess } from '../authorization/rules/schema-access.ts';
import { findUnmet } from '../authorization/rules/unmet.ts';

/** Who may use each coordinate, by the names of the viewers. */
export type AccessTable<Name extends string> = Readonly<Record<string, readonly Name[]>>;

/** A schema and some viewers, to be compared with a table. */
export interface AccessExpectation<Name extends string> {
  /**
   * Passes when the table names every coordinate that `accessRules` lists, and for each exactly the
   * viewers who may use it. Policies are not asked: a viewer whom only a policy could refuse counts
   * as one who may.
   *
   * @throws {Error} That lists every difference.
   */
  toBe(table: AccessTable<Name>): void;
  /** The same for the coordinates of the table alone. */
  toContain(table: AccessTable<Name>): void;
}

/**
 * Asserts who may use what of a guarded schema, with any test runner:
 *
 * ```ts
 * expectAccess(schema)
 *   .by({ anonymous, manager: viewerWith({ scopes: ['read:messages'] }) })
 *   .toBe({ 'Query.public': ['anonymous', 'manager'], 'Query.private': ['manager'] });
 * ```
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function expectAccess(guarded: GraphQLSchema) {
  const { rules, now } = guardOf(guarded);
  const known = new Map(
    new SchemaAccess(guarded, rules)
      .coordinates()
      .map(({ coordinate, access }) => [coordinate, access] as const),
  );
  const coordinates = [...known.keys()];
  const mayUse = (coordinate: string, viewer: Viewer): boolean => {
    const access = known.get(coordinate);
    return (
      access !== undefined && meets(access, (rule) => findUnmet(rule, viewer, now) === undefined)
    );
  };
  return {
    by<Name extends string>(viewers: Readonly<Record<Name, Viewer>>): AccessExpectation<Name> {
      const named = Object.entries<Viewer>(viewers);
      const compare = (table: AccessTable<Name>, wanted: readonly string[]): void => {
        const differences = [
          ...wanted.flatMap((coordinate) => {
            const expected: readonly string[] | undefined = table[coordinate];
            return expected === undefined
              ? [`${coordinate} is not in the table.`]
              : named.flatMap(([name, viewer]) =>
                  differenceOf(name, coordinate, expected, mayUse(coordinate, viewer)),
                );
          }),
          ...Object.entries<readonly string[]>(table).flatMap(([coordinate, names]) => [
            ...(known.has(coordinate) ? [] : [`${coordinate} is not in the schema.`]),
            ...names
              .filter((name) => !Object.hasOwn(viewers, name))
              .map((name) => `${coordinate} names ${name}, who is none of the viewers.`),
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

function differenceOf(
  name: string,
  coordinate: string,
  expected: readonly string[],
  may: boolean,
): string[] {
  if (expected.includes(name) === may) return [];
  return [
    `${coordinate}: ${name} ${may ? 'may use it, and should not' : 'may not use it, and should'}.`,
  ];
}
