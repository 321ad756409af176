import { makeExecutableSchema } from '@graphql-tools/schema';
import { useResponseCache } from '@graphql-yoga/plugin-response-cache';
import {
  buildClientSchema,
  buildSchema,
  GraphQLError,
  type GraphQLSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type ValidationRule,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  type AuthContext,
  anonymous,
  authDirectives,
  guardSchema,
  useAuth,
  useViewerIntrospection,
  type Viewer,
  viewerWith,
} from '../../src/index.ts';
import { connectAs, subscribeTo } from '../subscriptions/raw-socket.ts';
import { type SubscriptionApi, startApi } from '../subscriptions/start-api.ts';

/* Introspection by viewer tells no one a name that is not in their part of the schema. */

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  interface HasQuery {
    query: Query
  }
  interface Covered {
    vault: Vault @auth(scope: "s")
  }
  type Query implements HasQuery & Covered {
    query: Query
    hello: String
    must: String!
    breaks: String!
    open(plain: Int, classified: Covert @auth(scope: "s"), by: Order, filter: Filter): Open
    needs(offering: Occult!): String
    orders(by: [Order!]): [Order]
    node: Node
    either: Either
    vault: Vault @auth(scope: "s")
    vaults: [Vault!]! @auth(scope: "s")
  }
  type Mutation {
    ping: Ping
  }
  type Subscription {
    tick: Ping
  }
  type Ping implements HasQuery {
    query: Query
    ok: Boolean
  }
  type Open {
    name: String
    self: Open
    buried(depth: Fathoms!): Trove @auth(scope: "s")
  }
  type Vault {
    gold: Int
    trove: Trove
  }
  type Trove {
    gems: Int
  }
  interface Node {
    id: ID
    shadow: ID @auth(scope: "s")
  }
  type Plain implements Node {
    id: ID
    shadow: ID
    size: Int
  }
  type Mask implements Node @auth(scope: "s") {
    id: ID
    shadow: ID
    size: String
  }
  union Either = Open | Mask
  enum Order {
    NAME
    UNDERHAND @auth(scope: "s")
  }
  enum Covert @auth(scope: "s") {
    BLACK
  }
  input Filter {
    name: String
    hush: Hushed @auth(scope: "s")
  }
  input Hushed {
    whisper: String
  }
  input Occult {
    ritual: String! @auth(scope: "s")
    moon: Int!
  }
  input Fathoms {
    depth: Int!
  }
`;

const ran: string[] = [];
const note = (name: string, value: unknown) => (): unknown => {
  ran.push(name);
  return value;
};
const everything = makeExecutableSchema({
  typeDefs,
  resolvers: {
    Query: {
      query: note('Query.query', {}),
      hello: note('Query.hello', 'world'),
      must: note('Query.must', 'must'),
      breaks: note('Query.breaks', null),
      open: note('Query.open', { name: 'n' }),
    },
    Mutation: { ping: note('Mutation.ping', { ok: true, query: {} }) },
    Subscription: {
      tick: {
        async *subscribe() {
          ran.push('Subscription.tick');
          yield { tick: { ok: true, query: {} } };
        },
      },
    },
  },
});
const schema = guardSchema(everything);

const viewers: Readonly<Record<'nobody' | 'plain' | 'all', Viewer>> = {
  nobody: anonymous,
  plain: viewerWith({ scopes: [] }),
  all: viewerWith({ scopes: ['s'] }),
};
type Who = keyof typeof viewers;

const auth = () =>
  useAuth({
    authenticator: {
      authenticate: async ({ headers }) => {
        const who = headers.get('authorization');
        return who === 'all' || who === 'plain' ? viewers[who] : anonymous;
      },
    },
  });

function serve(plugins: (Plugin | Plugin<AuthContext>)[], served: GraphQLSchema = schema) {
  const yoga = createYoga<object>({ schema: served, logging: false, plugins });
  return async (who: Who, query: string, variables: object = {}, accept = 'application/json') => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: who },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
  };
}

const ask = serve([auth(), useViewerIntrospection()]);

describe('introspection that is not at the root of a query refuses the operation', () => {
  it.each([
    ['below a field', '{ hello query { __schema { types { name } } } }'],
    ['of one type', '{ query { __type(name: "Vault") { name } } }'],
    [
      'below a field of a mutation',
      'mutation { ping { query { __type(name: "Vault") { name } } } }',
    ],
    ['of a mutation', 'mutation { ping { query { __schema { types { name } } } } }'],
    ['of a subscription', 'subscription { tick { query { __schema { types { name } } } } }'],
    ['under an alias', '{ a: query { b: __schema { types { name } } } }'],
    [
      'at the root too',
      '{ ...F query { ...F } } fragment F on Query { __schema { types { name } } }',
    ],
    ['in a fragment', '{ query { ...F } } fragment F on Query { __schema { types { name } } }'],
    [
      'in a fragment of a fragment',
      '{ query { ...F } } fragment F on Query { ...G } fragment G on Query { __type(name: "Vault") { name } }',
    ],
    [
      'through an interface of the query type',
      'mutation { ping { ... on HasQuery { query { ... on HasQuery { ... on Query { __schema { types { name } } } } } } } }',
    ],
    ['that is skipped', '{ query { __schema @skip(if: true) { types { name } } } }'],
    [
      'that a variable leaves out',
      'query ($if: Boolean = false) { query { ... @include(if: $if) { __schema { types { name } } } } }',
    ],
    ['in the operation that is named alone', 'query { query { __type(name: "Vault") { name } } }'],
  ])('%s', async (_, query) => {
    for (const who of ['nobody', 'all'] as const) {
      ran.length = 0;
      const accept = query.startsWith('subscription') ? 'text/event-stream' : 'application/json';
      const { status, text } = await ask(who, query, {}, accept);
      expect(text).toContain('Introspection is only available at the root of a query.');
      expect(text).toContain('"code":"BAD_REQUEST"');
      expect(text).not.toMatch(/gold|gems|"data":\{/);
      if (accept === 'application/json') expect(status).toBe(400);
      expect(ran).toEqual([]);
    }
  });

  test('in another operation of the document refuses nothing', async () => {
    const yoga = createYoga<object, AuthContext>({
      schema,
      logging: false,
      plugins: [auth(), useViewerIntrospection()],
    });
    const query = 'query A { hello __typename } query B { query { __schema { types { name } } } }';
    const status = async (operationName: string) =>
      (
        await yoga.fetch('http://localhost/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, operationName }),
        })
      ).status;
    expect([await status('A'), await status('B')]).toEqual([200, 400]);
  });
});

describe('introspection at the root is one execution with the rest', () => {
  const whole = serve([auth()]);
  const apart = serve([auth(), useViewerIntrospection()]);

  // To a viewer who meets every rule, the result is what it is without the plugin, byte by byte.
  it.each<[string, string, object?]>([
    ['alone', '{ __schema { queryType { name } } }'],
    ['beside data', '{ hello __schema { queryType { name } } must }'],
    [
      'by itself under an alias',
      '{ a: __type(name: "Open") { name } hello b: __type(name: "X") { name } }',
    ],
    [
      'merged',
      '{ __schema { queryType { name } } ...F } fragment F on Query { hello __schema { mutationType { name } } }',
    ],
    [
      'in a fragment that is spread under two conditions',
      'query ($no: Boolean!) { ...F @include(if: $no) hello ...F } fragment F on Query { __type(name: "Open") { name fields { name } } }',
      { no: false },
    ],
    [
      'through an interface',
      '{ ... on HasQuery { query { hello } ... on Query { __schema { queryType { name } } } } }',
    ],
    [
      'left out',
      'query ($if: Boolean!) { hello __schema @include(if: $if) { queryType { name } } }',
      { if: false },
    ],
    ['skipped, alone', '{ __schema @skip(if: true) { queryType { name } } }'],
    [
      'with variables of its own and others',
      'query ($name: String!, $by: [Order!], $old: Boolean) { __type(name: $name) { enumValues(includeDeprecated: $old) { name } } orders(by: $by) }',
      { name: 'Order', by: ['NAME'], old: true },
    ],
    ['beside a field that fails', '{ __schema { queryType { name } } hello vaults { gold } }'],
    ['beside a null that takes everything along', '{ __schema { queryType { name } } breaks }'],
    [
      'with an argument that fails',
      'query ($name: String = "Open") { hello __type(name: $name) { name } }',
      { name: null },
    ],
    [
      'with an argument that fails and takes everything along',
      'query ($old: Boolean = true) { hello __schema { directives(includeDeprecated: $old) { name } } }',
      { old: null },
    ],
    [
      'with variables that fail',
      'query ($a: Int!) { __schema { queryType { name } } open(plain: $a) { name } }',
      { a: 'x' },
    ],
    ['with its type names', '{ __typename __schema { __typename queryType { __typename } } }'],
    [
      'under a name of Object.prototype',
      '{ __proto__: __type(name: "Open") { name } constructor: hello toString: __schema { queryType { name } } }',
    ],
    [
      'with fragments on the types of introspection',
      '{ __schema { types { ...T } } __type(name: "Open") { ...T } } fragment T on __Type { kind name fields { ...F } } fragment F on __Field { name }',
    ],
  ])('%s', async (_, query, variables) => {
    const expected = await whole('all', query, variables);
    const result = await apart('all', query, variables);
    expect(result.text).toBe(expected.text);
    expect(result.status).toBe(expected.status);
  });

  it.each([
    ['what is refused beside it', '{ __schema { queryType { name } } vault { gold } }', 200],
    ['what takes everything along', '{ __schema { queryType { name } } vaults { gold } }', 401],
  ])('%s is refused as without it', async (_, query, status) => {
    const [expected, result] = [await whole('nobody', query), await apart('nobody', query)];
    expect(result.status).toBe(status);
    expect(result.text).toBe(expected.text);
  });

  it('works through an interface that the viewer cannot see', async () => {
    const query =
      '{ ... on Covered { ... on Query { __type(name: "Covered") { name } ...F } } } fragment F on Covered { ... on Query { a: __type(name: "Open") { name } } }';
    expect((await apart('nobody', query)).body).toEqual({
      data: { __type: null, a: { name: 'Open' } },
    });
  });

  it('resolves each field once', async () => {
    ran.length = 0;
    await apart(
      'nobody',
      '{ hello __schema { queryType { name } } ...F } fragment F on Query { hello must __type(name: "Open") { name } }',
    );
    expect(ran).toEqual(['Query.hello', 'Query.must']);
  });

  it('is refused with a query type that is refused', async () => {
    const closed = guardSchema(buildSchema(`${authDirectives} type Query @auth { s: Int }`));
    const result = await serve([auth(), useViewerIntrospection()], closed)(
      'nobody',
      '{ __schema { queryType { name fields { name } } } }',
    );
    expect(result.body).toEqual({
      data: { __schema: { queryType: { name: 'Query', fields: [{ name: '_empty' }] } } },
    });
  });
});

describe('a schema for each request', () => {
  const tenant = (name: string) =>
    guardSchema(
      buildSchema(
        `${authDirectives} type Query { of${name}: ${name} secret${name}: Int @auth } type ${name} { x: Int }`,
      ),
    );
  const tenants = { Alpha: tenant('Alpha'), Beta: tenant('Beta') };

  it('shows each the names of its own', async () => {
    const yoga = createYoga<{ tenant: keyof typeof tenants }, AuthContext>({
      schema: (context) => tenants[context.tenant],
      logging: false,
      plugins: [auth(), useViewerIntrospection()],
    });
    const seenBy = async (name: keyof typeof tenants, query: string) => {
      const response = await yoga.fetch(
        'http://localhost/graphql',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        },
        { tenant: name },
      );
      return response.text();
    };
    for (const query of [
      getIntrospectionQuery(),
      '{ __type(name: "Alpha") { name } }',
      '{ __type(name: "Beta") { name } }',
      '{ ofAlhpa { x } ofBeta { y } }',
    ]) {
      const [alpha, beta, again] = await Promise.all([
        seenBy('Alpha', query),
        seenBy('Beta', query),
        seenBy('Alpha', query),
      ]);
      const names = (text: string) => text.replaceAll(/\\?"(Alpha|Beta|ofBeta|ofAlhpa)\\?"/g, '');
      expect(again).toBe(alpha);
      if (query.includes('IntrospectionQuery')) {
        expect(alpha).toContain('ofAlpha');
        expect(beta).toContain('ofBeta');
        expect(alpha).not.toContain('Beta');
        expect(beta).not.toContain('Alpha');
      }
      expect(names(alpha)).not.toMatch(/Beta|secret/);
      expect(names(beta)).not.toMatch(/Alpha|secret/);
    }
  });
});

/** The names in a text, as GraphQL reads them. */
function namesIn(text: string): Set<string> {
  return new Set(text.match(/[_A-Za-z][_0-9A-Za-z]*/g) ?? []);
}

function namesOf(from: GraphQLSchema): Set<string> {
  const names = new Set<string>();
  for (const type of Object.values(from.getTypeMap())) {
    names.add(type.name);
    if (isEnumType(type)) for (const value of type.getValues()) names.add(value.name);
    if (isInputObjectType(type)) for (const name of Object.keys(type.getFields())) names.add(name);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      names.add(field.name);
      for (const argument of field.args) names.add(argument.name);
    }
  }
  return names;
}

describe('errors name nothing that is hidden', () => {
  /** The documents do not fit the whole schema; the names in them are the client's own. */
  const documents: [string, string, object?][] = [
    ['a field that is almost there', '{ vaul }'],
    ['a hidden field without selections', '{ vault }'],
    ['selections of a hidden field that are wrong', '{ vault { goldd trove { gem } } }'],
    ['a hidden list', '{ vaults }'],
    ['arguments that are missing', '{ open { buried { gems } } }'],
    ['an argument of a hidden type', '{ open { buried(depth: 3) { gems } } }'],
    ['an input object of a hidden type', '{ open { buried(depth: { deep: 1 }) { gems } } }'],
    ['a hidden argument of the wrong type', '{ open(classified: 3) { name } }'],
    ['a hidden argument with a wrong value', '{ open(classified: BLAK) { name } }'],
    ['an argument that is almost there', '{ open(clasified: 3) { name } }'],
    ['a hidden input field of the wrong type', '{ open(filter: { hush: 3 }) { name } }'],
    ['a hidden input field, wrong within', '{ open(filter: { hush: { wisper: 1 } }) { name } }'],
    ['an input field that is almost there', '{ open(filter: { hus: 3 }) { name } }'],
    ['an argument that must be sent', '{ needs }'],
    ['an input field that must be sent', '{ needs(offering: {}) }'],
    ['an enum value that is almost there', '{ orders(by: UNDERHANDED) }'],
    [
      'a variable of another type in a hidden place',
      'query ($v: Int) { open(classified: $v) { name } }',
    ],
    [
      'a variable of another type in a hidden field',
      'query ($v: Int) { open(filter: { hush: $v }) { name } }',
    ],
    [
      'a variable of another type where one must be sent',
      'query ($v: Int) { needs(offering: $v) }',
    ],
    [
      'a variable with a wrong default',
      'query ($v: Occult = { moon: "x" }) { needs(offering: $v) }',
    ],
    ['a type that is almost there', '{ either { ... on Mas { id } } }'],
    ['a hidden type that does not fit', '{ open { ... on Mask { id } } }'],
    [
      'a fragment on a hidden type that does not fit',
      '{ open { ...F } } fragment F on Vault { gold }',
    ],
    ['fields that conflict', '{ node { ... on Plain { size } ... on Mask { size } } }'],
    [
      'fields that conflict deeply',
      '{ a: vault { trove { x: gems } } a: vault { trove { x: __typename } } }',
    ],
    ['arguments that conflict', '{ open(classified: BLACK) { name } open { name } }'],
    ['a field of an interface', '{ node { sha } }'],
    ['a field of a union', '{ either { name } }'],
    ['a directive that is unknown', '{ hello @hush }'],
    ['a directive in a wrong place', 'query @skip(if: true) { hello }'],
    ['an unused fragment', '{ hello } fragment F on Mask { id shado }'],
    ['an unused variable', 'query ($v: Covert) { hello }'],
    ['a variable that is not declared', '{ open(classified: $v) { name } }'],
    ['a variable of an output type', 'query ($v: Vault) { open(plain: $v) { name } }'],
    ['a subscription with two fields', 'subscription { tick { ok } vault { gold } }'],
    ['many errors', `{ ${Array.from({ length: 150 }, (_, i) => `vaul${i}`).join(' ')} }`],
    ['many fields that conflict', `{ ${'a: vault { gold } '.repeat(250)} a: hello }`],
    ['introspection of what is hidden', '{ __schema { type } }'],
    // These fit, and their variables do not.
    [
      'a variable without what must be sent',
      'query ($v: Occult!) { needs(offering: $v) }',
      { v: {} },
    ],
    [
      'a variable of a hidden type',
      'query ($v: Covert) { hello open(plain: 1, classified: $v) @skip(if: true) { name } }',
      { v: 'BLAK' },
    ],
    [
      'a hidden enum value that is almost there',
      'query ($v: [Order!]) { orders(by: $v) }',
      { v: ['UNDERHANDED'] },
    ],
    [
      'a hidden field that is almost there',
      'query ($v: Filter) { open(filter: $v) { name } }',
      { v: { hus: 1 } },
    ],
    [
      'a hidden type inside',
      'query ($v: Hushed) { hello open(filter: { name: "x" }) { name } a: open(filter: { hush: $v }) @skip(if: true) { name } }',
      { v: 3 },
    ],
    [
      'a variable that must be sent',
      'query ($v: Fathoms!) { hello open @skip(if: true) { buried(depth: $v) { gems } } }',
    ],
    [
      'a list of hidden values',
      'query ($v: [Covert!]! = [BLACK]) { hello open @skip(if: true) { open: self { name } } x: orders @skip(if: true) ... @skip(if: true) { ...F } } fragment F on Query { open2: open(classified: BLACK) { name } y: __typename z: hello w: orders(by: NAME) v: must u: __typename t: open(filter: { hush: { whisper: $w } }) { name } }',
      { v: ['X'] },
    ],
  ];

  it.each<[string, string, object?]>(documents)('%s', async (_, query, variables) => {
    const { body } = await ask('nobody', getIntrospectionQuery());
    const visible = namesOf(buildClientSchema(body.data));
    const own = namesIn(`${query} ${JSON.stringify(variables)}`);
    const hidden = [...namesOf(schema)].filter((name) => !visible.has(name) && !own.has(name));
    expect(hidden.length).toBeGreaterThan(5);

    // The errors that a viewer who sees everything gets are kept by Yoga, and are no one else's.
    for (const who of ['all', 'nobody', 'plain', 'all', 'nobody'] as const) {
      const { text, body: result } = await ask(who, query, variables);
      expect(result.errors.length).toBeGreaterThan(0);
      if (who === 'all') continue;
      const named = namesIn(text);
      expect(hidden.filter((name) => named.has(name))).toEqual([]);
    }
  });

  it('keeps what a viewer is allowed to know', async () => {
    const messages = async (who: Who, query: string, variables = {}) =>
      (await ask(who, query, variables)).body.errors.map((error: Error) => error.message);
    expect(await messages('all', '{ open { buried { gems } } }')).toEqual([
      'Field "buried" argument "depth" of type "Fathoms!" is required, but it was not provided.',
    ]);
    expect(await messages('nobody', '{ open { buried { gems } } }')).toEqual([
      'Cannot query field "buried" on type "Open".',
    ]);
    expect(
      await messages('nobody', '{ node { ... on Plain { size } ... on Plain { size: id } } }'),
    ).toEqual([expect.stringContaining('Fields "size" conflict')]);
    expect(
      await messages('nobody', 'query ($v: Int) { open(plain: $v) { name } }', { v: 'x' }),
    ).toEqual(['Variable "$v" got invalid value "x"; Int cannot represent non-integer value: "x"']);
    expect(
      await messages('nobody', 'query ($v: Occult!) { needs(offering: $v) }', { v: {} }),
    ).toEqual(['Variable "$v" got an invalid value.']);
    expect(await messages('nobody', '{ open { ... on toString { id } } }')).toEqual([
      'Unknown type "toString".',
    ]);
    expect(await messages('nobody', '{ _empty }')).toEqual([
      'Cannot query field "_empty" on type "Query".',
    ]);
  });

  it('keeps the errors of rules that other plugins add', async () => {
    const rule: ValidationRule = (context) => ({
      Field(node) {
        if (node.name.value === 'hello') context.reportError(new GraphQLError('No greetings.'));
      },
    });
    const adding: Plugin = { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
    for (const plugins of [
      [adding, auth(), useViewerIntrospection()],
      [auth(), useViewerIntrospection(), adding],
    ]) {
      const { body } = await serve(plugins)('nobody', '{ hello }');
      expect(body.errors).toMatchObject([{ message: 'No greetings.' }]);
    }
  });

  it('leaves refusals as they are', async () => {
    const { status, body } = await ask('nobody', '{ vault { gold } }');
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    const forbidden = await ask('plain', 'query ($v: Covert) { open(classified: $v) { name } }', {
      v: 'BLAK',
    });
    expect([forbidden.status, forbidden.body.errors[0].extensions.code]).toEqual([
      403,
      'FORBIDDEN',
    ]);
  });

  it.each([
    ['before useAuth', () => [useViewerIntrospection(), auth()]],
    ['after useAuth', () => [auth(), useViewerIntrospection()]],
  ])('listed %s', async (_, plugins) => {
    const other = serve(plugins());
    expect((await other('nobody', '{ needs }')).text).not.toContain('Occult');
    expect((await other('all', '{ needs }')).text).toContain('Occult');
    expect(
      (await other('nobody', '{ __type(name: "Vault") { name } }')).body.data.__type,
    ).toBeNull();
    expect((await other('all', '{ __type(name: "Vault") { name } }')).body.data.__type).toEqual({
      name: 'Vault',
    });
  });
});

describe('a response cache with one session for all', () => {
  const cache = () => useResponseCache({ session: () => null, shouldCacheResult: () => true });
  it.each([
    ['before', () => [cache(), auth(), useViewerIntrospection()]],
    ['after', () => [auth(), useViewerIntrospection(), cache()]],
    ['between', () => [auth(), cache(), useViewerIntrospection()]],
  ])('%s the plugin keeps no viewer’s part for another', async (_, plugins) => {
    const cached = serve(plugins());
    const query = '{ __type(name: "Vault") { fields { name } } hello }';
    expect((await cached('all', query)).text).toContain('gold');
    expect((await cached('nobody', query)).text).not.toContain('gold');
    expect((await cached('plain', query)).text).not.toContain('gold');
    expect((await cached('all', query)).text).toContain('gold');
  });
});

describe('the whole server with INTROSPECTION=viewer', () => {
  let api: SubscriptionApi;
  beforeAll(async () => {
    api = await startApi({ INTROSPECTION: 'viewer' });
  });
  afterAll(() => api.stop());

  const post = async (query: string, token?: string) => {
    const response = await fetch(api.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query }),
    });
    return response.text();
  };
  const overSocket = async (query: string, payload?: Readonly<Record<string, unknown>>) => {
    const raw = await connectAs(api.webSocket, payload);
    try {
      await raw.next();
      raw.send(subscribeTo(query));
      return JSON.stringify(await raw.next());
    } finally {
      raw.socket.terminate();
    }
  };

  it.each([
    [
      'results a part',
      '{ __schema { types { name } } }',
      /"Greeting"/,
      /"Viewer"|"Tick"/,
      /"Viewer"/,
    ],
    [
      'names what is there',
      '{ viewer }',
      /Cannot query field/,
      /must have a selection/,
      /must have a selection/,
    ],
    [
      'refuses more',
      '{ public { message } ...F } fragment F on Query { public { message } __typename } query B { x: __schema { types { name } } }',
      /operation to execute/,
      /"Viewer"|"Tick"/,
      /operation to execute/,
    ],
  ])('%s, over HTTP and WebSocket', async (_, query, there, hidden, signedIn) => {
    const token = api.issuer.sign();
    for (const text of [await post(query), await overSocket(query)]) {
      expect(text).toMatch(there);
      expect(text).not.toMatch(hidden);
    }
    const Authorization = `Bearer ${token}`;
    for (const text of [await post(query, token), await overSocket(query, { Authorization })]) {
      expect(text).toMatch(signedIn);
    }
  });
});
