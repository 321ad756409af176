import { buildSchema, type GraphQLFieldResolver } from 'graphql';
import { expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { accessRules } from '../../src/authorization/review/access-rules.ts';
import type { Policy } from '../../src/authorization/rules/policies.ts';
import { subgraphDefinitions } from '../support/federation.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* `_entities` and `_service`, which libraries for Apollo Federation add to a subgraph. */

const types = `
  type Query { hello: String @public }
  interface Media @auth(scope: "media") { id: ID }
  type Book implements Media { id: ID title: String }
  type Film implements Media @auth(scope: "films") { id: ID title: String }
  type Account @auth(scope: "accounts") { id: ID balance: String @auth(scope: "balances") }
  type Note @auth(policy: "mine") { id: ID text: String }
  type Page { id: ID text: String secret: String @auth(scope: "pages") }
  ${subgraphDefinitions('Account | Note | Page | Book | Film')}
`;

const operation = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Account { id balance }
    ... on Note { text }
    ... on Page { text secret }
    ... on Book { title }
    ... on Film { title }
  }
}`;

/** A subgraph that records which entities are loaded. */
function createSubgraph(types: string) {
  const loaded: string[] = [];
  const entities: GraphQLFieldResolver<unknown, unknown> = (_source, { representations }) =>
    representations.map((one: { __typename: string; id?: string }) => {
      loaded.push(one.__typename);
      const __typename = one.__typename === 'Media' ? 'Film' : one.__typename;
      const entity = {
        ...one,
        __typename,
        text: 'text',
        title: 'title',
        balance: '1',
        secret: '2',
      };
      return one.id === 'later' ? Promise.resolve(entity) : entity;
    });
  const api = new RulesApi(types, {
    policies: { mine: ({ source }) => JSON.stringify(source).includes('"mine"') },
    resolvers: { Query: { _entities: entities, _service: () => ({ sdl: types }) } },
  });
  return { api, takeLoaded: () => loaded.splice(0) };
}

const { api, takeLoaded } = createSubgraph(types);

const page = { __typename: 'Page', id: '1' };
const account = { __typename: 'Account', id: '2' };
const note = (id: string) => ({ __typename: 'Note', id });
const publicPage = { __typename: 'Page', text: 'text', secret: null };

interface EntitiesCase {
  readonly case: string;
  readonly scope?: string;
  readonly representations: readonly object[];
  readonly expected: readonly unknown[];
  readonly errors?: Readonly<Record<string, string>>;
  /** The types of the entities that were loaded. */
  readonly loaded: readonly string[];
}

test.each<EntitiesCase>([
  {
    case: 'an entity that everyone can read',
    representations: [page],
    expected: [publicPage],
    errors: { '_entities.0.secret': 'UNAUTHENTICATED scope=pages' },
    loaded: ['Page'],
  },
  {
    case: 'a refused entity is not loaded, and others keep their place',
    representations: [account, page, account, { ...page, id: 'later' }],
    expected: [null, publicPage, null, publicPage],
    errors: {
      '_entities.0': 'UNAUTHENTICATED scope=accounts',
      '_entities.2': 'UNAUTHENTICATED scope=accounts',
      '_entities.1.secret': 'UNAUTHENTICATED scope=pages',
      '_entities.3.secret': 'UNAUTHENTICATED scope=pages',
    },
    loaded: ['Page', 'Page'],
  },
  {
    case: 'nothing is loaded if every entity is refused',
    scope: 'pages',
    representations: [account],
    expected: [null],
    errors: { '_entities.0': 'FORBIDDEN scope=accounts' },
    loaded: [],
  },
  {
    case: 'the rule of a field of an entity',
    scope: 'accounts',
    representations: [account],
    expected: [{ __typename: 'Account', id: '2', balance: null }],
    errors: { '_entities.0.balance': 'FORBIDDEN scope=accounts balances' },
    loaded: ['Account'],
  },
  {
    case: 'everything is met',
    scope: 'accounts balances',
    representations: [account],
    expected: [{ __typename: 'Account', id: '2', balance: '1' }],
    loaded: ['Account'],
  },
  {
    case: 'policies get the entity',
    scope: '',
    representations: [note('mine'), note('theirs')],
    expected: [{ __typename: 'Note', text: 'text' }, null],
    errors: { '_entities.1': 'FORBIDDEN' },
    loaded: ['Note', 'Note'],
  },
  {
    case: 'the rule of an interface of the entity',
    scope: 'films',
    representations: [
      { __typename: 'Book', id: '3' },
      { __typename: 'Film', id: '4' },
    ],
    expected: [null, null],
    errors: {
      '_entities.0': 'FORBIDDEN scope=media',
      '_entities.1': 'FORBIDDEN scope=films media',
    },
    loaded: [],
  },
  {
    case: 'an interface as an entity, of which every type is refused',
    scope: '',
    representations: [{ __typename: 'Media', id: '5' }],
    expected: [null],
    errors: { '_entities.0': 'FORBIDDEN scope=media' },
    loaded: [],
  },
  {
    case: 'an interface as an entity, of which the object is refused',
    scope: 'media',
    representations: [{ __typename: 'Media', id: '5' }],
    expected: [null],
    errors: { '_entities.0': 'FORBIDDEN scope=films media' },
    loaded: ['Media'],
  },
])('$case', async ({ scope, representations, expected, errors = {}, loaded }) => {
  const options = {
    variables: { representations },
    ...(scope === undefined ? {} : { viewer: createViewer(scope) }),
  };
  for (const run of [
    () => api.execute(operation, options),
    () => api.alone(operation, options),
    () => api.alone(operation, options, 'tools'),
  ]) {
    const outcome = await run();
    expect(outcome).toMatchObject({ data: { _entities: expected }, errors });
    expect(Object.keys(outcome.errors)).toHaveLength(Object.keys(errors).length);
    expect(takeLoaded()).toEqual(loaded);
  }
});

test('policies see what was loaded, and nothing of the arguments of _entities', async () => {
  const seen: unknown[] = [];
  const see: Policy = ({ source, args }) => seen.push({ source, args }) > 0;
  const types = `
    type Query { hello: String }
    type Note @auth(policy: "see") { id: ID }
    type Page { id: ID text: String @auth(policy: "see") }
    ${subgraphDefinitions('Note | Page')}
  `;
  // As libraries do: with a __resolveReference, and without one.
  const entities: GraphQLFieldResolver<unknown, unknown> = (_source, { representations }) =>
    representations.map((one: { __typename: string; id: string }) =>
      one.__typename === 'Note' ? { __typename: 'Note', id: one.id } : one,
    );
  const subgraph = new RulesApi(types, {
    policies: { see },
    resolvers: { Query: { _entities: entities, _service: () => ({ sdl: types }) } },
  });
  const representations = ['Note', 'Page'].map((__typename) => ({
    __typename,
    id: '1',
    owner: 'x',
  }));

  await subgraph.execute(
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Note { id } ... on Page { text } } }',
    { variables: { representations }, viewer: createViewer() },
  );
  expect(seen).toEqual([
    { source: { __typename: 'Note', id: '1' }, args: {} },
    { source: representations[1], args: {} },
  ]);
});

test.each([[['Account']], [[['Account']]], [{ name: 'Account' }], [1]])(
  'nothing is loaded if the __typename of a representation is %j',
  async (__typename) => {
    const outcome = await api.execute(operation, {
      variables: { representations: [page, { __typename, id: '2' }] },
      viewer: createViewer(),
    });
    expect(outcome).toMatchObject({ status: 200, data: null });
    expect(takeLoaded()).toEqual([]);
  },
);

test('if every type of entity is refused, the whole operation is', async () => {
  const closed = createSubgraph(`
    type Query { hello: String @public }
    type Account @auth(scope: "accounts") { id: ID }
    ${subgraphDefinitions('Account')}
  `);
  const outcome = await closed.api.execute(
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }',
    { variables: { representations: [account] }, viewer: createViewer() },
  );
  expect(outcome).toMatchObject({ status: 403, errors: { _entities: 'FORBIDDEN scope=accounts' } });
  expect(closed.takeLoaded()).toEqual([]);
});

const open = `
  schema @auth { query: Query }
  type Query { hello: String @public }
  type Account { id: ID @public balance: String }
  ${subgraphDefinitions('Account')}
`;

test('schema @auth leaves them open, and guards the entities', async () => {
  const subgraph = createSubgraph(open);
  const outcome = await subgraph.api.execute(
    'query ($representations: [_Any!]!) { _service { sdl } _entities(representations: $representations) { ... on Account { id balance } } }',
    { variables: { representations: [account] } },
  );
  expect(outcome).toMatchObject({
    status: 200,
    data: { _service: { sdl: open }, _entities: [{ id: '2', balance: null }] },
    errors: { '_entities.0.balance': 'UNAUTHENTICATED' },
  });
  expect(
    accessRules(subgraph.api.schema).flatMap(({ coordinate, access }) =>
      access === 'public' ? [coordinate] : [],
    ),
  ).toEqual(['Query.hello', 'Query._entities', 'Query._service', 'Account.id', '_Service.sdl']);
});

test.each(['root-fields', 'all-fields'] as const)('requireRuleOn: %s', (requireRuleOn) => {
  const text = `${authDirectives} ${subgraphDefinitions('T')}
    type Query { t: T @auth }
    type T { id: ID @auth }`;
  expect(() => guardSchema(buildSchema(text), { requireRuleOn })).not.toThrow();
});

test('fields of the same names are no exception elsewhere', () => {
  const text = (fields: string): string =>
    `${authDirectives} schema @auth { query: Query } type Query { ${fields} } type T { _service: String }`;
  const rules = accessRules(
    guardSchema(buildSchema(text('_service: T _entities(representations: [ID]): [T]'))),
  );
  expect(rules.map(({ access }) => access)).toEqual(rules.map(() => 'authenticated'));
});

test('the rule of the query type applies to them', () => {
  const text = `${authDirectives} type Query @auth { t: T } type T { id: ID } ${subgraphDefinitions('T')}`;
  const rules = accessRules(guardSchema(buildSchema(text)));
  expect(rules.find(({ coordinate }) => coordinate === 'Query._service')?.access).toBe(
    'authenticated',
  );
});
