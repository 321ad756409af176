import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { columns } from './matrix/columns.ts';
import { limitError } from './matrix/limit-cases.ts';
import { startTarget, type Target } from './matrix/start-target.ts';

let target: Target;
beforeAll(async () => {
  const column = columns.find(({ name }) => name === 'apollo-graphql-ws');
  if (column === undefined) throw new Error('There is no server file apollo-graphql-ws.js.');
  target = await startTarget(column);
});
afterAll(() => target?.stop());

/** All results of an operation beside Apollo Server, and the errors that end it. */
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

test.each([
  ['subscription { ... @include(if: true) { countdown @skip(if: false) @include(if: true) } }', 3],
  ['{ public @include(if: true) @skip(if: false) ... @include(if: true) { mutationCount } }', 3],
])('beyond a limit, nothing runs: %s', async (query, actual) => {
  expect(await subscribe(query)).toEqual([
    [expect.objectContaining(limitError('directives', 2, actual))],
  ]);
});

test('a mutation beyond a limit runs nothing', async () => {
  const count = '{ mutationCount }';
  const before = await subscribe(count);
  const mutation = 'mutation { addOpenly a: addOpenly b: addOpenly c: addOpenly }';
  expect(await subscribe(mutation)).toEqual([
    [
      expect.objectContaining(limitError('aliases', 2, 3)),
      expect.objectContaining(limitError('rootFields', 3, 4)),
    ],
  ]);
  expect(await subscribe(count)).toEqual(before);
});

test('a connection with a bad token is closed', async () => {
  expect(await subscribe('subscription { countdown }', 'opaque')).toEqual([
    expect.objectContaining({ code: 4403, reason: expect.stringMatching(/^token_not_jws/) }),
  ]);
});
