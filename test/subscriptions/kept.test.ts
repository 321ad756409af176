import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLSchema, parse } from 'graphql';
import type { Context } from 'graphql-ws';
import { createYoga } from 'graphql-yoga';
import { expect, it, vi } from 'vitest';
import {
  type AuthContext,
  anonymous,
  authDirectives,
  guardSchema,
  useAuth,
  type WebSocketExtra,
  webSocketOptions,
} from '../../src/index.ts';
import { Streams } from '../../src/streams/streams.ts';
import { createTestClock } from '../support/clock.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    hello(to: String): String
    guarded: String @auth
  }
`;

function setUp() {
  const authenticator = { authenticate: async () => anonymous };
  const schema = guardSchema(makeExecutableSchema<AuthContext>({ typeDefs }));
  const yoga = createYoga<object, AuthContext>({
    schema,
    logging: false,
    plugins: [useAuth({ authenticator })],
  });
  const options = webSocketOptions({
    yoga,
    authenticator,
    connections: { perViewer: 1, total: 1 },
  });
  const close = vi.fn();
  const connectionParams: Record<string, unknown> = { Authorization: '', more: ['x'] };
  const contextWith = (
    headers: readonly string[] = [],
  ): Context<Record<string, unknown>, WebSocketExtra> => ({
    connectionInitReceived: true,
    acknowledged: false,
    subscriptions: {},
    connectionParams,
    extra: { socket: { close }, request: { url: '/graphql', headers: {}, rawHeaders: headers } },
  });
  return { options, context: contextWith(), contextWith, connectionParams, close };
}

it('keeps nothing of the payload of connection_init', async () => {
  const { options, context, connectionParams } = setUp();
  expect(await options.onConnect?.(context)).toBe(true);
  expect(context.connectionParams).toBeUndefined();
  expect(connectionParams).toEqual({});
  await options.onClose?.(context, 1000, '');
});

it('keeps of the payload of an operation what has an effect', async () => {
  const { options, context } = setUp();
  await options.onConnect?.(context);
  const payload = {
    query: 'query ($to: String) { hello(to: $to) }',
    variables: { to: 'all', more: ['x'] },
    extensions: { more: ['x'] },
    more: ['x'],
  };
  const args = await options.onSubscribe?.(context, '1', payload);
  expect(payload).toEqual({ query: payload.query, variables: { to: 'all' } });
  expect(args).toMatchObject({ variableValues: payload.variables });
  await options.onClose?.(context, 1000, '');
});

it('keeps no place for a connection that cannot be made', async () => {
  const { options, contextWith, close } = setUp();
  expect(await options.onConnect?.(contextWith(['not a name', 'x']))).toBe(false);
  expect(close).toHaveBeenCalledWith(4500, 'Internal server error');
  expect(await options.onConnect?.(contextWith())).toBe(true);
});

it('keeps no connection that is authenticated after the server has stopped', async () => {
  const { options, context, close } = setUp();
  const opening = options.onConnect?.(context);
  options.stop();
  expect(await opening).toBe(false);
  expect(close).toHaveBeenCalledWith(1001, 'The server is shutting down.');
});

it.each([
  [8 * 1024 * 1024, false],
  [8 * 1024 * 1024 + 1, true],
])('ends a connection before more is sent where %i bytes wait: %s', async (waiting, isEnded) => {
  const { options, contextWith } = setUp();
  const kinds = [
    (context: ReturnType<typeof contextWith>) => options.onPing?.(context, undefined),
    (context: ReturnType<typeof contextWith>) => options.onError?.(context, '1', { query: '' }, []),
    (context: ReturnType<typeof contextWith>) =>
      options.onNext?.(
        context,
        '1',
        { query: '' },
        { schema: new GraphQLSchema({}), document: parse('{ a }') },
        {},
      ),
  ];
  for (const act of kinds) {
    const terminate = vi.fn();
    const context = contextWith();
    const socket = { ...context.extra.socket, bufferedAmount: waiting, terminate };
    await act({ ...context, extra: { ...context.extra, socket } });
    expect(terminate).toHaveBeenCalledTimes(isEnded ? 1 : 0);
  }
});

it.each([
  ['left', (stream: AsyncIterator<unknown>) => stream.return?.()],
  ['read to its end', (stream: AsyncIterator<unknown>) => stream.next()],
])('keeps no stream that was %s', async (_how, finish) => {
  const streams = new Streams(createTestClock(), { perViewer: 1, total: 1 });
  const last = vi.fn(() => false);
  const rest = Object.defineProperty({}, 'hasNext', { get: last, enumerable: true });
  const over = streams.watch((async function* () {})(), anonymous, { rest });
  const open = streams.watch((async function* () {})(), anonymous, { rest });
  await finish(over);
  streams.stop();
  expect(last).toHaveBeenCalledTimes(1);
  expect(await open.next()).toMatchObject({ value: { hasNext: false } });
});

it('releases the source of a stream that something between has failed', async () => {
  const release = vi.fn(async () => ({ done: true, value: undefined }) as const);
  const failing: AsyncIterableIterator<never> = {
    [Symbol.asyncIterator]: () => failing,
    next: () => Promise.reject(new Error('The result cannot be mapped.')),
    return: release,
  };
  const stream = new Streams(createTestClock(), { perViewer: 1, total: 1 }).watch(
    failing,
    anonymous,
  );
  await expect(stream.next()).rejects.toThrow('mapped');
  expect(release).toHaveBeenCalledTimes(1);
});
