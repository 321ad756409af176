import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { AnyApiModule } from '../../src/server/api-definition.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const fail = (): never => {
  throw new Error('unexpected');
};

const module: AnyApiModule = {
  typeDefs: /* GraphQL */ `
    extend type Query {
      fails: String
    }
    extend type Subscription {
      failing: String
    }
  `,
  resolvers: {
    Query: { fails: fail },
    Subscription: {
      failing: {
        async *subscribe() {
          yield 'event';
        },
        resolve: fail,
      },
    },
  },
};

let server: TestServer;
let isContextBroken = false;

beforeAll(async () => {
  const api = buildFixtureApi({ modules: [module] });
  const createContext = () => (isContextBroken ? fail() : {});
  server = await startTestServer({ LOG_REQUESTS: 'on' }, undefined, { ...api, createContext });
});
afterAll(() => server.stop());

const byHttp =
  (accept: string) =>
  async (query: string): Promise<string> => {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.text();
  };

async function byWebSocket(query: string): Promise<string> {
  const url = server.endpoint.replace('http', 'ws');
  const client = createClient({ url, webSocketImpl: WebSocket });
  const received: unknown[] = [];
  await new Promise<void>((resolve) => {
    client.subscribe(
      { query },
      {
        next: (result) => received.push(result),
        error(errors) {
          received.push({ errors });
          resolve();
        },
        complete: resolve,
      },
    );
  });
  await client.dispose();
  return JSON.stringify(received);
}

const json = byHttp('application/json');

it.each([
  ['a resolver', json, '{ fails }', false],
  ['a resolver, beside data', json, '{ public { message } fails }', false],
  ['an event over SSE', byHttp('text/event-stream'), 'subscription { failing }', false],
  ['a resolver over WebSocket', byWebSocket, '{ fails }', false],
  ['an event over WebSocket', byWebSocket, 'subscription { failing }', false],
  ['a context', json, '{ public { message } }', true],
  ['a context over WebSocket', byWebSocket, '{ public { message } }', true],
] as const)(
  'the line of an error has the ID of its request, and what the client got: of %s',
  async (_, send, query, breaksContext) => {
    isContextBroken = breaksContext;
    // The first time through Yoga, then directly as far as possible.
    for (let time = 0; time < 2; time += 1) {
      const before = server.logged.length;
      const linesWith = (text: string) =>
        server.logged
          .slice(before)
          .filter((line) => line.includes(text))
          .map((line) => JSON.parse(line));
      const [, id] = /"id":"([^"]+)"/.exec(await send(query)) ?? [];
      await expect.poll(() => linesWith('"outcome"')).toHaveLength(1);
      const [{ request }] = linesWith('"outcome"');
      expect(linesWith('An unexpected error was masked.')).toMatchObject([
        { level: 50, id, request, err: { message: 'unexpected' } },
      ]);
      expect([id, request]).toEqual([expect.any(String), expect.any(String)]);
    }
  },
);
