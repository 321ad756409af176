import { describe, expect, it } from 'vitest';
import { isWeaker, type RuleConditions } from '../../src/authorization/review/compare-rules.ts';
import { generatedCases } from '../support/generated-cases.ts';
import { Choices } from '../support/random-rules.ts';

const asks = (terms: Omit<RuleConditions, 'access'> = {}): RuleConditions => ({
  access: 'authenticated',
  ...terms,
});
const open: RuleConditions = { access: 'public' };
const gold = asks({ acr: ['gold'] });
const silver = asks({ acr: ['silver'] });
const byClaim = asks({ claims: ['x'], policy: ['p'] });
const apart = asks({ allOf: [asks({ scope: ['a', 'b'] }), asks({ scope: ['c', 'd'] })] });

describe('whether a rule admits viewers whom another denied', () => {
  it.each<[string, RuleConditions, RuleConditions, boolean]>([
    ['the same', asks({ scope: ['a b', 'c'] }), asks({ scope: ['a b', 'c'] }), false],
    ['from open to open', open, open, false],
    ['from open to a token', open, asks(), false],
    ['from a token to open', asks(), open, true],
    ['a scope more', asks({ scope: ['a'] }), asks({ scope: ['a b'] }), false],
    ['a scope less', asks({ scope: ['a b'] }), asks({ scope: ['a'] }), true],
    ['no scope any more', asks({ scope: ['a'] }), asks(), true],
    ['another scope', asks({ scope: ['a'] }), asks({ scope: ['b'] }), true],
    ['one way in more', asks({ scope: ['a'] }), asks({ scope: ['a', 'b'] }), true],
    ['one way in less', asks({ scope: ['a', 'b'] }), asks({ scope: ['b'] }), false],
    ['a stricter way beside', asks({ scope: ['a'] }), asks({ scope: ['a', 'a b'] }), false],
    ['a scope that only begins alike', asks({ scope: ['ab'] }), asks({ scope: ['a'] }), true],
    ['a claim more', asks({ claims: ['x'] }), asks({ claims: ['x', 'y'] }), false],
    ['a claim less', asks({ claims: ['x', 'y'] }), asks({ claims: ['x'] }), true],
    ['a policy less', asks({ policy: ['p'] }), asks(), true],
    ['another policy', asks({ policy: ['p'] }), asks({ policy: ['q'] }), true],
    ['a class less', asks({ acr: ['gold', 'silver'] }), asks({ acr: ['gold'] }), false],
    ['a class more', asks({ acr: ['gold'] }), asks({ acr: ['gold', 'silver'] }), true],
    ['any class', asks({ acr: ['gold'] }), asks(), true],
    ['a shorter age', asks({ maxAge: 60 }), asks({ maxAge: 30 }), false],
    ['a longer age', asks({ maxAge: 60 }), asks({ maxAge: 61 }), true],
    ['any age', asks({ maxAge: 60 }), asks(), true],
    [
      'a class of each of two',
      asks({ anyOf: [gold, silver] }),
      asks({ acr: ['gold', 'silver'] }),
      false,
    ],
    ['one type less', asks({ anyOf: [gold, byClaim] }), gold, false],
    ['one type more', gold, asks({ anyOf: [gold, byClaim] }), true],
    [
      'another rule of one type',
      asks({ anyOf: [gold, byClaim] }),
      asks({ anyOf: [silver, byClaim] }),
      true,
    ],
    ['an open type', asks({ anyOf: [gold, byClaim] }), asks(), true],
    [
      'types, and no more than that',
      asks({ scope: ['a'], anyOf: [gold, byClaim] }),
      asks({ anyOf: [gold, byClaim] }),
      true,
    ],
    ['what was multiplied out, apart', asks({ scope: ['a c', 'a d', 'b c', 'b d'] }), apart, false],
    ['what was apart, multiplied out', apart, asks({ scope: ['a c', 'a d', 'b c', 'b d'] }), false],
    ['one way more of what was apart', apart, asks({ scope: ['a c', 'a d', 'b c', 'b'] }), true],
    ['one place less', apart, asks({ allOf: [asks({ scope: ['a', 'b'] })] }), true],
  ])('%s', (_, before, now, weaker) => {
    expect(isWeaker(now, before)).toBe(weaker);
  });
});

describe('whether a rule admits viewers whom another denied, by exhaustive search', () => {
  interface Someone {
    readonly scopes: readonly string[];
    readonly claims: readonly string[];
    readonly policy: readonly string[];
    readonly acr: string;
    readonly age: number;
  }
  const subsets = ([first, ...others]: readonly string[]): string[][] => {
    if (first === undefined) return [[]];
    return subsets(others).flatMap((subset) => [subset, [first, ...subset]]);
  };
  const everyone: Someone[] = subsets(['a', 'b', 'c']).flatMap((scopes) =>
    subsets(['k']).flatMap((claims) =>
      subsets(['p']).flatMap((policy) =>
        ['gold', 'silver', 'tin'].flatMap((acr) =>
          [5, 15, 25].map((age) => ({ scopes, claims, policy, acr, age })),
        ),
      ),
    ),
  );
  const letsIn = (terms: RuleConditions, one: Someone): boolean =>
    (terms.scope?.some((way) => way.split(' ').every((scope) => one.scopes.includes(scope))) ??
      true) &&
    (terms.claims ?? []).every((claim) => one.claims.includes(claim)) &&
    (terms.policy ?? []).every((policy) => one.policy.includes(policy)) &&
    (terms.acr?.includes(one.acr) ?? true) &&
    one.age <= (terms.maxAge ?? 1_000) &&
    (terms.anyOf?.some((inner) => letsIn(inner, one)) ?? true) &&
    (terms.allOf ?? []).every((inner) => letsIn(inner, one));

  const randomTerms = (choices: Choices, depth: number): RuleConditions => {
    const inner = (): RuleConditions[] =>
      Array.from({ length: 1 + choices.below(3) }, () => randomTerms(choices, depth - 1));
    return asks({
      ...(choices.once(2)
        ? {
            scope: choices.of([
              ['a'],
              ['a', 'b'],
              ['a b', 'c'],
              ['b', 'c'],
              ['b c'],
              ['a', 'b', 'c'],
            ]),
          }
        : {}),
      ...(choices.once(5) ? { claims: ['k'] } : {}),
      ...(choices.once(5) ? { policy: ['p'] } : {}),
      ...(choices.once(4) ? { acr: choices.of([['gold'], ['silver'], ['gold', 'silver']]) } : {}),
      ...(choices.once(5) ? { maxAge: choices.of([10, 20]) } : {}),
      ...(depth > 0 && choices.once(2) ? { anyOf: inner() } : {}),
      ...(depth > 0 && choices.once(3) ? { allOf: inner() } : {}),
    });
  };

  it('for random rules', () => {
    const choices = new Choices(20_261_126);
    const runs = generatedCases(250);
    let weaker = 0;
    for (let run = 0; run < runs; run += 1) {
      const before = randomTerms(choices, 2);
      // Half of them are alike, so that many are not weaker.
      const now = choices.once(2)
        ? randomTerms(choices, 2)
        : asks({ allOf: [before, randomTerms(choices, 1)] });
      const found = everyone.some((one) => letsIn(now, one) && !letsIn(before, one));
      if (found) weaker += 1;
      expect(isWeaker(now, before), JSON.stringify({ now, before })).toBe(found);
    }
    expect(weaker).toBeGreaterThan(runs / 5);
    expect(weaker).toBeLessThan((runs * 4) / 5);
  });
});
