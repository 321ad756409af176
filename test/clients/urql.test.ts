import { Client, fetchExchange } from '@urql/core';
import { authExchange } from '@urql/exchange-auth';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { anonymous } from './credentials.ts';
import { type ClientServer, startClientServer } from './server.ts';
import { expiredToken, openSession, type Session } from './session.ts';
import { openWire } from './wire.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server?.stop());

/** urql as a front end sets it up, and with its own defaults for everything else. */
function openUrql(session: Session, renew = () => session.renew()) {
  const wire = openWire(anonymous);
  const client = new Client({
    url: server.endpoint,
    fetch: wire.fetch,
    exchanges: [
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation: (operation) =>
          appendHeaders(operation, { authorization: `Bearer ${session.token}` }),
        didAuthError: ({ graphQLErrors }) =>
          graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED'),
        refreshAuth: renew,
      })),
      fetchExchange,
    ],
  });
  const ask = async (query: string) => {
    const { data, error } = await client.query(query, {});
    return { data, codes: error?.graphQLErrors.map(({ extensions }) => extensions['code']) ?? [] };
  };
  const requests = () => wire.answers.map(({ method, response }) => [method, response.status]);
  return { client, ask, requests };
}

const served = { public: { message: 'Hello from a public field: no access token needed.' } };
const valid = () => server.issuer.sign();

it('renews exactly once when the token has expired, and asks again', async () => {
  const session = openSession(server.issuer, expiredToken(server.issuer), '');
  const { ask, requests } = openUrql(session);

  expect(await ask('{ public { message } }')).toEqual({ data: served, codes: [] });
  expect(session.renewals).toBe(1);
  expect(requests()).toEqual([
    ['GET', 401],
    ['GET', 200],
  ]);
});

it('renews once for all that fails while it renews', async () => {
  const session = openSession(server.issuer, expiredToken(server.issuer), '');
  const fields = ['a', 'b', 'c', 'd'];
  const { ask, requests } = openUrql(session, async () => {
    await vi.waitFor(() => expect(requests()).toHaveLength(fields.length), { interval: 5 });
    await session.renew();
  });

  const answers = await Promise.all(fields.map((name) => ask(`{ ${name}: private { message } }`)));

  expect(answers.map(({ codes }) => codes)).toEqual([[], [], [], []]);
  expect(session.renewals).toBe(1);
});

it('gives up after one renewal that does not help', async () => {
  const session = openSession(server.issuer, expiredToken(server.issuer), '');
  const stale: Session = { token: session.token, renewals: 0, renew: session.renew };
  const { ask, requests } = openUrql(stale);

  expect((await ask('{ private { message } }')).codes).toEqual(['UNAUTHENTICATED']);
  expect(session.renewals).toBe(1);
  expect(requests()).toEqual([
    ['GET', 401],
    ['GET', 401],
  ]);
});

it.each([
  ['whole', '{ privateScoped { message } }', 403, undefined],
  ['in part', '{ public { message } privateScoped { message } }', 200, served],
])('never renews for a query that is forbidden %s', async (_case, query, status, data) => {
  const session = openSession(server.issuer, valid(), 'read:messages');
  const { ask, requests } = openUrql(session);

  const answer = await ask(query);

  expect(answer.codes).toEqual(['FORBIDDEN']);
  if (data) expect(answer.data).toMatchObject(data);
  expect(session.renewals).toBe(0);
  expect(requests()).toEqual([['GET', status]]);
});

it('never renews for a mutation that is forbidden, which nothing has run', async () => {
  const session = openSession(server.issuer, valid(), 'write:messages');
  const { client, requests } = openUrql(session);

  const { error } = await client.mutation('mutation { write(text: "refused") }', {});

  expect(error?.graphQLErrors[0]?.extensions).toEqual({
    code: 'FORBIDDEN',
    scope: 'write:messages',
  });
  expect(error?.networkError).toBeUndefined();
  expect([session.renewals, requests(), server.written]).toEqual([0, [['POST', 403]], []]);
});

it('never renews while no token can be verified', async () => {
  const { issuer } = server;
  const keys = [...issuer.keys];
  issuer.rotate();
  issuer.setDown(true);
  const session = openSession(issuer, valid(), '');
  const { ask, requests } = openUrql(session);

  const { codes } = await ask('{ private { message } }');
  issuer.setDown(false);
  issuer.rotate(...keys);

  expect(codes).toEqual(['SERVICE_UNAVAILABLE']);
  expect([session.renewals, requests()]).toEqual([0, [['GET', 503]]]);
});

it('renews a mutation once, and it runs once', async () => {
  const session = openSession(server.issuer, expiredToken(server.issuer), 'write:messages');
  const { client } = openUrql(session);

  const { data, error } = await client.mutation('mutation { write(text: "once") }', {});

  expect([data, error]).toEqual([{ write: 'once' }, undefined]);
  expect([session.renewals, server.written]).toEqual([1, ['once']]);
});

it('shows the status and the challenge of a refusal beside its errors', async () => {
  const { client } = openUrql(openSession(server.issuer, valid(), ''));

  const { error } = await client.query('{ admin { message } }', {});

  expect(error?.response?.status).toBe(403);
  expect(error?.response?.headers.get('www-authenticate')).toContain('scope="admin:write"');
});
