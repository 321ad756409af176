import { describe, expect, it } from 'vitest';
import { isWeaker, type RuleTerms } from '../../src/authorization/weaker-rule.ts';

const asks = (terms: Omit<RuleTerms, 'access'> = {}): RuleTerms => ({
  access: 'authenticated',
  ...terms,
});
const open: RuleTerms = { access: 'public' };

describe('whether a rule lets in whom another kept out', () => {
  it.each<[string, RuleTerms, RuleTerms, boolean]>([
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
  ])('%s', (_, before, now, weaker) => {
    expect(isWeaker(now, before)).toBe(weaker);
  });
});
