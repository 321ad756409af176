import { makeExecutableSchema } from '@graphql-tools/schema';
import type { IResolvers } from '@graphql-tools/utils';
import { execute, parse, subscribe } from 'graphql';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type AuthContext,
  authDirectives,
  createGate,
  defineFilterPolicy,
  expectAccess,
  type Filters,
  type GuardSchemaOptions,
  guardSchema,
  viewerWith,
} from '../../src/index.ts';
import { createViewer } from '../support/rules-api.ts';

/* Where filter policies can be, and the context that resolvers get. */

const own = defineFilterPolicy({
  filter: ({ viewer }) => ({ owner: viewer.subject }),
  matches: ({ owner }, object) =>
    typeof object === 'object' && object !== null && 'owner' in object && object.owner === owner,
});
const maybe = defineFilterPolicy({
  filter: async ({ viewer }) => viewer.scopes.has('all') || { owner: viewer.subject },
  matches: () => true,
});
const policies = { own, maybe, never: () => false };

type Context = AuthContext & Filters<typeof policies> & { count?: number };

const guard = (types: string, options: GuardSchemaOptions = {}, resolvers: IResolvers = {}) =>
  guardSchema(makeExecutableSchema({ typeDefs: `${authDirectives}\n${types}`, resolvers }), {
    policies,
    ...options,
  });

describe('a filter policy is a problem', () => {
  it.each([
    ['schema @auth(policy: "own") { query: Query } type Query { a: Int }', 'schema { … }'],
    ['type Query @auth(policy: "own") { a: Int }', 'Query'],
    ['type Query { a(b: Int @auth(policy: "own")): Int }', 'Query.a(b:)'],
    ['type Query { a(b: I): Int } input I @auth(policy: "own") { c: Int }', 'I'],
    ['type Query { a(b: I): Int } input I { c: Int @auth(policy: "own") }', 'I.c'],
    ['type Query { a: E } enum E @auth(policy: "own") { X }', 'E'],
    ['type Query { a: E } enum E { X @auth(policy: "own") }', 'E.X'],
    ['type Query { a: S } scalar S @auth(policy: "own")', 'S'],
  ])('in %s', (types, coordinate) => {
    expect(() => guard(types)).toThrow(`${coordinate}: has the filter policy "own"`);
  });

  it('among alternatives', () => {
    const link =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@policy"]) directive @link(url: String!, import: [String]) repeatable on SCHEMA directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION';
    const types = `${link} type Query { a: Int @policy(policies: [["own"], ["never"]]) }`;
    expect(() => guard(types, { federationDirectives: 'enforce' })).toThrow(
      'Query.a: has the filter policy "own" among alternatives',
    );
  });

  it('in shadow on a field, not on a type', () => {
    const report = () => {};
    const types =
      'type Query { a: T @auth(policy: "own") b: T } type T @auth(policy: "own") { c: Int }';
    expect(() => guard(types, { shadow: { report } })).toThrow('shadow covers Query.a');
    expect(() => guard(types, { shadow: { report, coordinates: ['Query.a'] } })).toThrow(TypeError);
    guard(types, { shadow: { report, coordinates: ['T'] } });
  });

  const wrong: readonly (readonly [definition: object, problem: string])[] = [
    [{ filter: () => true }, 'must have a function as matches'],
    [{ filter: true, matches: () => true }, 'must have a function as filter'],
    [{ filter: () => true, matches: () => true, decide: () => true }, 'one of decide, batched'],
    [{ filter: () => true, match: () => true }, 'unknown option'],
  ];
  it.each(wrong)('with %j', (definition, problem) => {
    const options = { policies: JSON.parse('{}') as Record<string, never> };
    Object.assign(options.policies, { own: definition });
    expect(() => guard('type Query { a: Int @auth(policy: "own") }', options)).toThrow(problem);
  });
});

/** The context that the resolver of a field with a filter policy gets, for a given context. */
async function contextOf(given: object, use: (context: Context) => unknown): Promise<unknown> {
  let result: unknown;
  const schema = guard(
    'type Query { a: Int @auth(policy: "own") }',
    {},
    {
      Query: {
        a(_source, _args, context: Context) {
          context.filter('own');
          result = use(context);
        },
      },
    },
  );
  const { errors } = await execute({ schema, document: parse('{ a }'), contextValue: given });
  expect(errors).toBeUndefined();
  return result;
}

describe('the context of the resolver', () => {
  const viewer = createViewer();

  it('has everything of the context of the operation, and a filter', async () => {
    const given = Object.freeze({ viewer, a: 1, [Symbol.for('b')]: 2 });
    await contextOf(given, (context) => {
      expect({ ...context }).toEqual({ ...given, filter: expect.any(Function) });
      expect(Object.keys(context)).toEqual(['viewer', 'a', 'filter']);
      expect('filter' in context && 'a' in context && !('c' in context)).toBe(true);
    });
  });

  it('is written through, and has the class and the accessors of the given one', async () => {
    class Given {
      viewer = viewer;
      #secret = 3;
      get secret() {
        return this.#secret;
      }
    }
    const given = new Given();
    await contextOf(given, (context) => {
      expect(context instanceof Given && context.secret).toBe(3);
      context.count = 1;
      expect(Reflect.set(context, 'filter', () => true)).toBe(false);
    });
    expect({ ...given }).toEqual({ viewer, count: 1 });
  });

  it('runs the methods of the class on the given one, which has its private members', async () => {
    class Given extends Map<string, number> {
      viewer = viewer;
      #secret = 3;
      count = 0;
      add(by: number) {
        this.count += by;
        return this.#secret + by;
      }
    }
    const given = new Given([['a', 1]]);
    await contextOf(given, (context) => {
      if (!(context instanceof Given)) throw new Error('another class');
      expect([context.add(2), context.get('a'), context.count]).toEqual([5, 1, 2]);
      const { add } = context;
      expect(context.add).toBe(add);
      expect(context.constructor).toBe(Given);
      expect(Object.keys(context)).toContain('filter');
      expect(context.add.call(new Given(), 1)).toBe(4);
    });
    expect(given.count).toBe(2);
  });

  it('keeps a filter member of the application out of the way', async () => {
    const given = { viewer, filter: () => 'of the application' };
    expect(await contextOf(given, (context) => context.filter('own'))).toEqual({ owner: 'viewer' });
    expect(given.filter()).toBe('of the application');
  });

  it('has no filter after the resolver has returned', async () => {
    const late = await contextOf({ viewer }, (context) => () => context.filter('own'));
    expect(late).toThrow('was called after the resolver of Query.a had returned');
  });
});

it('asks once, and counts as taken, where a tool wraps the resolver in place', async () => {
  let asked = 0;
  const counted = defineFilterPolicy({
    filter: ({ viewer }) => {
      asked += 1;
      return { owner: viewer.subject };
    },
    matches: () => true,
  });
  const schema = guard(
    'type Query { a: String @auth(policy: "own") }',
    { policies: { own: counted } },
    { Query: { a: (_source, _args, context: Context) => context.filter('own').owner } },
  );
  const field = schema.getQueryType()?.getFields()['a'];
  const guarded = field?.resolve;
  if (!field || !guarded) throw new Error('no resolver');
  field.resolve = (source, args, context, info) => guarded(source, args, { ...context }, info);
  const contextValue = { viewer: createViewer() };
  expect(await execute({ schema, document: parse('{ a }'), contextValue })).toEqual({
    data: { a: 'viewer' },
  });
  expect(asked).toBe(1);
});

it('reports the field and the policy of a resolver that takes no filter', async () => {
  const reported: unknown[][] = [];
  const gate = createGate({
    authenticator: { authenticate: async () => createViewer() },
    onPolicyError: (error, policy) => reported.push([String(error), policy]),
  });
  const schema = guard('type Query { a: Int @auth(policy: "own") }', {}, { Query: { a: () => 1 } });
  const contextValue = { viewer: createViewer() };
  const allowed = await gate.authorize({ schema, document: parse('{ a }'), contextValue });
  if (allowed.kind === 'refused') throw new Error('refused');
  const result = await execute(allowed.args);
  expect(result).toMatchObject({ data: { a: null }, errors: [{ message: 'Unexpected error.' }] });
  expect(reported).toEqual([
    [expect.stringMatching(/^Error: The resolver of Query\.a did not take .* "own"/), 'own'],
  ]);
});

describe('a subscription', () => {
  const viewer = createViewer();
  const types = `
    type Query { a: Int }
    type Subscription { events(how: String): Event @auth(policy: "own") }
    type Event @auth(policy: "own") { id: Int }
  `;
  let ended = 0;
  async function* events(take: () => unknown) {
    try {
      take();
      yield { events: { id: 1, owner: 'viewer' } };
      yield { events: { id: 2, owner: 'other' } };
    } finally {
      ended += 1;
    }
  }
  const schema = guard(
    types,
    {},
    {
      Subscription: {
        events: {
          subscribe: (_source, { how }, context: Context) => {
            if (how === 'before') context.filter('own');
            return events(() => how === 'generator' && context.filter('own'));
          },
        },
      },
    },
  );
  const start = (how: string) =>
    subscribe({
      schema,
      document: parse(`subscription { events(how: "${how}") { id } }`),
      contextValue: { viewer },
    });

  it.each(['before', 'generator'])('takes the filter: %s', async (how) => {
    const results = await start(how);
    if (!(Symbol.asyncIterator in results)) throw new Error('no stream');
    const found: unknown[] = [];
    for await (const { data } of results) found.push(data?.['events']);
    expect(found).toEqual([{ id: 1 }, null]);
  });

  it('ends its source if it takes none', async () => {
    ended = 0;
    const results = await start('never');
    if (!(Symbol.asyncIterator in results)) throw new Error('no stream');
    await expect(results[Symbol.asyncIterator]().next()).rejects.toThrow('Unexpected error.');
    expect(ended).toBe(1);
  });
});

it('is evaluated by expectAccess', async () => {
  const schema = guard(
    'type Query { a: T @auth(policy: "own") b: T } type T @auth(policy: "own") { c: Int }',
  );
  await expectAccess(schema)
    .by({ ada: viewerWith({ subject: 'ada' }), bob: viewerWith({ subject: 'bob' }) })
    .withPolicies({ 'Query.a': {}, T: { source: { owner: 'ada' } } })
    .toContain({ 'Query.b': ['ada'], 'T.c': ['ada'] });
});

it('has the types of the filters', () => {
  type Filter = Filters<typeof policies>['filter'];
  const filter: Filter = () => {
    throw new Error('only its type matters');
  };
  const types = () => {
    expectTypeOf(filter('own')).toEqualTypeOf<{ owner: string }>();
    expectTypeOf(filter('maybe')).toEqualTypeOf<{ owner: string } | undefined>();
    // @ts-expect-error: it is not a filter policy.
    filter('never');
    // @ts-expect-error: there is no such policy.
    filter('other');
  };
  expect(types).toBeTypeOf('function');
});
