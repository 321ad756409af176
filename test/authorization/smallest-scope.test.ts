import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rule } from '../../src/authorization/directives/requirement.ts';
import { findSmallestScope } from '../../src/authorization/rules/smallest-scope.ts';
import { generatedCases } from '../support/generated-cases.ts';

/* Of all ways to meet a rule, the one of which the viewer lacks least, and of these the shortest. */

const scope = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const alternative = fc.uniqueArray(scope, { minLength: 1, maxLength: 3 });
const requirement = fc.record({
  coordinate: fc.constant('Query.field'),
  scopes: fc.option(fc.array(alternative, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});
const rules = fc.array(requirement, { maxLength: 5 }).map(
  (requirements): Rule =>
    requirements.map(({ coordinate, scopes }) => ({
      coordinate,
      ...(scopes ? { scopes } : {}),
      claims: [],
      policies: [],
    })),
);

/** Every way to meet the rule. */
function everyWay(rule: Rule): ReadonlySet<string>[] {
  return rule.reduce<ReadonlySet<string>[]>(
    (ways, { scopes }) =>
      scopes === undefined
        ? ways
        : ways.flatMap((way) => scopes.map((one) => new Set([...way, ...one]))),
    [new Set()],
  );
}

test('it is the smallest', () => {
  fc.assert(
    fc.property(rules, fc.uniqueArray(scope), (rule, has) => {
      const held = new Set<string>(has);
      const cost = (way: ReadonlySet<string>): number =>
        [...way].filter((one) => !held.has(one)).length * 100 + way.size;
      const found = findSmallestScope(rule, held);
      if (rule.every(({ scopes }) => scopes === undefined)) return found === undefined;
      const least = Math.min(...everyWay(rule).map(cost));
      const way = new Set((found ?? '').split(' '));
      expect(cost(way)).toBe(least);
      return rule.every(
        ({ scopes }) => scopes?.some((one) => one.every((name) => way.has(name))) ?? true,
      );
    }),
    { numRuns: generatedCases(350), seed: 8 },
  );
});

test('with too many choices it is a way to meet the rule, found soon', () => {
  let looks = 0;
  class Counted extends Set<string> {
    override has(name: string): boolean {
      looks += 1;
      return super.has(name);
    }
  }
  const rule: Rule = Array.from({ length: 40 }, (_, index) => ({
    coordinate: 'Query.field',
    scopes: [0, 1, 2, 3].map((other) => [`s${index}x${other}`, `t${(index * 7 + other) % 11}`]),
    claims: [],
    policies: [],
  }));
  const found = new Set(findSmallestScope(rule, new Counted(['t3']))?.split(' '));
  expect(
    rule.every(({ scopes }) => scopes?.some((one) => one.every((name) => found.has(name)))),
  ).toBe(true);
  // Each choice takes a scope of its own; most can share the other.
  expect(found.size).toBeLessThan(40 + 11);
  expect(looks).toBeLessThan(10_000);
});
