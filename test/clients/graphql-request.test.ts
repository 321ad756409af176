import { ClientError, GraphQLClient } from 'graphql-request';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClientServer, startClientServer } from './server.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server?.stop());

/** graphql-request with its own defaults: what has errors is thrown. */
async function thrownFor(operation: string): Promise<ClientError> {
  const client = new GraphQLClient(server.endpoint, {
    headers: { authorization: `Bearer ${server.issuer.sign()}` },
  });
  const error = await client.request(operation).catch((thrown: unknown) => thrown);
  if (!(error instanceof ClientError)) throw error;
  return error;
}

it.each([
  ['{ admin { message } }', 403, 'admin:write'],
  ['{ public { message } admin { message } }', 200, 'admin:write'],
  ['mutation { write(text: "refused") }', 403, 'write:messages'],
])('%s throws what is missing, with the status %i', async (operation, status, scope) => {
  const { response } = await thrownFor(operation);

  expect(response.status).toBe(status);
  expect(response.errors?.map(({ extensions }) => extensions)).toEqual([
    { code: 'FORBIDDEN', scope },
  ]);
  expect(server.written).toEqual([]);
});

it('has the rest beside the errors of a part, and no challenge', async () => {
  const { response } = await thrownFor('{ public { message } admin { message } }');

  expect(response).toMatchObject({
    data: {
      public: { message: 'Hello from a public field: no access token needed.' },
      admin: null,
    },
  });
  expect(new Headers(response.headers).get('www-authenticate')).toBeNull();
});

it('says in its message what the API says', async () => {
  const { message } = await thrownFor('{ admin { message } }');

  expect(message).toMatch(/^Insufficient scope. Required: admin:write\./);
});
