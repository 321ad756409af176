import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';

const fail = () => {
  const http = { status: 400, headers: { 'retry-after': '7' } };
  throw new GraphQLError('Send another one.', { extensions: { code: 'BAD_USER_INPUT', http } });
};

let server: TestServer;
beforeAll(async () => {
  const api = buildFixtureApi({
    typeDefs: `
      extend type Query { fails: Int strict: Int! none: Int holder: Holder }
      type Holder { fails: Int }
    `,
    resolvers: {
      Query: { fails: fail, strict: fail, holder: () => ({}) },
      Holder: { fails: fail },
    },
  });
  server = await startTestServer({}, createTestIssuer(), api);
});
afterAll(() => server?.stop());

const data = { public: { subject: null } };
it.each([
  ['nothing else', '{ fails }', 400, { fails: null }],
  ['another one', '{ fails again: fails }', 400, { fails: null, again: null }],
  ['no data', '{ strict public { subject } }', 400, null],
  ['a refused field', '{ fails admin { message } }', 400, { fails: null, admin: null }],
  ['data', '{ fails public { subject } }', 200, { fails: null, ...data }],
  ['a field that is null', '{ fails none }', 200, { fails: null, none: null }],
  ['the object around it', '{ holder { fails } }', 200, { holder: { fails: null } }],
])('with %s: %s responds with %i', async (_what, query, status, expected) => {
  for (const method of ['POST', 'GET'] as const) {
    const response = await operate(server.endpoint, query, { method });

    expect(response.status).toBe(status);
    expect(response.headers['retry-after']).toBe(status === 200 ? undefined : '7');
    expect(response.body.data).toEqual(expected);
    expect(response.body.errors?.[0]).toMatchObject({
      message: 'Send another one.',
      path: expect.arrayContaining([expect.stringMatching(/^(?:fails|strict)$/)]),
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(response.text).not.toContain('"http"');
  }
});
