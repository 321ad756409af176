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

const stream = (...results: readonly unknown[]): Response =>
  new Response(results.map((result) => `data: ${JSON.stringify(result)}\n\n`).join(''), {
    headers: { 'Content-Type': 'text/event-stream' },
  });

const expired = {
  errors: [
    { message: 'Expired.', extensions: { code: 'UNAUTHENTICATED', reason: 'token_expired' } },
  ],
};
const refused = {
  errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN', scope: 'admin:write' } }],
};

/** Subscribes; each response is for one request. */
async function subscribe(
  responses: readonly Response[],
  renewals: readonly boolean[],
  query = 'subscription { clock }',
) {
  const left = [...responses];
  const renewed = [...renewals];
  const problems: unknown[] = [];
  const { fetcher } = createFetcher({
    path: `${origin}/graphql`,
    authorizedFetch: async () => ({
      credentials: 'session',
      response: left.shift() ?? Response.error(),
      problem: undefined,
      renew: async () => renewed.shift() ?? false,
    }),
    report: (_exchange, { problem, isStream }) => problems.push(isStream && problem?.kind),
  });
  const result = await fetcher({ query }, { documentAST: parse(query) });
  if (!('subscribe' in result)) throw new Error('It is not an observable.');
  const results: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    result.subscribe({
      next: (value) => results.push(value),
      error: reject,
      complete: () => resolve(),
    });
  });
  return { results, problems };
}

test('continues a stream that ended with its token, if there is a newer one', async () => {
  const { results, problems } = await subscribe(
    [stream({ data: 1 }, expired), stream({ data: 2 }, expired), stream({ data: 3 }, expired)],
    [true, true, false],
  );
  expect(results).toEqual([{ data: 1 }, { data: 2 }, { data: 3 }, expired]);
  expect(problems).toEqual([undefined, undefined, undefined, 'credentials']);
});

test('never sends a mutation again, also if its stream ended with its token', async () => {
  const { results, problems } = await subscribe(
    [stream({ data: 1, hasNext: true }, expired), stream({ data: 2 })],
    [true],
    'mutation { post { id ... @defer { text } } }',
  );
  expect(results).toEqual([{ data: 1, hasNext: true }, expired]);
  expect(problems).toEqual([undefined, 'credentials']);
});

test('reports a refusal inside a stream, once as long as it is the same', async () => {
  const { results, problems } = await subscribe(
    [stream({ data: 1 }, refused, { data: 2 }, refused)],
    [],
  );
  expect(results).toHaveLength(4);
  expect(problems).toEqual([undefined, 'scope']);
});

test('stops what is running, except introspection', async () => {
  const signals: AbortSignal[] = [];
  const { fetcher, stop } = createFetcher({
    path: `${origin}/graphql`,
    authorizedFetch: ({ signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    },
    report: () => {},
  });
  const ended: string[] = [];
  for (const operationName of ['IntrospectionQuery', 'One', 'Other']) {
    const result = await fetcher({ query: '{ public }', operationName });
    if (!('subscribe' in result)) throw new Error('It is not an observable.');
    const { unsubscribe } = result.subscribe({
      next: () => {},
      error: () => {},
      complete: () => ended.push(operationName),
    });
    if (operationName === 'Other') unsubscribe();
  }
  expect(stop()).toMatchObject([{ query: '{ public }', operationName: 'One' }]);
  expect(ended).toEqual(['One']);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, true]);
  expect(stop()).toEqual([]);
});
