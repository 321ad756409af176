import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import type { Policy } from '../../src/authorization/rules/policies.ts';
import { createViewer, type OperationOutcome, RulesApi } from '../support/rules-api.ts';

const types = `
  type Query { f: String @auth(policy: "p") arg(a: Int @auth(policy: "p")): String t: T e: E u: U }
  type Mutation { m: String @auth(policy: "p") }
  type Subscription { s: String @auth(policy: "p") }
  type T @auth(policy: "p") { s: String }
  enum E { PLAIN V @auth(policy: "p") }
  union U @auth(policy: "p") = P
  type P { s: String }
`;
const data = { f: 'f', arg: 'a', t: { s: 's' }, e: 'V', u: { __typename: 'P', s: 's' } };

// What JavaScript would allow a policy to return.
const returning = (result: unknown): Policy => Object.assign(() => result);

const viewer = createViewer('read', { acr: 'basic', auth_time: 1_799_999_000 });
const plain = { status: 403, error: 'FORBIDDEN' };
const scopeError = (scope: string) =>
  `Bearer realm="graphql", error="insufficient_scope", error_description="The access token is missing a scope that this operation requires.", scope="${scope}"`;
const stepUpError = (parameters: string) =>
  `Bearer realm="graphql", error="insufficient_user_authentication", error_description="A stronger or more recent sign-in is required.", ${parameters}`;

interface DenialCase {
  readonly status: number;
  readonly error: string;
  readonly challenge?: string;
  /** What onPolicyError gets. */
  readonly reported?: string;
}

const cases: readonly (readonly [name: string, result: unknown, expected: DenialCase])[] = [
  ['no reason', { kind: 'policy' }, plain],
  ['a code', { kind: 'policy', code: 'ARCHIVED' }, { status: 403, error: 'ARCHIVED' }],
  [
    'the code UNAUTHENTICATED, which would have clients sign in',
    { kind: 'policy', code: 'UNAUTHENTICATED' },
    { ...plain, reported: 'code' },
  ],
  ['a code in lower case', { kind: 'policy', code: 'gone' }, { ...plain, reported: 'code' }],
  [
    'a code of 65 characters',
    { kind: 'policy', code: 'A'.repeat(65) },
    { ...plain, reported: 'code' },
  ],
  ['a code that is a number', { kind: 'policy', code: 1 }, { ...plain, reported: 'code' }],
  [
    'a message of 301 characters',
    { kind: 'policy', message: 'm'.repeat(301) },
    { ...plain, reported: 'message' },
  ],
  [
    'a message of two lines',
    { kind: 'policy', message: 'a\nb' },
    { ...plain, reported: 'message' },
  ],
  ['an empty message', { kind: 'policy', message: ' ' }, { ...plain, reported: 'message' }],
  ['no kind', { message: 'No.' }, { ...plain, reported: 'kind' }],
  ['the kind claims', { kind: 'claims', claims: ['a'] }, { ...plain, reported: 'kind' }],
  [
    'a scope',
    { kind: 'scope', scope: 'write' },
    { status: 403, error: 'FORBIDDEN scope=write', challenge: scopeError('write') },
  ],
  [
    'scopes, of which the viewer has one',
    { kind: 'scope', scope: 'read write' },
    { status: 403, error: 'FORBIDDEN scope=read write', challenge: scopeError('read write') },
  ],
  [
    'a scope that the viewer has: a client would ask for it again and again',
    { kind: 'scope', scope: 'read' },
    { ...plain, reported: 'that the viewer has' },
  ],
  [
    'a scope that the viewer has by another one',
    { kind: 'scope', scope: 'list' },
    { ...plain, reported: 'that the viewer has' },
  ],
  ['an empty scope', { kind: 'scope', scope: '' }, { ...plain, reported: 'scope' }],
  ['a scope with a quote', { kind: 'scope', scope: 'a"b' }, { ...plain, reported: 'scope' }],
  ['two spaces', { kind: 'scope', scope: 'a  b' }, { ...plain, reported: 'scope' }],
  ['a list of scopes', { kind: 'scope', scope: ['a'] }, { ...plain, reported: 'scope' }],
  [
    '1,001 characters of scopes',
    { kind: 'scope', scope: 's'.repeat(1_001) },
    { ...plain, reported: 'scope' },
  ],
  [
    'a class',
    { kind: 'step-up', acr: ['strong'] },
    {
      status: 401,
      error: 'UNAUTHENTICATED acr=strong',
      challenge: stepUpError('acr_values="strong"'),
    },
  ],
  [
    'a class that the viewer has, and an age that is too large',
    { kind: 'step-up', acr: ['basic'], maxAge: 60 },
    { status: 401, error: 'UNAUTHENTICATED maxAge=60', challenge: stepUpError('max_age="60"') },
  ],
  [
    'a class and an age that the viewer has',
    { kind: 'step-up', acr: ['basic'], maxAge: 86_400 },
    { ...plain, reported: 'that the viewer has' },
  ],
  ['a step-up to nothing', { kind: 'step-up' }, { ...plain, reported: 'acr nor maxAge' }],
  ['no class', { kind: 'step-up', acr: [] }, { ...plain, reported: 'acr' }],
  ['a class with a space', { kind: 'step-up', acr: ['a b'] }, { ...plain, reported: 'acr' }],
  [
    '21 classes',
    { kind: 'step-up', acr: Array.from({ length: 21 }, String) },
    { ...plain, reported: 'acr' },
  ],
  ['half a second', { kind: 'step-up', maxAge: 0.5 }, { ...plain, reported: 'maxAge' }],
  ['a negative age', { kind: 'step-up', maxAge: -1 }, { ...plain, reported: 'maxAge' }],
  ['an age that is text', { kind: 'step-up', maxAge: '60' }, { ...plain, reported: 'maxAge' }],
];

const operations: readonly (readonly [operation: string, path: string])[] = [
  ['{ f }', 'f'],
  ['{ arg(a: 1) }', 'arg'],
  ['{ t { s } }', 't'],
  ['{ e }', 'e'],
  ['{ u { __typename } }', 'u'],
  ['mutation { m }', 'm'],
  ['subscription { s }', 's'],
];

describe('a policy that denies with', () => {
  test.each(cases)('%s', async (_name, result, { status, error, challenge, reported }) => {
    const options = { data, scopeHierarchy: { read: ['list'] } };
    // Half of the places get a promise.
    const p: Policy = (input) =>
      returning(/^[afm]/.test(input.info.fieldName) ? Promise.resolve(result) : result)(input);
    const api = new RulesApi(types, { ...options, policies: { p } });
    for (const [operation, path] of operations) {
      const outcome = await api.execute(operation, { viewer });
      expect(outcome.errors).toEqual({ [path]: error });
      // An object or a value is refused while the rest of the query has run.
      const isWhole = ['f', 'arg', 'm', 's'].includes(path);
      if (isWhole) expect(outcome.status).toBe(status);
      if (isWhole && challenge) expect(outcome.challenge).toBe(challenge);
      const logged = api.logged.splice(0);
      expect(logged.length).toBe(reported === undefined ? 0 : 1);
      if (reported) expect(String(logged[0]?.[1])).toContain(reported);
      // The log is not to repeat what a policy may have taken from a token.
      expect(String(logged)).not.toContain('mmm');
    }
  });
});

test('a message and a code reach the client as they are, with production errors masked', async () => {
  const message = 'This report is archived. Ask its owner.';
  const api = new RulesApi(types, {
    data,
    policies: { p: () => ({ kind: 'policy', message, code: 'ARCHIVED' }) },
  });
  for (const query of ['{ f }', 'mutation { m }']) {
    const response = await api.post({ query }, viewer);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="graphql"');
    expect(await response.json()).toMatchObject({
      errors: [{ message, extensions: { code: 'ARCHIVED' } }],
    });
  }
});

describe('several refusals have one challenge', () => {
  const policies: Readonly<Record<string, Policy>> = {
    write: () => ({ kind: 'scope', scope: 'write' }),
    remove: () => ({ kind: 'scope', scope: 'delete' }),
    strong: () => ({ kind: 'step-up', acr: ['strong', 'stronger'] }),
    stronger: async () => ({ kind: 'step-up', acr: ['stronger'], maxAge: 60 }),
    archived: () => ({ kind: 'policy', code: 'ARCHIVED' }),
    no: () => false,
    yes: () => true,
  };
  const api = new RulesApi(
    `type Query {
       write: Int @auth(policy: "write") remove: Int @auth(policy: "remove")
       strong: Int @auth(policy: "strong") stronger: Int @auth(policy: "stronger")
       archived: Int @auth(policy: "archived") open: Int
       both: Int @auth(scope: "read", policy: "write")
       acr: Int @auth(acr: "basic", policy: "strong")
     }
     type Mutation {
       write: Int @auth(policy: "write") remove: Int @auth(policy: "remove")
       both: Int @auth(scope: "read", policy: "write") strong: Int @auth(policy: "strong")
     }`,
    { policies },
  );

  test.each<[string, Partial<OperationOutcome>]>([
    ['{ write remove }', { status: 403, challenge: scopeError('write delete') }],
    ['mutation { write remove }', { status: 403, challenge: scopeError('write delete') }],
    // A token with the scope of the policy alone would be refused by the rule.
    ['{ both }', { status: 403, challenge: scopeError('read write') }],
    ['mutation { both }', { status: 403, challenge: scopeError('read write') }],
    [
      '{ strong stronger write }',
      { status: 401, challenge: stepUpError('acr_values="stronger", max_age="60"') },
    ],
    [
      'mutation { write strong }',
      { status: 401, challenge: stepUpError('acr_values="strong stronger"') },
    ],
    ['{ write archived }', { status: 403, challenge: scopeError('write') }],
    // What the rule and the policy accept is not the same: nothing would be sufficient.
    ['{ acr }', { status: 403, challenge: 'Bearer realm="graphql"' }],
  ])('%s', async (operation, expected) => {
    expect(await api.execute(operation, { viewer })).toMatchObject(expected);
  });

  test('in a partial result, as the errors of their fields', async () => {
    const open = await api.execute('{ open write archived }', { viewer });
    expect(open).toMatchObject({
      status: 200,
      errors: { write: 'FORBIDDEN scope=write', archived: 'ARCHIVED' },
    });
  });
});

describe('alternatives', () => {
  const schema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@policy"])
    directive @link(url: String!, import: [String], as: String, for: String) repeatable on SCHEMA
    directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION
    type Query { x: Int @policy(policies: [["a"], ["b", "c"]]) }`;

  test.each<[string, Readonly<Record<'a' | 'b' | 'c', ReturnType<Policy>>>, string | undefined]>([
    ['one that allows', { a: false, b: true, c: true }, undefined],
    ['the easiest', { a: false, b: true, c: { kind: 'scope', scope: 's' } }, 'FORBIDDEN scope=s'],
    [
      'a sign-in before a scope',
      { a: { kind: 'scope', scope: 's' }, b: { kind: 'step-up', maxAge: 1 }, c: true },
      'UNAUTHENTICATED maxAge=1',
    ],
    [
      'fewer scopes',
      { a: { kind: 'scope', scope: 's t' }, b: { kind: 'scope', scope: 'u' }, c: true },
      'FORBIDDEN scope=u',
    ],
    ['the first of equals', { a: { kind: 'policy', code: 'A' }, b: false, c: true }, 'A'],
  ])('%s', async (_name, decisions, error) => {
    for (const toResult of [(value: unknown) => value, async (value: unknown) => value]) {
      const policies = Object.fromEntries(
        Object.entries(decisions).map(([name, value]) => [name, returning(toResult(value))]),
      );
      const api = new RulesApi(schema, {
        data: { x: 1 },
        policies,
        federationDirectives: 'enforce',
      });
      const { errors } = await api.execute('{ x }', { viewer });
      expect(errors).toEqual(error === undefined ? {} : { x: error });
    }
  });
});

test('a thousand denials with classes of their own are bounded like other refusals', async () => {
  const acr = Array.from({ length: 20 }, (_, index) => `class-${index}`.padEnd(49, '-'));
  const api = new RulesApi('type Query { ts: [T] } type T @auth(policy: "p") { s: Int }', {
    data: { ts: Array.from({ length: 1_000 }, (_, index) => ({ s: index })) },
    policies: {
      p: ({ info }) => ({ kind: 'step-up', acr: [...acr.slice(1), `at-${info.path.key}`] }),
    },
  });
  const response = await api.post({ query: '{ ts { s } }' }, viewer);
  expect((await response.text()).length).toBeLessThan(60_000);
});

test('what is unmet is bounded, also if it is different for each object', async () => {
  const api = new RulesApi(`type Query { things: [T] } type T @auth(policy: "p") { a: Int }`, {
    refuse: 'operation',
    data: { things: Array.from({ length: 150_000 }, (_, a) => ({ a })) },
    policies: { p: ({ source }) => ({ kind: 'step-up', maxAge: (source as { a: number }).a }) },
  });
  const { status, challenge } = await api.execute('{ things { a } }', { viewer: createViewer() });
  expect({ status, challenge }).toEqual({ status: 401, challenge: stepUpError('max_age="0"') });
});

describe('definitions', () => {
  const problemsOf = (policies: Readonly<Record<string, unknown>>): readonly string[] => {
    try {
      // What JavaScript would allow.
      const options = Object.assign({ allowNoRules: true }, { policies: Object.create(null) });
      Object.assign(options.policies, policies);
      guardSchema(buildSchema('type Query { x: Int }'), options);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return String(error).replace('TypeError: ', '').split('\n');
    }
    return [];
  };
  const decide = () => true;
  const batched = () => [];

  test.each<[string, unknown, string | undefined]>([
    ['a function', decide, undefined],
    ['decide', { decide, refusedAs: 'null', hidden: true, memo: () => 1 }, undefined],
    ['batched', { batched, maxBatchSize: 10_000, timeoutMs: 60_000 }, undefined],
    ['text', 'yes', 'must be a function'],
    ['nothing', null, 'must be a function'],
    ['neither', {}, 'one of decide'],
    ['both', { decide, batched }, 'one of decide'],
    ['a decision in place of a function', { decide: true }, 'a function as decide'],
    ['an unknown option', { decide, hide: true }, 'no option hide'],
    ['a size without a batch', { decide, maxBatchSize: 1 }, 'no option maxBatchSize'],
    ['a size of zero', { batched, maxBatchSize: 0 }, 'maxBatchSize'],
    ['a size of half', { batched, maxBatchSize: 0.5 }, 'maxBatchSize'],
    ['a size that is too large', { batched, maxBatchSize: 10_001 }, 'maxBatchSize'],
    ['a timeout that is too long', { batched, timeoutMs: 60_001 }, 'timeoutMs'],
    ['a timeout that is text', { batched, timeoutMs: '1s' }, 'timeoutMs'],
    ['a memo that is no function', { decide, memo: true }, 'memo'],
    ['an unknown form', { decide, refusedAs: 'silence' }, 'refusedAs'],
    ['hidden: false', { decide, hidden: false }, 'hidden'],
  ])('%s', (_name, definition, problem) => {
    const found = problemsOf({ p: definition });
    expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
    if (problem) expect(found[0]).toContain('The policy "p"');
  });

  test('all problems of all policies at once', () => {
    expect(problemsOf({ a: 1, b: { batched, timeoutMs: 0, maxBatchSize: 0 }, c: decide })).toEqual([
      expect.stringContaining('"a"'),
      expect.stringContaining('"b"'),
      expect.stringContaining('"b"'),
    ]);
  });
});
