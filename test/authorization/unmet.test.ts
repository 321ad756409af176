import { describe, expect, test } from 'vitest';
import type { Viewer } from '../../src/authentication/viewer.ts';
import { anonymousViewer, createViewer, now, RulesApi } from '../support/rules-api.ts';

/* What a refusal names: the first of authentication, scope, claims, step-up; and of that the smallest set that would do. */

const fields = {
  a: '@auth(scope: "a")',
  aAndB: '@auth(scope: "a b")',
  aOrB: '@auth(scope: ["a", "b"])',
  aOrBc: '@auth(scope: ["a", "b c"])',
  bcOrDe: '@auth(scope: ["b c", "d e"])',
  long: '@auth(scope: ["p q r", "s t", "u v"])',
  claims: '@auth(claims: ["c", "d"])',
  acr: '@auth(acr: ["gold", "silver"])',
  acrAndAge: '@auth(acr: "gold", maxAge: 60)',
  all: '@auth(scope: "a", claims: "c", maxAge: 60, acr: "gold")',
} as const;
const schema = `
  type Query {
    ${Object.entries(fields)
      .map(([name, rule]) => `${name}: String ${rule}`)
      .join('\n')}
    both: T @auth(scope: ["a", "b"])
    tighter: Young @auth(maxAge: 600)
  }
  interface Node @auth(scope: ["b", "c"]) { id: ID }
  type T implements Node @auth(scope: ["c d", "b"], claims: "t") { id: ID }
  type Young @auth(maxAge: 60, acr: ["gold", "silver"]) { s: String @auth(acr: ["silver", "tin"]) }
`;
const api = new RulesApi(schema);
const at = (operation: string, viewer: Viewer = createViewer()): object => {
  const [first] = api.refusals(operation, { viewer });
  const { path: _path, coordinate: _coordinate, ...rest } = first ?? { path: [], coordinate: '' };
  return rest;
};
const scope = (text: string) => ({ code: 'FORBIDDEN', scope: text });

describe('scope', () => {
  test.each([
    ['a', '', 'a'],
    ['aAndB', '', 'a b'],
    // Whole, so that a client can ask for it as it is.
    ['aAndB', 'a', 'a b'],
    ['aOrB', '', 'a'],
    ['aOrBc', '', 'a'],
    ['aOrBc', 'b', 'a'],
    ['bcOrDe', 'd', 'd e'],
    ['bcOrDe', '', 'b c'],
    ['long', '', 's t'],
    ['long', 'p q', 'p q r'],
    ['long', 'v', 'u v'],
  ])('%s with "%s": %s', (field, held, expected) => {
    expect(at(`{ ${field} }`, createViewer(held))).toEqual(scope(expected));
  });

  test.each([
    // (a or b) and (b or c) and (c d or b): b serves for all.
    ['', 'b'],
    ['a', 'b'],
    ['c d', 'b'],
  ])('of several rules, with "%s": %s', (held, expected) => {
    expect(at('{ both { id } }', createViewer(held))).toEqual(scope(expected));
  });

  test('many alternatives are fast', () => {
    const rules = Array.from({ length: 30 }, (_, index) => `type T${index}`);
    const wide = new RulesApi(`
      type Query { x: T }
      ${rules.map((_, index) => `interface I${index} @auth(scope: ["a${index}", "b${index}", "c${index}"]) { s: Int }`).join('\n')}
      type T implements ${rules.map((_, index) => `I${index}`).join(' & ')} { s: Int }
    `);
    const start = performance.now();
    const [refusal] = wide.refusals('{ x { s } }');
    expect(performance.now() - start).toBeLessThan(500);
    expect(refusal?.scope?.split(' ')).toHaveLength(30);
  });
});

describe('the first of several', () => {
  const everything = { c: 1, acr: 'gold', auth_time: now };
  test.each([
    ['an anonymous viewer', anonymousViewer, { code: 'UNAUTHENTICATED', scope: 'a' }],
    ['scope before claims and step-up', createViewer(), scope('a')],
    ['claims before step-up', createViewer('a'), { code: 'FORBIDDEN', claims: ['c'] }],
    [
      'step-up',
      createViewer('a', { c: 1 }),
      { code: 'UNAUTHENTICATED', acr: ['gold'], maxAge: 60 },
    ],
    [
      'its class alone',
      createViewer('a', { ...everything, acr: 'tin' }),
      { code: 'UNAUTHENTICATED', acr: ['gold'] },
    ],
    [
      'its age alone',
      createViewer('a', { ...everything, auth_time: 0 }),
      { code: 'UNAUTHENTICATED', maxAge: 60 },
    ],
    ['nothing', createViewer('a', everything), {}],
    [
      'nothing, if its clock is a little ahead',
      createViewer('a', { ...everything, auth_time: now + 5 }),
      {},
    ],
    [
      'nothing, if the authenticator tolerates more',
      createViewer('a', { ...everything, auth_time: now + 60, iat: now + 60 }),
      {},
    ],
    [
      'a sign-in to come',
      createViewer('a', { ...everything, auth_time: now + 6 }),
      { code: 'UNAUTHENTICATED', maxAge: 60 },
    ],
  ])('%s', (_name, viewer, expected) => {
    expect(at('{ all }', viewer)).toEqual(expected);
  });

  test('claims: those that are missing', () => {
    expect(at('{ claims }', createViewer('', { c: 0 }))).toEqual({
      code: 'FORBIDDEN',
      claims: ['d'],
    });
    expect(at('{ claims }', createViewer('', { c: null }))).toEqual({
      code: 'FORBIDDEN',
      claims: ['c', 'd'],
    });
  });

  test('step-up: what meets all rules', () => {
    const refusals = api.refusals('{ tighter { s } }', { viewer: createViewer() });
    expect(refusals).toEqual([
      {
        path: ['tighter'],
        coordinate: 'Query.tighter',
        code: 'UNAUTHENTICATED',
        acr: ['gold', 'silver'],
        maxAge: 60,
      },
    ]);
    const older = createViewer('', { acr: 'gold', auth_time: now });
    expect(api.refusals('{ tighter { s } }', { viewer: older })).toEqual([
      { path: ['tighter', 's'], coordinate: 'Young.s', code: 'UNAUTHENTICATED', acr: ['silver'] },
    ]);
  });

  test('refusals never say what the token has', async () => {
    const viewer = createViewer('hidden-scope', {
      hidden: 'hidden-claim',
      acr: 'hidden-acr',
      auth_time: 1234,
    });
    for (const field of Object.keys(fields)) {
      const response = await api.post({ query: `{ ${field} }` }, viewer);
      const text = `${await response.text()} ${response.headers.get('www-authenticate')}`;
      expect(text).not.toMatch(/hidden|1234/);
    }
  });
});

describe('where', () => {
  test('the coordinate of what was supplied, where only that is refused', () => {
    const supplied = new RulesApi(
      'type Query { x(in: In, e: E): Int @auth } input In { i: Int @auth(scope: "i") } enum E { V @auth(scope: "v") }',
    );
    const coordinates = (operation: string) =>
      supplied.refusals(operation, { viewer: createViewer() }).map((one) => one.coordinate);
    expect(coordinates('{ x(in: { i: 1 }) }')).toEqual(['In.i']);
    expect(coordinates('{ x(e: V) }')).toEqual(['E.V']);
    expect(supplied.refusals('{ x(e: V) }')[0]).toEqual({
      path: ['x'],
      coordinate: 'Query.x',
      code: 'UNAUTHENTICATED',
      scope: 'v',
    });
  });

  test('each selection once, from the outside in', () => {
    const refusals = api.refusals('{ x: a y: a both { id } both { id } a }', {
      viewer: createViewer(),
    });
    expect(refusals.map(({ path }) => path.join('.'))).toEqual(['x', 'y', 'both', 'a']);
  });
});
