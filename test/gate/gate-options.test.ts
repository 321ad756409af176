import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, it } from 'vitest';
import { createApolloAuth } from '../../src/adapters/apollo-server/index.ts';
import { guardedHandlerOptions } from '../../src/adapters/graphql-http/index.ts';
import { webSocketOptions } from '../../src/adapters/graphql-ws/index.ts';
import { useAuth } from '../../src/adapters/yoga/index.ts';
import { anonymous, authDirectives, createGate, guardSchema } from '../../src/layer.ts';

/* A misspelled option would have no effect, and no one would see it. */

const original = makeExecutableSchema({
  typeDefs: `${authDirectives} type Query { a: Int @auth }`,
});
const schema = guardSchema(original);
const authenticator = { authenticate: async () => anonymous };

/** Functions, called with options as in JavaScript. */
const functions: readonly (readonly [name: string, call: (options: object) => unknown])[] = [
  ['createGate', (options) => createGate({ authenticator, ...options })],
  ['useAuth', (options) => useAuth({ authenticator, ...options })],
  ['createApolloAuth', (options) => createApolloAuth({ authenticator, ...options })],
  [
    'guardedHandlerOptions',
    (options) => guardedHandlerOptions({ schema, authenticator, ...options }),
  ],
  ['webSocketOptions', (options) => webSocketOptions({ schema, authenticator, ...options })],
];

describe.each(functions)('%s', (name, call) => {
  it.each([
    [{ refused: 'operation' }, 'There is no option refused'],
    [{ refuse: 'everything' }, "refuse must be 'selection' or 'operation'."],
    [{ authenticator: {} }, 'authenticator must be the result of createAuthenticator.'],
    [{ onRefusal: 'log' }, 'onRefusal must be a function.'],
    [
      { rateLimit: { countRequest() {} } },
      'rateLimit must have the functions countRequest and countViewer.',
    ],
  ])('rejects %j', (options, message) => {
    expect(() => call(options)).toThrow(TypeError);
    expect(() => call(options)).toThrow(`${name}: ${message}`);
  });

  it('accepts its own', () => {
    expect(() => call({ refuse: 'operation', onRefusal() {} })).not.toThrow();
  });
});

describe.each([
  ['streams', (options: object) => useAuth({ authenticator, ...options })],
  ['connections', (options: object) => webSocketOptions({ schema, authenticator, ...options })],
])('%s', (name, call) => {
  it.each([
    [{ all: 5 }, '.all: perViewer, total.'],
    [{ total: Number.NaN }, '.total must be a number above 0.'],
    [{ total: '5' }, '.total must be a number above 0.'],
    [{ perViewer: 0 }, '.perViewer must be a number above 0.'],
    [{ inAll: -1 }, '.inAll must be a number above 0.'],
    [5, ' must be an object, such as { perViewer: 10 }.'],
  ])('rejects %j', (limits, message) => {
    expect(() => call({ [name]: limits })).toThrow(TypeError);
    expect(() => call({ [name]: limits })).toThrow(`${name}${message}`);
  });

  it.each([[{ perViewer: 1, total: Number.POSITIVE_INFINITY }], [{ inAll: 5 }], [{}]])(
    'accepts %j',
    (limits) => {
      expect(() => call({ [name]: limits })).not.toThrow();
    },
  );
});

it('rejects an option of the gate that Apollo Server has a logger for', () => {
  const options: object = { onPolicyError() {} };
  expect(() => createApolloAuth({ authenticator, ...options })).toThrow(
    'createApolloAuth: There is no option onPolicyError',
  );
});

it.each([
  [{ requireRulesOn: 'root-fields' }, 'guardSchema: There is no option requireRulesOn'],
  [{ federationDirective: 'enforce' }, 'guardSchema: There is no option federationDirective'],
  // Without its coordinates, nothing would be enforced.
  [
    { shadow: { report() {}, coordinate: ['Query.a'] } },
    'guardSchema: There is no option shadow.coordinate: coordinates, report.',
  ],
  [
    { shadow: { report() {}, coordinates: 'Query.a' } },
    'shadow.coordinates must be a list of coordinates.',
  ],
  [{ shadow: { report() {}, coordinates: null } }, 'shadow.coordinates must be a list'],
])('rejects %j of guardSchema', (options, message) => {
  const asInJavaScript: object = options;
  expect(() => guardSchema(original, asInJavaScript)).toThrow(message);
});
