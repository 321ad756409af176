import { describe, expect, test } from 'vitest';
import { createClaimCheck, hasClaim } from '../../src/shared/claim-path.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

describe('a claim of a rule', () => {
  test.each<[string, string, Readonly<Record<string, unknown>>, boolean]>([
    ['a member', 'a.b', { a: { b: 1 } }, true],
    ['a member of a member', 'a.b.c', { a: { b: { c: [] } } }, true],
    ['false, zero and empty texts count', 'a.b', { a: { b: false } }, true],
    ['null', 'a.b', { a: { b: null } }, false],
    ['a missing member', 'a.b', { a: {} }, false],
    ['a missing claim', 'a.b', {}, false],
    ['a claim with dots in its name', 'https://a.test/b.c', { 'https://a.test/b.c': 1 }, true],
    ['a member of one', 'https://a.test/b.c', { 'https://a.test/b': { c: 1 } }, true],
    ['a member with dots in its name', 'a.b.c', { a: { 'b.c': 1 } }, true],
    ['the longest name, though it is null', 'a.b', { 'a.b': null, a: { b: 1 } }, false],
    [
      'the longest name, though it leads nowhere',
      'a.b.c',
      { 'a.b': {}, a: { b: { c: 1 } } },
      false,
    ],
    ['a member of a text', 'a.length', { a: 'text' }, false],
    ['an entry of a list', 'a.0', { a: ['x'] }, false],
    ['the length of a list', 'a.length', { a: ['x'] }, false],
    ['what every object has', 'a.constructor.name', { a: {} }, false],
    ['what every object has, of all', 'constructor.name', {}, false],
    ['the prototype', '__proto__.a', { a: 1 }, false],
    ['a member called like it', 'a.__proto__', JSON.parse('{ "a": { "__proto__": 1 } }'), true],
    ['dots only', '..', { '': { '': 1 } }, false],
    ['a name that is not a path', 'a.', { 'a.': 1 }, true],
    ['without dots: what every object has', 'constructor', {}, false],
  ])('%s: %s', (_name, path, claims, isMet) => {
    const api = new RulesApi(`type Query { f: String @auth(claims: ${JSON.stringify(path)}) }`);
    const viewer = { ...createViewer(), claims };
    const refusals = api.refusals('{ f }', { viewer });
    const refused = [{ path: ['f'], coordinate: 'Query.f', code: 'FORBIDDEN', claims: [path] }];
    expect(refusals).toEqual(isMet ? [] : refused);
    expect([hasClaim(claims, path), createClaimCheck(path)(claims)]).toEqual([isMet, isMet]);
  });
});
