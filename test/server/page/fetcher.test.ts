import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createFetcher } from '../../../src/server/graphiql/browser/fetcher.ts';
import type { Exchange } from '../../../src/server/graphiql/browser/page-state.ts';

const origin = 'https://api.test';

/** Runs an operation against a response, and returns what GraphiQL and the page are given. */
async function run(
  response: Response,
  query = '{ public }',
  { operationName, headers }: { operationName?: string; headers?: Record<string, string> } = {},
) {
  const sent: Request[] = [];
  const exchanges: Omit<Exchange, 'account'>[] = [];
  const { fetcher } = createFetcher({
    path: `${origin}/graphql`,
    authorizedFetch: async (request) => {
      sent.push(request);
      return { credentials: 'none', response, problem: undefined, renew: async () => false };
    },
    report: (exchange) => exchanges.push(exchange),
  });
  const result = await fetcher(
    { query, ...(operationName ? { operationName } : {}) },
    { documentAST: parse(query), ...(headers ? { headers } : {}) },
  );
  if (!('subscribe' in result)) throw new Error('It is not an observable.');
  const results: unknown[] = [];
  const outcome = await new Promise<unknown>((resolve) => {
    const { unsubscribe } = result.subscribe({
      next: (value) => {
        results.push(value);
        if (results.length === 2) {
          unsubscribe();
          resolve('stopped');
        }
      },
      error: (error: unknown) => resolve(error),
      complete: () => resolve('complete'),
    });
  });
  return { sent: sent[0], exchanges, results, outcome };
}

test('gives GraphiQL the result, and the page the exchange', async () => {
  const body = '{"data":{"public":"ü"}}';
  const { exchanges, results, outcome } = await run(
    new Response(body, { status: 200, headers: { 'Content-Type': 'application/json' } }),
  );
  expect([results, outcome]).toEqual([[{ data: { public: 'ü' } }], 'complete']);
  expect(exchanges).toMatchObject([
    {
      request: { query: '{ public }', operationName: undefined },
      status: 200,
      headers: [['content-type', 'application/json']],
      bytes: body.length + 1,
      durationMs: expect.any(Number),
    },
  ]);
});

test.each([
  ['a query', '{ public }', 'application/graphql-response+json, application/json'],
  ['a mutation', 'mutation { post }', 'application/graphql-response+json, application/json'],
  ['a subscription', 'subscription { clock }', 'text/event-stream'],
  ['a deferred fragment', '{ ... @defer { public } }', 'text/event-stream'],
])('accepts of %s', async (_name, query, accept) => {
  const { sent } = await run(new Response('{}'), query);
  expect(sent?.headers.get('Accept')).toBe(accept);
});

test('sends the headers of the Headers tab', async () => {
  const { sent } = await run(new Response('{}'), '{ public }', {
    headers: { Authorization: 'Bearer typed', Accept: 'text/plain' },
  });
  expect(sent?.headers.get('Authorization')).toBe('Bearer typed');
  expect(sent?.headers.get('Accept')).toContain('application/json');
});

test("does not report GraphiQL's own introspection", async () => {
  const { exchanges, outcome } = await run(
    new Response('{"data":{}}'),
    'query IntrospectionQuery { __typename }',
    { operationName: 'IntrospectionQuery' },
  );
  expect([exchanges, outcome]).toEqual([[], 'complete']);
});

test('reports what is not JSON, such as the page of a proxy', async () => {
  const { results, outcome } = await run(
    new Response('<h1>Bad Gateway</h1>', { status: 502, statusText: 'Bad Gateway' }),
  );
  expect(results).toEqual([]);
  expect(String(outcome)).toBe(
    'Error: The response is not JSON: 502 Bad Gateway <h1>Bad Gateway</h1>',
  );
});

test('aborts a subscription that is stopped, without an error', async () => {
  const { sent, exchanges, results, outcome } = await run(
    new Response('data: {"data":1}\n\ndata: {"data":2}\n\ndata: {"data":3}\n\n', {
      headers: { 'Content-Type': 'text/event-stream' },
    }),
    'subscription { clock }',
  );
  expect(sent?.signal.aborted).toBe(true);
  expect([results, outcome]).toEqual([[{ data: 1 }, { data: 2 }], 'stopped']);
  expect(exchanges).toMatchObject([{ status: 200, bytes: undefined }]);
});
