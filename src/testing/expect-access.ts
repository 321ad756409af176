/**
 * Helpers for the tests of a schema's users: a table of who can access what, an issuer, and requests to a
 * server. They must not know a server framework or, except for `vitest/index.ts`, a test runner.
 */
import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { meets, requirementsOf, SchemaAccess } from '../authorization/rules/schema-access.ts';
import { findUnmet } from '../authorization/rules/unmet.ts';
import { describePolicies, PolicyEvaluation, type TestPolicyInputs } from './policy-evaluation.ts';

/** For each schema coordinate, the names of the viewers that can access it. */
export type AccessTable<Name extends string> = Readonly<Record<string, readonly Name[]>>;

/** A schema and viewers to be compared with a table. */
export interface AccessExpectation<Name extends string> {
  /**
   * Passes if the table has exactly the coordinates that `accessRules` lists and, for each of them,
   * exactly the viewers that can access it.
   *
   * Not checked: policies. They are assumed to allow every viewer that meets the other requirements.
   * `withPolicies` evaluates them.
   *
   * @throws {Error} with a message that lists all differences
   */
  toBe(table: AccessTable<Name>): void;
  /** Like `toBe`, but only for the coordinates in the table. */
  toContain(table: AccessTable<Name>): void;
  /**
   * Prints the table for a snapshot: one line for each coordinate, in alphabetical order, with the viewers
   * that can access it, or `-`, and the policies that were not evaluated.
   */
  print(): string;
  /**
   * Evaluates policies as well, each with the input for the coordinate that it is applied to.
   *
   * @throws {TypeError} if an input is for a coordinate that has no policy
   */
  withPolicies(inputs: TestPolicyInputs): PolicyAccessExpectation<Name>;
}

/**
 * Like `AccessExpectation`, with the decisions of policies. Each method rejects if the input of a policy is
 * missing, or if a policy throws. During a request, a policy that throws denies.
 */
export interface PolicyAccessExpectation<Name extends string> {
  /** Like `AccessExpectation.toBe`. */
  toBe(table: AccessTable<Name>): Promise<void>;
  /** Like `AccessExpectation.toContain`. */
  toContain(table: AccessTable<Name>): Promise<void>;
  /** Like `AccessExpectation.print`. */
  print(): Promise<string>;
}

/** The names of the viewers that can access each coordinate. */
type Found = ReadonlyMap<string, readonly string[]>;

/**
 * Asserts who can access what in a guarded schema. Works with every test runner.
 *
 * @throws {TypeError} if the schema was not returned by `guardSchema`
 *
 * @example
 * ```ts
 * const viewers = { anonymous, manager: viewerWith({ scopes: ['read:messages'] }) };
 *
 * expectAccess(schema)
 *   .by(viewers)
 *   .toBe({ 'Query.public': ['anonymous', 'manager'], 'Query.private': ['manager'] });
 *
 * await expectAccess(schema)
 *   .by(viewers)
 *   .withPolicies({ 'Query.note': { args: { id: '1' } } })
 *   .toContain({ 'Query.note': ['manager'] });
 * ```
 */
export function expectAccess(guarded: GraphQLSchema): {
  /** Names the viewers. */
  by<Name extends string>(viewers: Readonly<Record<Name, Viewer>>): AccessExpectation<Name>;
} {
  const guard = guardOf(guarded);
  const accesses = new Map(
    new SchemaAccess(guarded, guard.rules)
      .coordinates()
      .map(({ coordinate, access }) => [coordinate, access] as const),
  );
  const namesIn = (table: object): string[] =>
    [...accesses.keys()].filter((coordinate) => Object.hasOwn(table, coordinate));
  return {
    by<Name extends string>(viewers: Readonly<Record<Name, Viewer>>): AccessExpectation<Name> {
      const named = Object.entries<Viewer>(viewers);
      const names = named.map(([name]) => name);
      const found: Found = new Map(
        Array.from(accesses, ([coordinate, access]) => [
          coordinate,
          named
            .filter(([, viewer]) =>
              meets(access, (rule) => findUnmet(rule, viewer, guard.now) === undefined),
            )
            .map(([name]) => name),
        ]),
      );
      return {
        toBe: (table) => compare(found, table, names),
        toContain: (table) => compare(pick(found, namesIn(table)), table, names),
        print: () =>
          print(found, (coordinate) => {
            const access = accesses.get(coordinate);
            const policies = access ? describePolicies([...requirementsOf(access)]) : '';
            return policies === '' ? '' : ` (policy: ${policies})`;
          }),
        withPolicies(inputs) {
          const evaluation = new PolicyEvaluation(guard, accesses, inputs);
          const evaluate = (coordinates: readonly string[]): Promise<Found> =>
            evaluation.findAllowed(coordinates, named);
          const all = [...accesses.keys()];
          return {
            toBe: async (table) => compare(await evaluate(all), table, names),
            toContain: async (table) => compare(await evaluate(namesIn(table)), table, names),
            print: async () => print(await evaluate(all), () => ''),
          };
        },
      };
    },
  };
}

/** @throws {Error} with all differences */
function compare(found: Found, table: AccessTable<string>, names: readonly string[]): void {
  const differences = [
    ...Array.from(found).flatMap(([coordinate, allowed]) => {
      const expected = Object.hasOwn(table, coordinate) ? table[coordinate] : undefined;
      if (expected === undefined) return [`${coordinate} is not in the table.`];
      return names
        .filter((name) => expected.includes(name) !== allowed.includes(name))
        .map(
          (name) =>
            `${coordinate}: ${name} ${allowed.includes(name) ? 'has access, and should not' : 'has no access, and should'}.`,
        );
    }),
    ...Object.entries(table).flatMap(([coordinate, expected]) => [
      ...(found.has(coordinate) ? [] : [`${coordinate} is not in the schema.`]),
      ...expected
        .filter((name) => !names.includes(name))
        .map((name) => `${coordinate} names ${name}, which is not one of the viewers.`),
    ]),
  ];
  if (differences.length > 0) throw new Error(differences.join('\n'));
}

/** Sorted, so that moving a type changes nothing. Not aligned, so that one line is one change. */
function print(found: Found, suffixOf: (coordinate: string) => string): string {
  return [...found.keys()]
    .sort()
    .map((coordinate) => {
      const allowed = found.get(coordinate)?.join(', ') || '-';
      return `${coordinate}: ${allowed}${suffixOf(coordinate)}`;
    })
    .join('\n');
}

function pick(found: Found, coordinates: readonly string[]): Found {
  return new Map(coordinates.map((coordinate) => [coordinate, found.get(coordinate) ?? []]));
}
