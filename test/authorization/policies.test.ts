import { describe, expect, test } from 'vitest';
import type { AuthenticatedViewer } from '../../src/authentication/viewer.ts';
import {
  notDelegated,
  type Policy,
  type PolicyInput,
} from '../../src/authorization/rules/policies.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

const asked: PolicyInput[] = [];
const note =
  (result: Policy): Policy =>
  (question) => {
    asked.push(question);
    return result(question);
  };
// What JavaScript would allow a policy to return.
const returning = (result: unknown): Policy =>
  Object.assign(() => JSON.parse(JSON.stringify(result)));

const results: readonly (readonly [string, Policy, boolean])[] = [
  ['true', () => true, true],
  ['a promise of true', async () => true, true],
  ['false', () => false, false],
  ['a promise of false', async () => false, false],
  ['something truthy', returning('yes'), false],
  ['one', returning(1), false],
  ['null', returning(null), false],
  ['nothing', Object.assign(() => {}), false],
  [
    'a throw',
    () => {
      throw new Error('thrown');
    },
    false,
  ],
  [
    'a throw of nothing',
    () => {
      throw undefined;
    },
    false,
  ],
  ['a rejected promise', () => Promise.reject(new Error('rejected')), false],
  ['a promise of something truthy', async () => returning({})(asked[0] as PolicyInput), false],
];

describe('results of a policy', () => {
  test.each(results)('%s', async (_name, policy, isAllowed) => {
    const schema = `
      type Query { x: String @auth(policy: "p") y(a: Int @auth(policy: "p")): String t: T e: E ts: [T] u: U }
      type Mutation { x: String @auth(policy: "p") before: String }
      type T @auth(policy: "p") { s: String }
      enum E { plain secret @auth(policy: "p") }
      union U @auth(policy: "p") = P
      type P { s: String }
    `;
    const data = {
      x: 'secret',
      y: 'secret',
      t: { s: 'secret' },
      ts: [{ s: 'secret' }],
      e: 'secret',
      before: 'done',
      u: { __typename: 'P', s: 'secret' },
    };
    const api = new RulesApi(schema, { data, policies: { p: policy } });
    const viewer = createViewer();
    const operation = '{ x y(a: 1) t { s } ts { s } e u { ... on P { s } } }';
    const whole = {
      x: 'secret',
      y: 'secret',
      t: { s: 'secret' },
      ts: [{ s: 'secret' }],
      e: 'secret',
      u: { s: 'secret' },
    };
    const none = { x: null, y: null, t: null, ts: [null], e: null, u: null };
    for (const result of [
      await api.execute(operation, { viewer }),
      await api.alone(operation, { viewer }),
      await api.alone(operation, { viewer }, 'tools'),
    ]) {
      expect(result.data).toEqual(isAllowed ? whole : none);
      expect(Object.keys(result.errors)).toHaveLength(isAllowed ? 0 : 6);
      expect(new Set(Object.values(result.errors))).toEqual(
        new Set(isAllowed ? [] : ['FORBIDDEN']),
      );
    }
    const mutation = await api.execute('mutation { before x }', { viewer });
    expect(mutation).toMatchObject(
      isAllowed
        ? { status: 200, ran: ['Mutation.before', 'Mutation.x'] }
        : { status: 403, errors: { x: 'FORBIDDEN' }, ran: [] },
    );
  });

  test('what it throws goes to the log, and not to the client', async () => {
    const api = new RulesApi('type Query { x: String @auth(policy: "p") }', {
      policies: { p: () => Promise.reject(new Error('the cause')) },
    });
    const response = await api.post({ query: '{ x }' }, createViewer());
    expect(await response.text()).not.toContain('cause');
    expect(response.status).toBe(403);
    expect(JSON.stringify(api.logged.map(([text, error]) => [text, String(error)]))).toContain(
      'the cause',
    );
  });
});

describe('what a policy sees', () => {
  const schema = `
    type Query {
      x(a: Int = 3, b: [Int]): X @auth(policy: "sees")
      xs: [X]
    }
    type X { own(c: E = B): String @auth(policy: "sees") arg(d: Int @auth(policy: "sees")): String open: String y: Y }
    type Y @auth(policy: "sees") { s: String t: String }
    enum E { A B }
  `;
  const data = { x: { name: 'parent', own: 'o', arg: 'a', y: { name: 'y', s: 's', t: 't' } } };
  const api = new RulesApi(schema, {
    data: { ...data, xs: [data.x, data.x] },
    policies: { sees: note(() => true) },
  });
  const ask = async (operation: string, viewer = createViewer('a')) => {
    asked.length = 0;
    await api.execute(operation, { viewer });
    return asked.map(({ source, args }) => [source, args]);
  };

  test('a field: its parent object and its coerced arguments', async () => {
    expect(await ask('{ x(b: 1) { own } }')).toEqual([
      [undefined, { a: 3, b: [1] }],
      [data.x, { c: 'B' }],
    ]);
  });
  test('an argument: the same', async () => {
    expect(await ask('{ xs { arg(d: 1) arg2: arg } }')).toEqual([
      [data.x, { d: 1 }],
      [data.x, { d: 1 }],
    ]);
  });
  test('a type: the object itself, once for each object', async () => {
    expect(await ask('{ xs { y { s t __typename } } }')).toEqual([
      [data.x.y, {}],
      [data.x.y, {}],
    ]);
  });
  test('the viewer and the context', async () => {
    await ask('{ xs { y { s } } }');
    expect(asked[0]?.viewer.scopes).toEqual(new Set(['a']));
    expect(asked[0]?.context).toMatchObject({ viewer: asked[0]?.viewer });
    expect(asked[0]?.info.fieldName).toBe('y');
  });
});

describe('when policies run', () => {
  test('policies do not run for anonymous viewers, nor for viewers with another unmet requirement', async () => {
    const api = new RulesApi(
      `type Query { x: String @auth(policy: "p", scope: "a") t: [T] u: U e: E }
       type Mutation { x: String @auth(policy: "p", maxAge: 1) }
       type T @auth(policy: "p", claims: "c") { s: String }
       union U @auth(policy: "p", scope: "a") = P type P { s: String }
       enum E { V @auth(policy: "p", scope: "a") }`,
      { data: { t: [{}], u: { __typename: 'P' }, e: 'V' }, policies: { p: note(() => true) } },
    );
    asked.length = 0;
    for (const viewer of [anonymousViewer, createViewer('b')]) {
      for (const operation of ['{ x t { s } u { __typename } e }', '{ e }', 'mutation { x }']) {
        await api.execute(operation, { viewer });
        await api.alone(operation, { viewer });
      }
    }
    expect(asked).toEqual([]);
  });

  test('the policy of a union runs after the rule of the object’s type', async () => {
    const api = new RulesApi(
      'type Query { u: [U] } union U @auth(policy: "p") = A | B type A { s: Int } type B @auth(maxAge: 1) { s: Int }',
      {
        data: { u: [{ __typename: 'B' }, { __typename: 'A' }] },
        policies: { p: note(() => false) },
      },
    );
    asked.length = 0;
    const result = await api.alone('{ u { __typename } }', { viewer: createViewer() });
    expect(result.errors).toEqual({ 'u.0': 'UNAUTHENTICATED maxAge=1', 'u.1': 'FORBIDDEN' });
    expect(asked.map(({ source }) => source)).toEqual([{ __typename: 'A' }]);
  });

  test('all root policies of a mutation run before any field, and those after the first run again before theirs', async () => {
    const order: string[] = [];
    const api = new RulesApi(
      `type Query { a: Int } type Mutation @auth(policy: "root") {
         one: Int @auth(policy: "first") two(a: Int @auth(policy: "argument")): Int @auth(policy: "second") three: E skipped: Int @auth(policy: "never") }
       enum E @auth(policy: "leaf") { V }`,
      {
        policies: Object.fromEntries(
          ['root', 'first', 'second', 'argument', 'leaf', 'never'].map((name) => [
            name,
            async ({ info }: PolicyInput) => {
              order.push(`${name} of ${info.path.key}`);
              return true;
            },
          ]),
        ),
        resolvers: {
          Mutation: {
            one: () => order.push('one runs'),
            two: () => order.push('two runs'),
            three: () => {
              order.push('three runs');
              return 'V';
            },
          },
        },
      },
    );
    const result = await api.execute(
      'mutation { one other: two(a: 1) three skipped @skip(if: true) }',
      { viewer: createViewer() },
    );
    expect(result).toMatchObject({ status: 200, data: { one: expect.any(Number), three: 'V' } });
    const runs = order.findIndex((entry) => entry.endsWith('runs'));
    expect(order.slice(runs)).toEqual([
      'one runs',
      'root of other',
      'second of other',
      'argument of other',
      'two runs',
      'root of three',
      'leaf of three',
      'three runs',
    ]);
    expect(order.slice(0, runs)).toEqual([
      'root of one',
      'root of other',
      'root of three',
      'first of one',
      'second of other',
      'leaf of three',
      'argument of other',
    ]);
  });

  test('several policies run in order, until one denies', async () => {
    const names: string[] = [];
    const policy =
      (name: string, result: boolean): Policy =>
      async () => {
        names.push(name);
        return result;
      };
    const api = new RulesApi('type Query { x: Int @auth(policy: ["a", "b", "c"]) }', {
      policies: { a: policy('a', true), b: policy('b', false), c: policy('c', true) },
    });
    expect((await api.execute('{ x }', { viewer: createViewer() })).status).toBe(403);
    expect(names).toEqual(['a', 'b']);
  });

  test('each object is decided by itself', async () => {
    const api = new RulesApi(
      'type Query { ts: [T] } type T @auth(policy: "mine") { s: String f: String @auth(policy: "mine") }',
      {
        data: {
          ts: [
            { s: 'plain', mine: true, f: 'plain' },
            { s: 'secret', mine: false, f: 'secret' },
          ],
        },
        policies: { mine: ({ source }) => JSON.stringify(source).includes('"mine":true') },
      },
    );
    expect(await api.execute('{ ts { s f } }', { viewer: createViewer() })).toMatchObject({
      data: { ts: [{ s: 'plain', f: 'plain' }, null] },
      errors: { 'ts.1': 'FORBIDDEN' },
    });
  });

  test('a name that every object has is no policy', () => {
    expect(() => new RulesApi('type Query { x: Int @auth(policy: "toString") }')).toThrow(
      'names the policy "toString"',
    );
  });
});

describe('refusals that come when the executor has stopped waiting do not end the process', () => {
  // In a list of non-null items it stops at the first error that it meets at once, and leaves the
  // promises of the other items to themselves.
  const schema = `
    type Query { nodes: [Node!] values: [E!] fields: [T!] mixed: [Node!] }
    interface Node { s: String }
    type Later implements Node @auth(policy: "later") { s: String }
    type Slow implements Node { s: String inner: Inner! }
    type Inner { s: String! @auth(scope: "a") }
    type AtOnce implements Node { s: String now: String! @auth(scope: "a") }
    type T { s: String! @auth(policy: "later") now: String! @auth(scope: "a") }
    enum E { PLAIN LATER @auth(policy: "later") }`;
  const soon = <Value>(value: Value): Promise<Value> =>
    new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(value))));

  test.each([
    ['of a type, beside a null', '{ nodes { s } }'],
    ['of an enum value, beside a null', '{ values }'],
    ['of a non-null field, beside another one', '{ fields { s now } }'],
    [
      'of what another resolver takes its time for',
      '{ mixed { ... on Slow { inner { s } } ... on AtOnce { now } } }',
    ],
  ])('%s', async (_name, operation) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', listen);
    try {
      const api = new RulesApi(schema, {
        data: {
          nodes: [{ __typename: 'Later' }, null],
          values: [soon('LATER'), 'LATER', null],
          fields: [{ s: 's' }, {}],
          mixed: [{ __typename: 'Slow' }, { __typename: 'AtOnce' }],
        },
        resolvers: { Slow: { inner: () => soon({}) } },
        policies: { later: () => soon(false) },
      });
      for (const executor of ['graphql', 'tools'] as const) {
        const result = await api.alone(operation, { viewer: createViewer() }, executor);
        expect(Object.values(record(result.data))).toEqual([null]);
      }
      await soon(undefined);
      await soon(undefined);
      await soon(undefined);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});

function record(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new Error('No object.');
  return value;
}

describe('notDelegated', () => {
  const schema = `type Query { q: String @auth(policy: "notDelegated") } type Mutation { m: String @auth(policy: "notDelegated") }`;
  const api = new RulesApi(schema, { data: { q: 'secret' }, policies: { notDelegated } });
  const act = { sub: 'service' };

  test.each<[string, Partial<AuthenticatedViewer>, boolean]>([
    ['the subject itself', {}, true],
    ['no actors', { actors: [] }, true],
    ['act: null', { claims: { act: null } }, true],
    ['an actor', { actors: [{ subject: 'service', claims: act }], claims: { act } }, false],
    ['an actor without a subject', { actors: [{ claims: {} }] }, false],
    ['a viewer made by hand, with the claim alone', { claims: { act } }, false],
    ['a viewer made by hand, with a claim that is not an object', { claims: { act: 'a' } }, false],
  ])('%s', async (_name, parts, isAllowed) => {
    const viewer = { ...createViewer(), ...parts };
    for (const query of ['{ q }', 'mutation { m }']) {
      const response = await api.post({ query }, viewer);
      expect(response.status).toBe(isAllowed ? 200 : 403);
    }
  });
});
