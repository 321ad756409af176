import { GraphQLError, GraphQLScalarType } from 'graphql';
import type { YogaInitialContext } from 'graphql-yoga';
import type { AuthContext } from '../../../src/adapters/yoga/auth-options.ts';
import { authDirectives } from '../../../src/authorization/directives/auth-directives.ts';
import type {
  ApiDefinition,
  Policies,
  Resolvers,
  Viewer,
} from '../../../src/server/api-definition.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  scalar Odd
  enum Kind { OPEN SECRET @auth(scope: "admin:write") }
  input In {
    text: String = "default"
    kind: Kind
    secret: Int @auth(scope: "admin:write")
    inner: In
    list: [Int!]
  }
  interface Thing { name: String, size(unit: String = "cm"): Int }
  type Plain implements Thing { name: String, size(unit: String = "cm"): Int, next: Thing, own: String @auth }
  type Hidden implements Thing @auth(scope: "read:things") { name: String, size(unit: String = "cm"): Int, next: Thing }
  union Any = Plain | Hidden
  type Query {
    public: Greeting
    private: Greeting @auth
    scoped: Greeting @auth(scope: "read:messages")
    either: String @auth(scope: ["a b", "c"])
    admin: Greeting @auth(scope: "admin:write")
    required: String! @auth
    recent: String @auth(maxAge: 60)
    strong: String @auth(acr: ["gold"])
    claimed: String @auth(claims: ["email"])
    policed(how: String!): String @auth(policy: "how")
    echo(text: String = "none", number: Int! = 3, list: [Int!], input: In, kind: Kind): String
    things(count: Int = 2): [Thing]
    any: [Any!]
    kind(of: String = "OPEN"): Kind
    does(what: String!): Odd
    text(what: String!): String
    must(what: String!): String!
    seen(what: String!): String
  }
  type Greeting { message: String!, subject: ID }
  type Mutation {
    count: Int
    countFor: Int @auth(scope: "admin:write")
    countIf(how: String!): Int @auth(policy: "how")
    does(what: String!): Odd
  }
  type Subscription { public: Int, private: Int @auth }
`;

/** What a resolver can do, by name. */
const deeds: Readonly<Record<string, () => unknown>> = {
  throw: () => {
    throw new Error('the database said: password');
  },
  reject: async () => {
    throw new Error('the database said: password');
  },
  'reject nothing': () => Promise.reject(undefined),
  'throw text': () => {
    throw 'text';
  },
  'throw GraphQLError': () => {
    throw new GraphQLError('Sold out.', { extensions: { code: 'SOLD_OUT' } });
  },
  'throw with status': () => {
    throw new GraphQLError('Teapot.', { extensions: { http: { status: 418 } } });
  },
  'throw with headers': () => {
    throw new GraphQLError('Slow down.', {
      extensions: {
        code: 'SLOW',
        http: { status: 429, headers: { 'Retry-After': '7', 'X-Own': 'ä' } },
      },
    });
  },
  'throw with spec': () => {
    throw new GraphQLError('By the book.', { extensions: { http: { spec: true, status: 400 } } });
  },
  'throw several': () => {
    throw new AggregateError([new Error('one'), new GraphQLError('two')], 'several');
  },
  'return an error': () => new Error('returned'),
  null: () => null,
  undefined: () => undefined,
  bigint: () => 2n ** 70n,
  cycle: () => {
    const cycle: Record<string, unknown> = {};
    return Object.assign(cycle, { cycle });
  },
  'a large list': () => Array.from({ length: 5_000 }, (_, index) => ({ index, text: 'ä€😀"\\' })),
  'a large text': () => '😀\u2028\ud800'.repeat(20_000),
  date: () => new Date(0),
  'toJSON throws': () => ({
    toJSON() {
      throw new Error('the database said: password');
    },
  }),
  'toJSON with a status': () => ({
    toJSON() {
      throw new GraphQLError('Unreadable.', { extensions: { http: { status: 418 } } });
    },
  }),
  'toJSON is undefined': () => ({ toJSON: () => undefined }),
  map: () => new Map([['a', 1]]),
  symbol: () => Symbol('a'),
  function: () => () => 'called',
  NaN: () => Number.NaN,
  '-0': () => -0,
  'keys out of order': () => ({ b: 1, 2: 1, a: undefined, 1: { __proto__: null, c: [undefined] } }),
  object: () => ({ a: 1 }),
  boolean: () => true,
  later: () => new Promise((resolve) => setImmediate(resolve, 'later')),
};

/** The names of what a resolver can do. */
export const deedNames: readonly string[] = Object.keys(deeds);

/** The context of an operation over HTTP. */
type SeenContext = YogaInitialContext &
  AuthContext & { readonly req: object; readonly res: object };

const tenant = Symbol('tenant');

/** What a resolver can see of its context, by name. */
const sights: Readonly<Record<string, (context: SeenContext) => unknown>> = {
  keys: (context) => Object.keys(context),
  'keys of a copy': (context) => Object.keys({ ...context }),
  types: (context) => Object.values(context).map((value) => typeof value),
  prototype: (context) => Object.getPrototypeOf(context) === Object.prototype,
  descriptors: (context) =>
    Object.values(Object.getOwnPropertyDescriptors(context)).map(({ enumerable }) => enumerable),
  params: ({ params }) => params,
  url: ({ request }) => request.url,
  method: ({ request }) => request.method,
  headers: ({ request }) => [...request.headers],
  accept: ({ request }) => request.headers.get('accept'),
  cookies: ({ request }) => request.headers.getSetCookie(),
  'members of the request': ({ request }) => [
    request.bodyUsed,
    request.credentials,
    request.mode,
    request.redirect,
    request.keepalive,
    request.cache,
    request.referrer,
    request.integrity,
    request.signal.aborted,
    request.constructor.name,
  ],
  text: ({ request }) => request.text(),
  json: ({ request }) => request.json(),
  bytes: async ({ request }) => [...new Uint8Array(await request.arrayBuffer())].length,
  'text twice': async ({ request }) => [await request.text(), await request.text()],
  'a clone': async ({ request }) => request.clone().text(),
  'the same request': (context) => new Set([context.request, context.request]).size,
  'URL of Node': ({ req }) => 'url' in req && req.url,
  'status of Node': ({ res }) => 'statusCode' in res && res.statusCode,
  'headers sent': ({ res }) => 'headersSent' in res && res.headersSent,
  'replaced request': (context) => {
    Object.assign(context, { request: new Request('http://other.example') });
    return context.request.url;
  },
  'own member': (context) => Object.assign(context, { mine: 1 }).mine,
  viewer: ({ viewer }) => ({
    ...viewer,
    scopes: viewer.kind === 'authenticated' && [...viewer.scopes],
  }),
  added: (context) => ('added' in context ? context.added : 'nothing'),
  'added symbol': (context) => (tenant in context ? context[tenant] : 'nothing'),
  'added name of every object': (context) => String(context),
};

/** The names of what a resolver can see. */
export const sightNames: readonly string[] = Object.keys(sights);

/** What ran, in order. */
export interface Calls {
  readonly ran: string[];
}

/** An API with everything that can make a difference between the fronts. */
export function createFrontsApi(calls: Calls): ApiDefinition {
  const greet =
    (message: string) =>
    (_source: unknown, _args: unknown, { viewer }: AuthContext) => ({
      message,
      subject: viewer.kind === 'authenticated' ? viewer.subject : null,
    });
  const act = (_source: unknown, { what }: { readonly what: string }) => {
    calls.ran.push(what);
    return deeds[what]?.() ?? what;
  };
  let count = 0;
  const increment = () => {
    calls.ran.push('count');
    return ++count;
  };
  const things = [
    { __typename: 'Plain', name: 'one', next: { __typename: 'Hidden', name: 'two' } },
    { __typename: 'Hidden', name: 'three', next: null },
    { __typename: 'Plain', name: null, next: { __typename: 'Plain', name: 'four' } },
  ];
  const resolvers: Resolvers<AuthContext> = {
    Query: {
      public: greet('public'),
      private: greet('private'),
      scoped: greet('scoped'),
      admin: greet('admin'),
      either: () => 'either',
      required: () => 'required',
      recent: () => 'recent',
      strong: () => 'strong',
      claimed: () => 'claimed',
      policed: (_source, { how }) => how,
      echo: (_source, args) => JSON.stringify(args),
      things: (_source, { count: wanted }) => things.slice(0, wanted ?? undefined),
      any: () => things,
      kind: (_source, { of }) => of,
      does: act,
      text: act,
      must: act,
      seen: async (_source, { what }, context: SeenContext) =>
        JSON.stringify((await sights[what]?.(context)) ?? null),
    },
    Thing: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Plain: { own: () => 'own', size: (_source, { unit }) => (unit === 'mm' ? 10 : 1) },
    Mutation: { count: increment, countFor: increment, countIf: increment, does: act },
    Subscription: { public: { subscribe: events }, private: { subscribe: events } },
    Odd: new GraphQLScalarType({ name: 'Odd', serialize: (value) => value }),
  };
  const policies: Policies<AuthContext> = {
    how: ({ args }) => {
      const how = args['how'];
      if (how === 'throw') throw new Error('the database said: password');
      if (how === 'reject') return Promise.reject(new Error('the database said: password'));
      return how === 'later' ? Promise.resolve(true) : how === 'yes';
    },
  };
  return { typeDefs, resolvers, policies };
}

async function* events() {
  yield { public: 1, private: 1 };
  yield { public: 2, private: 2 };
}

/** A `createContext` that does what the header `X-Context` says. */
export const createContextAsAsked =
  (calls: Calls) =>
  (viewer: Viewer, request: Request): object | Promise<object> => {
    calls.ran.push('createContext');
    const asked = request.headers.get('x-context');
    if (asked === 'throw') throw new Error('the database said: password');
    if (asked === 'reject') return Promise.reject(new Error('the database said: password'));
    if (asked === 'GraphQLError') {
      throw new GraphQLError('No tenant.', { extensions: { code: 'NO_TENANT' } });
    }
    if (asked === 'status') {
      return Promise.reject(
        new GraphQLError('No tenant.', {
          extensions: { http: { status: 421, headers: { 'X-Tenant': 'none' } } },
        }),
      );
    }
    if (asked === 'text') return request.text().then((text) => ({ added: text }));
    if (asked === 'over') return { added: 1, viewer: 1, request: 1, params: 1, req: 1 };
    return { added: viewer.kind, [tenant]: 'mine', toString: () => 'named' };
  };
