import { expect, test } from 'vitest';
import { createAccessClient } from '../../../src/server/graphiql/browser/access/access-client.ts';

/** A client behind a proxy that adds a path, and what it sends. */
function createClient(
  status = 200,
  body: object | string = { selections: [], operationName: null },
) {
  const sent: { readonly request: Request; readonly proofFor: string | undefined }[] = [];
  const client = createAccessClient({
    authorizedFetch: async (request, proofFor) => {
      sent.push({ request, proofFor });
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = new Response(text, { status, statusText: 'Reason' });
      return { credentials: 'none', response, problem: undefined, renew: async () => false };
    },
    base: 'https://proxy.test/api/graphql?query=x',
    endpoint: 'https://api.test/v1/graphql',
  });
  return { client, sent };
}

const operation = {
  query: '{ admin }',
  operationName: undefined,
  variables: { a: 1 },
  authorization: undefined,
};
const { signal } = new AbortController();

test('requests go to where the page is, with proofs for the public URL', async () => {
  const { client, sent } = createClient();
  await client.explain(operation, signal);
  await client.loadRules(signal);

  expect(sent.map(({ request, proofFor }) => [request.method, request.url, proofFor])).toEqual([
    ['POST', 'https://proxy.test/api/graphiql/access', 'https://api.test/v1/graphiql/access'],
    ['GET', 'https://proxy.test/api/graphiql/rules', 'https://api.test/v1/graphiql/rules'],
  ]);
  expect(await sent[0]?.request.json()).toEqual({ query: '{ admin }', variables: { a: 1 } });
});

test('a typed Authorization header is sent as a header', async () => {
  const { client, sent } = createClient();
  await client.explain({ ...operation, authorization: 'Bearer typed' }, signal);

  expect(sent[0]?.request.headers.get('Authorization')).toBe('Bearer typed');
  expect(await sent[0]?.request.text()).not.toContain('typed');
});

test.each<[string, number, object | string, string]>([
  ['the message of the API', 401, { errors: [{ message: 'It has expired.' }] }, 'It has expired.'],
  ['the status without errors', 404, {}, 'HTTP 404 Reason'],
  ['the status without a message', 429, { errors: [null] }, 'HTTP 429 Reason'],
  ['the status without JSON', 500, '<html>', 'HTTP 500 Reason'],
])('a refusal has %s', async (_case, status, body, message) => {
  const { client } = createClient(status, body);

  await expect(client.explain(operation, signal)).rejects.toThrow(message);
});
