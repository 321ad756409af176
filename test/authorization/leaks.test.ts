import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  buildSchema,
  defaultFieldResolver,
  execute,
  GraphQLSchema,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import { createGate } from '../../src/gate/gate.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

/* Each way in which directive-based authorization is known to leak, as a test that it does not here. */

describe('known leaks of directive layers', () => {
  test('a field of an interface is guarded, reached through the implementer', async () => {
    const api = new RulesApi(
      'type Query { t: T i: I } interface I { s: String @auth } type T implements I { s: String }',
      { data: { t: { s: 'secret' }, i: { __typename: 'T', s: 'secret' } } },
    );
    for (const outcome of [
      await api.execute('{ t { s } i { s } }'),
      await api.alone('{ t { s } i { s } }'),
    ]) {
      expect(outcome.data).toEqual({ t: { s: null }, i: { s: null } });
    }
  });

  test('a field of the implementer is guarded, reached through the interface', async () => {
    const api = new RulesApi(
      'type Query { i: I } interface I { s: String } type T implements I { s: String @auth }',
      { data: { i: { __typename: 'T', s: 'secret' } } },
    );
    expect((await api.execute('{ i { s } }')).data).toEqual({ i: { s: null } });
    expect((await api.alone('{ i { ...F } } fragment F on I { s }')).data).toEqual({
      i: { s: null },
    });
  });

  test('a guarded type does not leak through a field or interface that has no rule', async () => {
    const api = new RulesApi(
      'type Query { i: [I] u: [U] } interface I { s: String } union U = T type T implements I @auth { s: String }',
      { data: { i: [{ __typename: 'T', s: 'secret' }], u: [{ __typename: 'T', s: 'secret' }] } },
    );
    for (const operation of ['{ i { s } }', '{ u { __typename } }', '{ i { __typename } }']) {
      expect(await api.execute(operation)).toMatchObject({ status: 401, ran: [] });
      expect(Object.values((await api.alone(operation)).data as object)).toEqual([null]);
    }
  });

  test('a mutation that returns a guarded type does not run', async () => {
    const api = new RulesApi(
      'type Query { a: Int } type Mutation { make: G makeMany: [G!] } type G @auth { s: String }',
      { data: { make: {}, makeMany: [{}] } },
    );
    for (const operation of ['mutation { make { __typename } }', 'mutation { makeMany { s } }']) {
      expect(await api.execute(operation)).toMatchObject({ status: 401, ran: [] });
      expect((await api.alone(operation)).ran).toEqual([]);
    }
  });

  test('every one of several rules applies, not the first', async () => {
    const extended = makeExecutableSchema({
      typeDefs: `${authDirectives} type Query { x: T @auth(scope: "a") } type T implements I & J @auth(scope: "b") { s: String @auth(scope: "c") }
        interface I @auth(scope: "d") { s: String @auth(scope: "e") } interface J { s: String @auth(scope: "f") }`,
      resolvers: { Query: { x: () => ({ s: 'secret' }) } },
    });
    const schema = guardSchema(extended);
    const all = ['a', 'b', 'c', 'd', 'e', 'f'];
    const document = parse('{ x { s } }');
    for (const missing of all) {
      const viewer = createViewer(all.filter((one) => one !== missing).join(' '));
      expect(findRefusals({ schema, document, viewer })).toHaveLength(1);
      const { data } = await execute({ schema, document, contextValue: { viewer } });
      expect(JSON.stringify(data)).not.toContain('secret');
    }
    const viewer = createViewer(all.join(' '));
    const { data } = await execute({ schema, document, contextValue: { viewer } });
    expect(data).toEqual({ x: { s: 'secret' } });
  });

  test('the rule of a type does not discard the rule of its field, nor the reverse', () => {
    const api = new RulesApi(
      'type Query { t: T } type T @auth(scope: "t") { s: Int @auth(scope: "s") }',
    );
    const paths = (scope: string) =>
      api
        .refusals('{ t { s } }', { viewer: createViewer(scope) })
        .map(({ path }) => path.join('.'));
    expect(paths('s')).toEqual(['t']);
    expect(paths('t')).toEqual(['t.s']);
    expect(paths('t s')).toEqual([]);
  });

  test('Relay’s node(id) gives no more than the type itself', async () => {
    const api = new RulesApi(
      `type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node] }
       interface Node { id: ID! }
       type Note implements Node @auth(scope: "notes") { id: ID! text: String }
       type Page implements Node { id: ID! }`,
      {
        data: {
          node: { __typename: 'Note', id: 'n', text: 'secret' },
          nodes: [
            { __typename: 'Page', id: 'p' },
            { __typename: 'Note', id: 'n', text: 'secret' },
          ],
        },
      },
    );
    const operation = '{ node(id: 1) { id ... on Note { text } } nodes(ids: [1, 2]) { id } }';
    expect(await api.execute(operation, { viewer: createViewer('pages') })).toMatchObject({
      status: 200,
      data: { node: null, nodes: [{ id: 'p' }, null] },
      errors: { node: 'FORBIDDEN scope=notes', 'nodes.1': 'FORBIDDEN scope=notes' },
    });
  });

  test('aliases are no way around', async () => {
    const api = new RulesApi('type Query { open: Int closed: String @auth }', {
      data: { open: 1, closed: 'secret' },
    });
    expect((await api.execute('{ open: closed closed: open __typename }')).data).toEqual({
      open: null,
      closed: 1,
      __typename: 'Query',
    });
  });

  test('@auth on enum values, scalars and arguments is not ignored', async () => {
    const api = new RulesApi(
      'type Query { e: [E] k: K x(a: Int @auth): String } enum E { PLAIN SECRET @auth } scalar K @auth',
      { data: { e: ['PLAIN', 'SECRET'], k: 'secret', x: 'secret' } },
    );
    expect((await api.execute('{ e k x(a: 1) }')).data).toEqual({
      e: ['PLAIN', null],
      k: null,
      x: null,
    });
  });

  test('an @auth with a null requirement does not let everybody through', () => {
    expect(() => new RulesApi('type Query { x: Int @auth(scope: null) }')).toThrow(
      'scope must be a list',
    );
  });
});

describe('no decision is kept', () => {
  const types =
    'type Query { open: Int closed: String @auth(scope: "a") ts: [T] } type T { s: E } enum E { P secret @auth(scope: "a") }';
  const data = { open: 1, closed: 'secret', ts: [{ s: 'secret' }] };
  const viewers = [
    createViewer('a'),
    createViewer('b'),
    undefined,
    createViewer('a'),
    createViewer('b'),
  ];

  test('for another viewer of the same document', async () => {
    const api = new RulesApi(types, { data });
    for (const viewer of [...viewers, ...viewers]) {
      const question = viewer ? { viewer } : {};
      const mayHave = viewer?.scopes.has('a') === true;
      expect((await api.execute('{ open closed ts { s } }', question)).data).toEqual({
        open: 1,
        closed: mayHave ? 'secret' : null,
        ts: [{ s: mayHave ? 'secret' : null }],
      });
    }
  });

  test('for other variables of the same document', async () => {
    const api = new RulesApi('type Query { x(a: Int @auth): Int y: Int @auth }', {
      data: { x: 1, y: 1 },
    });
    const operation = 'query ($a: Int, $if: Boolean!) { x(a: $a) y @include(if: $if) }';
    const statuses: number[] = [];
    for (const variables of [
      { if: false },
      { a: 1, if: false },
      { if: false },
      { if: true },
      { a: null, if: true },
    ]) {
      statuses.push((await api.execute(operation, { variables })).status);
    }
    expect(statuses).toEqual([200, 401, 200, 200, 401]);
  });

  test('for concurrent operations of one batch', async () => {
    const api = new RulesApi('type Query { x(a: Int @auth(policy: "no")): String }', {
      data: { x: 'given' },
      policies: { no: async () => false },
    });
    const query = 'query ($a: Int) { x(a: $a) }';
    const response = await api.post(
      [{ query, variables: { a: 1 } }, { query }, { query, variables: { a: 2 } }],
      createViewer(),
    );
    const bodies: unknown = await response.json();
    const refused = { errors: [{ path: ['x'], extensions: { code: 'FORBIDDEN' } }] };
    expect(bodies).toMatchObject([refused, { data: { x: 'given' } }, refused]);
  });

  test('for several operations of one document', () => {
    const api = new RulesApi(types, { data });
    const document = 'query A { open } query B { closed }';
    for (const [operationName, count] of [
      ['A', 0],
      ['B', 1],
      ['A', 0],
      ['B', 1],
    ] as const) {
      expect(api.refusals(document, { operationName })).toHaveLength(count);
    }
  });
});

describe('guards by themselves', () => {
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: `${authDirectives} type Query { x: String @auth i: I } interface I { s: String } type T implements I @auth { s: String }`,
      resolvers: { Query: { x: () => 'secret', i: () => ({ __typename: 'T', s: 'secret' }) } },
    }),
  );
  test.each([
    ['none', undefined],
    ['null', null],
    ['text', 'viewer'],
    ['empty', {}],
    ['a viewer that is null', { viewer: null }],
    ['a viewer without a kind', { viewer: { scopes: new Set(), claims: {} } }],
    ['a viewer of another kind', { viewer: { kind: 'admin', scopes: new Set(), claims: {} } }],
    ['scopes that are no set', { viewer: { kind: 'authenticated', scopes: ['a'], claims: {} } }],
    ['no claims', { viewer: { kind: 'authenticated', scopes: new Set() } }],
    ['an anonymous viewer', { viewer: { kind: 'anonymous', scopes: new Set(['a']), claims: {} } }],
  ])('a context that is %s is refused', async (_name, contextValue) => {
    const { data, errors } = await execute({
      schema,
      document: parse('{ x i { s } }'),
      contextValue,
    });
    expect(data).toEqual({ x: null, i: null });
    expect(errors?.map((error) => error.extensions['code'])).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
  });

  test('introspection switches nothing off', async () => {
    const document = parse(
      '{ __schema { queryType { name } } __type(name: "T") { name } x i { s } }',
    );
    const { data } = await execute({ schema, document, contextValue: {} });
    expect(data).toMatchObject({ x: null, i: null, __type: { name: 'T' } });
  });

  test('a schema that was changed after guardSchema is rejected', () => {
    const changed = mapSchema(schema, {
      [MapperKind.OBJECT_FIELD]: (config) => ({ ...config, resolve: defaultFieldResolver }),
    });
    const request = { document: parse('{ x }'), viewer: createViewer() };
    expect(() => findRefusals({ schema: changed, ...request })).toThrow(
      /changed after guardSchema/,
    );
    expect(() =>
      findRefusals({ schema: new GraphQLSchema(schema.toConfig()), ...request }),
    ).toThrow(/changed after/);
    expect(() =>
      findRefusals({ schema: buildSchema('type Query { x: Int }'), ...request }),
    ).toThrow(/not guarded/);
  });

  test('returned values of guarded enums are checked however they come', async () => {
    // biome-ignore lint/suspicious/noThenProperty: what the executor would wait for.
    const thenable = { then: (done: (value: string) => void) => done('secret') };
    const values: readonly unknown[] = [
      'secret',
      Promise.resolve('secret'),
      thenable,
      ['P', 'secret'],
      ['P', Promise.resolve('secret')],
      [thenable, 'P'],
      new Set(['secret']),
      (function* () {
        yield 'secret';
        yield 'P';
      })(),
    ];
    const typeDefs = `${authDirectives} type Query { ${values.map((value, index) => `v${index}: ${typeof value === 'object' && value !== null && Symbol.iterator in value ? '[E]' : 'E'}`).join(' ')} nested: [[E!]] f: E } enum E { P secret @auth }`;
    const root = Object.fromEntries(values.map((value, index) => [`v${index}`, value]));
    const built = guardSchema(buildSchema(typeDefs));
    const result = await execute({
      schema: built,
      document: parse(`{ ${Object.keys(root).join(' ')} nested f }`),
      rootValue: { ...root, nested: [['P'], ['P', 'secret']], f: () => 'secret' },
      contextValue: {},
    });
    expect(result.data).toEqual({
      v0: null,
      v1: null,
      v2: null,
      v3: ['P', null],
      v4: ['P', null],
      v5: [null, 'P'],
      v6: [null],
      v7: [null, 'P'],
      nested: [['P'], null],
      f: null,
    });
    expect(result.errors?.map((error) => error.path?.join('.')).sort()).toEqual([
      'f',
      'nested.1.1',
      'v0',
      'v1',
      'v2',
      'v3.1',
      'v4.1',
      'v5.0',
      'v6.0',
      'v7.0',
    ]);
  });

  test('a refused value does not end a list that comes item by item', async () => {
    const api = new RulesApi('type Query { list: [E] } enum E { P secret @auth }', {
      resolvers: {
        Query: {
          list: async function* () {
            yield 'P';
            yield 'secret';
            yield 'P';
          },
        },
      },
    });
    for (const outcome of [
      await api.execute('{ list }'),
      await api.alone('{ list }', {}, 'tools'),
    ]) {
      expect(outcome.data).toEqual({ list: ['P', null, 'P'] });
      expect(outcome.errors).toEqual({ 'list.1': 'UNAUTHENTICATED' });
    }
  });

  test('enum values are known by their own values, not by their names', async () => {
    const internal = guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { e: [E] } enum E { A B @auth }`,
        resolvers: { E: { A: 1, B: 2 }, Query: { e: () => [1, 2] } },
      }),
    );
    const result = await execute({ schema: internal, document: parse('{ e }'), contextValue: {} });
    expect(result.data).toEqual({ e: ['A', null] });
  });

  test('defaults of the schema do not count as supplied if the sent variables are known', async () => {
    const inputs = guardSchema(
      makeExecutableSchema({
        typeDefs: `${authDirectives} type Query { x(in: In): Int } input In { i: Int = 1 @auth j: Int }`,
        resolvers: { Query: { x: () => 1 } },
      }),
    );
    const variableValues = { v: { j: 1 } };
    const args = {
      schema: inputs,
      document: parse('query ($v: In) { x(in: $v) }'),
      variableValues,
    };
    const gate = createGate({ authenticator: { authenticate: async () => anonymousViewer } });
    const execution = await gate.authorize({ ...args, contextValue: {} });
    if (execution.kind === 'refused') throw new Error('Refused.');
    expect((await execute(execution.args)).data).toEqual({ x: 1 });
    // Without a gate: rather too strict than too lax.
    expect((await execute({ ...args, contextValue: {} })).data).toEqual({ x: null });
  });
});

describe('subscriptions, the guards by themselves', () => {
  test('a refused source never starts, and each event is guarded', async () => {
    let started = 0;
    const schema = buildSchema(
      `${authDirectives} type Query { a: Int } type Subscription { closed: String @auth events: T } type T { s: E } enum E { P secret @auth }`,
    );
    const fields = schema.getSubscriptionType()?.getFields() ?? {};
    for (const field of Object.values(fields)) {
      field.subscribe = async function* source() {
        started += 1;
        for (const s of ['P', 'secret', 'P', 'secret']) yield { events: { s }, closed: 'secret' };
      };
    }
    const guarded = guardSchema(schema);
    const document = parse('subscription { closed }');
    expect(validate(guarded, document)).toEqual([]);
    const refused = await subscribe({ schema: guarded, document, contextValue: {} });
    expect(refused).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(started).toBe(0);

    const stream = await subscribe({
      schema: guarded,
      document: parse('subscription { events { s } }'),
      contextValue: {},
    });
    if (!(Symbol.asyncIterator in stream)) throw new Error('No stream.');
    const events: unknown[] = [];
    for await (const { data } of stream) events.push(data?.['events']);
    expect(events).toEqual([{ s: 'P' }, { s: null }, { s: 'P' }, { s: null }]);
  });
});
