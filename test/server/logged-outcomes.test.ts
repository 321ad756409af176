import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAs, subscribeTo } from '../subscriptions/raw-socket.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Line = Readonly<Record<string, unknown>>;

/** Resolves what `Query.waiting` waits for. */
let finish = (): void => {};

const api = buildFixtureApi({
  modules: [
    {
      typeDefs: /* GraphQL */ `
        extend type Query {
          doubled(number: Int!): Int
          waiting: String
        }
        type Subscription {
          broken: String
          neverStarted: String
        }
      `,
      resolvers: {
        Query: {
          doubled: (_: unknown, { number }: { number: number }) => 2 * number,
          waiting: () =>
            new Promise((resolve) => {
              finish = () => resolve('done');
            }),
        },
        Subscription: {
          broken: {
            // biome-ignore lint/correctness/useYield: it throws before it has a result.
            subscribe: async function* () {
              throw new Error('The source failed.');
            },
          },
          neverStarted: {
            subscribe: () => {
              throw new Error('The source could not be started.');
            },
          },
        },
      },
    },
  ],
});

const variables = 'query ($number: Int!) { doubled(number: $number) }';

describe('the outcome in the log', () => {
  let server: TestServer;
  let seen = 0;

  beforeAll(async () => {
    server = await startTestServer({ LOG_REQUESTS: 'on' }, undefined, api);
  });
  afterAll(() => server.stop());

  /** The lines of requests since the last call, once there are so many. */
  async function takeLines(count = 1): Promise<readonly Line[]> {
    const requests = (): readonly Line[] =>
      server.logged
        .slice(seen)
        .map((line): Line => JSON.parse(line))
        .filter(({ outcome }) => outcome !== undefined);
    await expect.poll(() => requests().length, { interval: 5 }).toBe(count);
    const lines = requests();
    seen = server.logged.length;
    return lines;
  }

  it('of variables that do not fit is that the operation was rejected, not that it failed', async () => {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: variables, variables: { number: 'x' } }),
    });
    await response.text();
    expect(response.status).toBe(400);
    expect(await takeLines()).toMatchObject([{ status: 400, outcome: 'rejected', errors: 1 }]);
  });

  it.each([
    ['a stream whose source throws', 'broken'],
    ['a stream whose source cannot be started', 'neverStarted'],
  ])('of %s is that it failed', async (_, field) => {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: `subscription { ${field} }` }),
    });
    await response.text();
    expect(await takeLines()).toMatchObject([{ status: response.status, outcome: 'failed' }]);
  });

  it('of a request whose client went away has no status if none was sent', async () => {
    const socket = connect(Number(new URL(server.origin).port), 'localhost');
    const headers = 'Host: a\r\nContent-Type: application/json\r\nContent-Length: 9';
    socket.end(`POST /graphql HTTP/1.1\r\n${headers}\r\n\r\n{`);
    const [line] = await takeLines();
    expect(line).toMatchObject({ outcome: 'aborted' });
    expect(line).not.toHaveProperty('status');
  });

  it('over WebSocket is of the right operation, also if a client uses an id again', async () => {
    const client = await connectAs(server.endpoint.replace('http', 'ws'), undefined);
    await client.next();
    client.send(subscribeTo('query First { waiting }'));
    await expect.poll(() => finish.name).toBe('finish');
    client.send({ type: 'complete', id: '1' });
    client.send(subscribeTo(variables.replace('query', 'query Second'), '1', { number: 'x' }));
    await client.next();
    expect(await takeLines()).toMatchObject([
      { operation: 'Second', outcome: 'rejected', status: 400 },
    ]);
    finish();
    expect(await takeLines()).toMatchObject([{ operation: 'First', status: 200 }]);
    client.socket.close();
  });
});

it('the outcome of an operation over WebSocket is that of a rate limit', async () => {
  const server = await startTestServer({ LOG_REQUESTS: 'on', RATE_LIMIT_ADDRESS: '1/60' });
  try {
    const client = await connectAs(server.endpoint.replace('http', 'ws'), undefined);
    await client.next();
    client.send(subscribeTo('{ public { message } }'));
    await client.next();
    const lines = server.logged.map((line): Line => JSON.parse(line));
    expect(lines.filter(({ outcome }) => outcome !== undefined)).toMatchObject([
      { outcome: 'refused', status: 429, code: 'RATE_LIMITED' },
    ]);
    client.socket.close();
  } finally {
    await server.stop();
  }
});
