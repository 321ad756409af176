import { describe, expect, test } from 'vitest';
import type { PolicyDefinition } from '../../src/authorization/rules/policy-definition.ts';
import type { RefusalEvent } from '../../src/gate/refusal-events.ts';
import { createViewer, type OperationOutcome, RulesApi } from '../support/rules-api.ts';

const types = `
  type Query {
    open: String
    f: String @auth(policy: "p") arg(a: Int @auth(policy: "p")): String
    t: T ts: [T] e: E es: [E]
    scoped: String @auth(policy: "scoped") denied: String @auth(policy: "denied")
  }
  type Mutation { m: String @auth(policy: "p") scoped: String @auth(policy: "scoped") n: String }
  type Subscription { s: String @auth(policy: "p") }
  type T @auth(policy: "p") { s: String }
  enum E { PLAIN V @auth(policy: "p") }
`;
const t = { s: 's' };
const data = { open: 'o', f: 'f', arg: 'a', t, ts: [t, t], e: 'V', es: ['PLAIN', 'V'] };
const viewer = createViewer('read');
const unavailable = { kind: 'unavailable' } as const;

/** Policies that cannot decide, in each kind of definition. */
const policies: Readonly<Record<string, PolicyDefinition>> = {
  'a promise': async () => unavailable,
  omitted: { refusedAs: 'omitted', decide: async () => unavailable },
  null: { refusedAs: 'null', memo: () => 1, decide: () => unavailable },
  batched: { batched: async (inputs) => inputs.map(() => unavailable) },
  filter: { filter: () => unavailable, matches: () => true },
};

const createApi = (p: PolicyDefinition, onRefusal: (event: RefusalEvent) => void = () => {}) =>
  new RulesApi(types, {
    data,
    onRefusal,
    policies: { p, scoped: () => ({ kind: 'scope', scope: 'write' }), denied: () => false },
  });

const error = 'SERVICE_UNAVAILABLE';
const whole = (path: string) => ({ status: 503, challenge: null, errors: { [path]: error } });
const part = (errors: Readonly<Record<string, string>>) => ({ challenge: null, errors });

describe.each(Object.entries(policies).filter(([name]) => name !== 'filter'))(
  'a policy that cannot decide (%s) is an error, and not a denial:',
  (_name, p) => {
    const api = createApi(p);

    test.each<[string, Partial<OperationOutcome>]>([
      ['{ f }', whole('f')],
      ['{ arg(a: 1) }', whole('arg')],
      ['{ open f }', { status: 200, data: { open: 'o', f: null }, ...part({ f: error }) }],
      ['{ t { s } }', part({ t: error })],
      ['{ ts { s } }', part({ 'ts.0': error, 'ts.1': error })],
      ['{ e }', part({ e: error })],
      ['{ es }', { data: { es: ['PLAIN', null] }, ...part({ 'es.1': error }) }],
      ['mutation { m }', { ...whole('m'), ran: [] }],
      ['mutation { n m }', { ...whole('m'), ran: [] }],
      // What a client can do something about comes first.
      ['{ f scoped }', { status: 403, errors: { f: error, scoped: 'FORBIDDEN scope=write' } }],
      ['{ f denied }', { status: 403, errors: { f: error, denied: 'FORBIDDEN' } }],
      ['mutation { m scoped }', { status: 403, ran: [] }],
    ])('%s', async (operation, expected) => {
      for (const outcome of [
        await api.execute(operation, { viewer }),
        await api.executeDirectly(operation, { viewer }),
      ]) {
        expect(outcome).toMatchObject(expected);
      }
      expect(api.logged).toEqual([]);
    });
  },
);

test('a list without holes is null, not shorter', async () => {
  const api = new RulesApi('type Query { ts: [T!] } type T @auth(policy: "p") { s: Int }', {
    data,
    policies: { p: { refusedAs: 'omitted', decide: () => unavailable } },
  });
  const outcome = await api.execute('{ ts { s } }', { viewer });

  expect(outcome.data).toEqual({ ts: null });
  expect(Object.values(outcome.errors)).toEqual([error]);
});

test('a subscription does not start', async () => {
  const outcome = await createApi(() => unavailable).execute('subscription { s }', { viewer });

  expect(outcome).toMatchObject({ ...whole('s'), ran: [] });
});

test('a filter policy can say so too', async () => {
  const { filter } = policies;
  const api = new RulesApi('type Query { f: String @auth(policy: "p") }', {
    data,
    policies: { p: filter ?? (() => false) },
  });

  expect(await api.execute('{ f }', { viewer })).toMatchObject({ ...whole('f'), ran: [] });
});

test('the response says when to try again, and onRefusal gets the reason', async () => {
  const events: RefusalEvent[] = [];
  const api = createApi(
    () => unavailable,
    (event) => events.push(event),
  );

  for (const query of ['{ f }', 'mutation { m }']) {
    const response = await api.post({ query }, viewer);

    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({
      errors: [{ message: 'Access cannot be checked at the moment. Try again later.' }],
    });
    expect(events.splice(0)).toMatchObject([{ reason: 'unavailable', code: error, status: 503 }]);
  }
});

test('beyond a hundred errors, the summary has the same code', async () => {
  const api = new RulesApi('type Query { ts: [T] } type T @auth(policy: "p") { s: Int }', {
    data: { ts: Array.from({ length: 102 }, () => t) },
    policies: { p: () => unavailable },
  });
  const { errors } = await api.execute('{ ts { s } }', { viewer });

  expect(Object.keys(errors)).toHaveLength(101);
  expect(new Set(Object.values(errors))).toEqual(new Set([error, `${error} refused=2`]));
});

describe('a hidden policy that cannot decide denies, like for what does not exist:', () => {
  test.each([
    ['error', '{ f t { s } missing { s } }'],
    ['null', '{ f t { s } missing { s } }'],
    ['omitted', '{ f t { s } missing { s } ss { s } none { s } }'],
  ] as const)('%s: %s', async (refusedAs, operation) => {
    const types = `type Query { f: String @auth(policy: "p") t: T missing: T
      ${refusedAs === 'omitted' ? 'ss: [T!] none: [T!]' : ''} }
      type T @auth(policy: "p") { s: String }`;
    const outcomes = ['unavailable', 'denied'].map(async (result) => {
      const decide = () => result === 'unavailable' && unavailable;
      const policies: Readonly<Record<string, PolicyDefinition>> = {
        p: { hidden: true, refusedAs, decide },
      };
      const api = new RulesApi(types, { data: { ...data, ss: [t], none: [] }, policies });
      return (await api.post({ query: operation }, viewer)).text();
    });
    const [first, second] = await Promise.all(outcomes);

    expect(first).toBe(second);
  });
});

describe('of alternatives', () => {
  const schema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@policy"])
    directive @link(url: String!, import: [String], as: String, for: String) repeatable on SCHEMA
    directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION
    type Query { x: Int @policy(policies: [["a"], ["b"]]) }`;

  test.each<[string, PolicyDefinition, PolicyDefinition, Record<string, string>]>([
    ['one that allows is sufficient', () => unavailable, () => true, {}],
    ['one that cannot decide might allow', () => unavailable, () => false, { x: error }],
    [
      'even if another one says what would be sufficient',
      () => ({ kind: 'scope', scope: 'write' }),
      () => unavailable,
      { x: error },
    ],
  ])('%s', async (_name, a, b, errors) => {
    const api = new RulesApi(schema, {
      data: { x: 1 },
      policies: { a, b },
      federationDirectives: 'enforce',
    });

    expect((await api.execute('{ x }', { viewer })).errors).toEqual(errors);
  });
});

test('a rule in shadow does not report what it cannot decide', async () => {
  const reported: unknown[] = [];
  const api = new RulesApi('type Query { f: String @auth(policy: "p") }', {
    data,
    policies: { p: () => unavailable },
    shadow: { report: (refusal) => reported.push(refusal) },
  });

  expect(await api.execute('{ f }', { viewer })).toMatchObject({ data: { f: 'f' } });
  expect(reported).toEqual([]);
});
