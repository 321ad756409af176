import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { columns } from './matrix/columns.ts';
import { startTarget, type Target } from './matrix/start-target.ts';

let target: Target;
beforeAll(async () => {
  const column = columns.find(({ name }) => name === 'apollo-graphql-ws');
  if (column === undefined) throw new Error('There is no server file apollo-graphql-ws.js.');
  target = await startTarget(column);
});
afterAll(() => target?.stop());

/** All results of a subscription beside Apollo Server, and the errors that end it. */
async function subscribe(query: string, token?: string): Promise<readonly unknown[]> {
  const client = createClient({
    url: target.servers.optional.endpoint.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token ? { connectionParams: { Authorization: `Bearer ${token}` } } : {}),
  });
  const results: unknown[] = [];
  try {
    for await (const result of client.iterate({ query })) results.push(result);
  } catch (error) {
    results.push(error);
  }
  await client.dispose();
  return results;
}

test.each([
  ['countdown', false, [{ data: { countdown: 2 } }, { data: { countdown: 1 } }]],
  [
    'privateCountdown',
    false,
    [[expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } })]],
  ],
  [
    'privateCountdown',
    true,
    [{ data: { privateCountdown: 2 } }, { data: { privateCountdown: 1 } }],
  ],
])('subscription { %s }, with a token: %s', async (field, hasToken, results) => {
  const token = hasToken ? target.issuer.sign() : undefined;
  expect(await subscribe(`subscription { ${field} }`, token)).toEqual(results);
});

test('a connection with a bad token is closed', async () => {
  expect(await subscribe('subscription { countdown }', 'opaque')).toEqual([
    expect.objectContaining({ code: 4403, reason: expect.stringMatching(/^token_not_jws/) }),
  ]);
});
