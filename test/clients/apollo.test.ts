import { createHash } from 'node:crypto';
import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
  Observable,
  ServerError,
} from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anonymous } from './credentials.ts';
import { type ClientServer, startClientServer } from './server.ts';
import { expiredToken, openSession, type Session } from './session.ts';
import { openWire } from './wire.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server?.stop());

/** Apollo Client as a front end sets it up, and with its own defaults for everything else. */
function openApollo(session: Session, headers: Readonly<Record<string, string>> = {}) {
  const wire = openWire(anonymous);
  const renewOnce = new ErrorLink(({ error, operation, forward }) => {
    const isUnauthenticated =
      CombinedGraphQLErrors.is(error) &&
      error.errors.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED');
    if (!isUnauthenticated || operation.getContext()['renewed']) return;
    operation.setContext({ renewed: true });
    return new Observable((observer) => {
      session.renew().then(
        () => forward(operation).subscribe(observer),
        (failure: unknown) => observer.error(failure),
      );
    });
  });
  const authorize = new SetContextLink(({ headers: others }) => ({
    headers: { ...others, authorization: `Bearer ${session.token}` },
  }));
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      renewOnce,
      authorize,
      new HttpLink({ uri: server.endpoint, fetch: wire.fetch, headers }),
    ]),
  });
  return { client, statuses: () => wire.answers.map(({ response }) => response.status) };
}

const valid = () => openSession(server.issuer, server.issuer.sign(), '');
const thrownBy = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('as it comes', () => {
  it('throws the errors of a refusal, with their extensions', async () => {
    const { client } = openApollo(valid());

    const error = await thrownBy(client.query({ query: gql('{ admin { message } }') }));

    if (!CombinedGraphQLErrors.is(error)) throw error;
    expect(error.errors.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', scope: 'admin:write' },
    ]);
    expect(error.message).toBe('Insufficient scope. Required: admin:write.');
  });

  it('throws the errors of a part, and has the rest beside them', async () => {
    const { client } = openApollo(valid());

    const error = await thrownBy(
      client.query({ query: gql('{ public { message } admin { message } }') }),
    );

    if (!CombinedGraphQLErrors.is(error)) throw error;
    expect(error.errors).toHaveLength(1);
    expect(error.data).toMatchObject({
      public: { message: 'Hello from a public field: no access token needed.' },
      admin: null,
    });
  });

  it.each(['POST', 'GET'] as const)('reads a refusal that is sent as JSON from %s', async (way) => {
    const wire = openWire(anonymous);
    const link = new HttpLink({
      uri: server.endpoint,
      fetch: wire.fetch,
      useGETForQueries: way === 'GET',
      headers: { accept: 'application/json' },
    });
    const client = new ApolloClient({ cache: new InMemoryCache(), link });

    const error = await thrownBy(client.query({ query: gql('{ private { message } }') }));

    // Of an answer that is not GraphQL's own media type, Apollo Client reads the status alone.
    if (!ServerError.is(error)) throw error;
    expect(wire.answers.map(({ method }) => method)).toEqual([way]);
    expect(error.statusCode).toBe(401);
    expect(JSON.parse(error.bodyText)).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(error.response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
  });
});

describe('with a link that renews', () => {
  it('renews exactly once when the token has expired, and asks again', async () => {
    const session = openSession(server.issuer, expiredToken(server.issuer), 'read:messages');
    const { client, statuses } = openApollo(session);

    const { data } = await client.query({ query: gql('{ privateScoped { message } }') });

    expect(data).toMatchObject({ privateScoped: { message: expect.any(String) } });
    expect([session.renewals, statuses()]).toEqual([1, [401, 200]]);
  });

  it('gives up after one renewal that does not help', async () => {
    const session = openSession(server.issuer, expiredToken(server.issuer), '');
    const stale: Session = { token: session.token, renewals: 0, renew: session.renew };
    const { client, statuses } = openApollo(stale);

    const error = await thrownBy(client.query({ query: gql('{ private { message } }') }));

    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect([session.renewals, statuses()]).toEqual([1, [401, 401]]);
  });

  it('never renews for what is forbidden', async () => {
    const session = valid();
    const { client, statuses } = openApollo(session);

    const mutation = gql('mutation { write(text: "refused") }');
    const error = await thrownBy(client.mutate({ mutation }));

    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect([session.renewals, statuses(), server.written]).toEqual([0, [403], []]);
  });
});

describe('with hashes of queries instead of queries', () => {
  it.each([true, false])(
    'falls back to queries at once, and for good: by GET %s',
    async (useGet) => {
      const wire = openWire(anonymous);
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([
          new PersistedQueryLink({
            sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
            useGETForHashedQueries: useGet,
          }),
          new HttpLink({ uri: server.endpoint, fetch: wire.fetch }),
        ]),
      });
      const ask = (field: string) => client.query({ query: gql(`{ public { ${field} } }`) });

      expect((await ask('message')).data).toMatchObject({ public: { message: expect.anything() } });
      expect(wire.answers).toHaveLength(2);
      expect((await ask('subject')).data).toMatchObject({ public: { subject: null } });
      expect(wire.answers).toHaveLength(3);
    },
  );
});
