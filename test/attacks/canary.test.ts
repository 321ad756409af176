import { createClient } from 'graphql-ws';
import { DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { AnyApiModule, ApiModule } from '../../src/server/api-definition.ts';
import { createServerMetrics } from '../../src/server/metrics/server-metrics.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { freePort } from '../support/free-ports.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey, encodeJws } from '../support/tokens.ts';
import {
  startTraceCollector,
  type TraceCollector,
  variablesFor,
} from '../support/trace-collector.ts';

/** A text that is nowhere else, and that no pattern of credentials matches. */
const canary = (name: string): string => `Canary${name}q7Zr`;

/** Errors as Postgres and SQLite send them: with values in their messages. */
function databaseErrors(): readonly Error[] {
  const postgres = new DatabaseError(
    `invalid input syntax for type integer: "${canary('PostgresValue')}"`,
    100,
    'error',
  );
  const duplicate = new DatabaseError(
    'duplicate key value violates unique constraint "users_email_key"',
    100,
    'error',
  );
  const raised = new DatabaseError(`user ${canary('PostgresRaised')} exists`, 100, 'error');
  const sqlite = new Error(`malformed JSON: ${canary('SqliteValue')}`);
  return [
    Object.assign(postgres, { severity: 'ERROR', code: '22P02' }),
    Object.assign(duplicate, {
      severity: 'ERROR',
      code: '23505',
      detail: `Key (email)=(${canary('PostgresKey')}) already exists.`,
      table: 'users',
      constraint: 'users_email_key',
    }),
    Object.assign(raised, { severity: 'ERROR', code: 'P0001', where: canary('PostgresWhere') }),
    Object.assign(sqlite, { code: 'SQLITE_ERROR' }),
  ];
}

/** An error as HTTP clients and databases throw it. */
function failure(): Error {
  const cause = Object.assign(new Error('The connection was closed.'), {
    url: `redis://user:${canary('RedisPassword')}@cache.test`,
    parameters: [canary('Parameter')],
    errors: databaseErrors(),
  });
  return Object.assign(new Error('The request failed.', { cause }), {
    config: { headers: { authorization: canary('ErrorHeader') } },
    response: { data: canary('ErrorBody') },
    detail: `Key (email)=(${canary('ErrorRow')})`,
  });
}

const module: AnyApiModule = {
  typeDefs: /* GraphQL */ `
    extend type Query {
      echo(text: String): String
      fails(text: String): String
      policed(text: String): String @auth(policy: "broken")
      claimed(text: String): String @auth(claims: ["never"])
    }
    extend type Subscription {
      echoes(text: String): String
      failing(text: String): String
    }
  `,
  resolvers: {
    Query: {
      echo: () => 'ok',
      fails: () => {
        throw failure();
      },
      policed: () => 'ok',
      claimed: () => 'ok',
    },
    Subscription: {
      echoes: {
        async *subscribe() {
          yield { echoes: 'ok' };
        },
      },
      failing: {
        async *subscribe() {
          yield { failing: 'ok' };
          throw failure();
        },
      },
    },
  },
  policies: {
    broken: () => {
      throw failure();
    },
  },
};

describe('what a client, an issuer or an error says', () => {
  let server: TestServer;
  let collector: TraceCollector;
  const metrics = createServerMetrics();
  let responses = '';
  /** What consists of base64url, which hides a text: the parts of all tokens and proofs. */
  const parts = new Set<string>();

  beforeAll(async () => {
    collector = await startTraceCollector();
    const variables = variablesFor(collector);
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    server = await startTestServer(
      {
        ...variables,
        LOG_LEVEL: 'trace',
        LOG_REQUESTS: 'on',
        LOG_DECISIONS: '1',
        DPOP: 'optional',
      },
      undefined,
      buildFixtureApi({ modules: [module] }),
      { metrics },
    );
  });
  afterAll(async () => {
    await server.stop();
    await collector.close();
    vi.unstubAllEnvs();
  });

  function remember(credentials: Readonly<Record<string, string>>): void {
    for (const value of Object.values(credentials)) {
      for (const part of value.split(/[ .]/)) if (part.length > 20) parts.add(part);
    }
  }

  function expectNothing(text: string): void {
    expect(text.match(/Canary\w+/g) ?? []).toEqual([]);
    for (const part of parts) expect(text).not.toContain(part);
  }

  /** Clients get their aliases back, and the place of a syntax error. */
  const withoutAliases = (text: string): string => text.replaceAll(canary('Alias'), '');

  async function send(
    query: string,
    headers: Readonly<Record<string, string>> = {},
    rest: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const response = await fetch(`${server.endpoint}?query=${canary('UrlParameter')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, ...rest }),
    });
    responses += JSON.stringify([...response.headers]) + (await response.text());
  }

  const claims = {
    sub: canary('Subject'),
    email: canary('Email'),
    org: { id: canary('NestedClaim') },
    jti: canary('TokenId'),
  };
  const operations = [
    `query { ${canary('Alias')}: echo(text: "${canary('Literal')}") }`,
    `query ($text: String) { ${canary('Alias')}: fails(text: $text) }`,
    `query ($text: String) { ${canary('Alias')}: policed(text: $text) }`,
    `query ($text: String) { ${canary('Alias')}: claimed(text: $text) }`,
    `{ echo(text: "${canary('Literal')}"`,
  ];

  const authorizations: readonly (readonly [string, () => Readonly<Record<string, string>>])[] = [
    ['no token', () => ({})],
    ['a valid token', () => ({ authorization: `Bearer ${server.issuer.sign({ claims })}` })],
    [
      'an expired token',
      () => ({ authorization: `Bearer ${server.issuer.sign({ claims: { ...claims, exp: 1 } })}` }),
    ],
    [
      'a token of another issuer',
      () => ({
        authorization: `Bearer ${server.issuer.sign({ claims: { ...claims, iss: canary('Issuer') } })}`,
      }),
    ],
    [
      'a token with odd headers',
      () => ({
        authorization: `Bearer ${server.issuer.sign({ claims, header: { kid: canary('KeyId'), x: canary('TokenHeader') } })}`,
      }),
    ],
    [
      'a token with another signature',
      () => {
        const [header, payload] = server.issuer.sign({ claims }).split('.');
        const signature = Buffer.from(canary('Signature')).toString('base64url');
        return { authorization: `Bearer ${header}.${payload}.${signature}` };
      },
    ],
    ['something else', () => ({ authorization: `Bearer ${canary('Opaque')}` })],
    ['another scheme', () => ({ authorization: `Basic ${canary('Basic')}` })],
    [
      'a proof',
      () => {
        const key = createTestKey('ES256');
        const token = boundToken(server.issuer, key, claims);
        const { clock } = server.issuer;
        const proof = createProof({
          key,
          token,
          clock,
          url: server.endpoint,
          claims: { jti: canary('ProofId'), extra: canary('ProofClaim') },
        });
        return { authorization: `DPoP ${token}`, dpop: proof };
      },
    ],
    [
      'a wrong proof',
      () => ({
        authorization: `DPoP ${server.issuer.sign({ claims })}`,
        dpop: encodeJws({ typ: canary('ProofType') }, { jti: canary('ProofId') }, () =>
          Buffer.from(canary('ProofSignature')),
        ),
      }),
    ],
  ];

  it.each(authorizations)('is neither in the log nor in a response: with %s', async (_, sign) => {
    const credentials = sign();
    remember(credentials);
    for (const query of operations) {
      await send(
        query,
        {
          cookie: canary('Cookie'),
          'x-custom': canary('Header'),
          referer: `https://${canary('Referer')}.test/`,
          'user-agent': canary('UserAgent'),
          tracestate: canary('TraceState'),
          'x-request-id': `${canary('RequestId')} with spaces`,
          ...credentials,
        },
        {
          variables: { text: canary('Variable'), other: canary('UnusedVariable') },
          extensions: { extension: canary('Extension') },
        },
      );
    }
    const log = server.logged.join('');
    expect(log).toContain('"outcome"');
    expect(log).toContain('The request failed.');
    expect(log).toContain('"severity":"ERROR","table":"users","constraint":"users_email_key"');
    expectNothing(log);
    expectNothing(withoutAliases(responses));
  });

  it.each(authorizations)('is in neither over WebSocket: with %s', async (_, sign) => {
    const credentials = sign();
    remember(credentials);
    const before = server.logged.length;
    let received = '';
    const client = createClient({
      url: server.endpoint.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: {
        ...credentials,
        other: canary('ConnectionParam'),
        nested: { other: canary('NestedParam') },
      },
      on: {
        message: (message) => {
          received += JSON.stringify(message);
        },
        closed: (event) => {
          const { code, reason } = Object(event);
          received += `${code} ${reason}`;
        },
      },
    });
    const subscriptions = [
      `subscription { ${canary('Alias')}: echoes(text: "${canary('Literal')}") }`,
      `subscription ($text: String) { ${canary('Alias')}: failing(text: $text) }`,
    ];
    for (const query of [...operations, ...subscriptions]) {
      await new Promise<void>((resolve) => {
        client.subscribe(
          {
            query,
            variables: { text: canary('Variable'), other: canary('UnusedVariable') },
            extensions: { extension: canary('Extension') },
          },
          { next() {}, error: () => resolve(), complete: resolve },
        );
      });
    }
    await client.dispose();
    expect(received).toMatch(/"type":"next"|44\d\d |4500 /);
    expect(server.logged.length).toBeGreaterThan(before);
    expectNothing(server.logged.slice(before).join(''));
    expectNothing(withoutAliases(received));
  });

  it('is not in the log if it is what the issuer responds', async () => {
    const issuer = createTestIssuer();
    issuer.responses.discovery = () =>
      new Response(canary('IssuerBody'), {
        status: 500,
        headers: { 'x-issuer': canary('IssuerHeader') },
      });
    const failing = await startTestServer({ LOG_LEVEL: 'trace', LOG_REQUESTS: 'on' }, issuer);
    try {
      await fetch(failing.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${failing.issuer.sign({ claims })}`,
        },
        body: JSON.stringify({ query: '{ public { message } }' }),
      });
      expect(failing.logged.join('')).toContain("The issuer's keys could not be fetched.");
      expect(failing.logged.join('')).not.toMatch(/Canary/);
    } finally {
      await failing.stop();
    }
  });

  it('is neither in metrics nor in traces', async () => {
    const text = await metrics.collect();
    expect(text).toMatch(/operations_total\{[^}]*outcome="refused"[^}]*\} [1-9]/);
    expectNothing(text);
    const isStream = ({ name }: { readonly name: string }): boolean => name === 'execute';
    await collector.until(() => collector.spans.some(isStream));
    const exported = collector.requests.map(
      ({ body, headers }) => `${body}${JSON.stringify(headers)}`,
    );
    expect(exported.join('')).toContain('authenticate');
    expectNothing(exported.join(''));
  });
});

it('passwords in the URLs of what cannot be reached are found nowhere', async () => {
  const stored: ApiModule<{ readonly read: () => Promise<unknown> }> = {
    typeDefs: 'extend type Query { stored: String }',
    resolvers: { Query: { stored: (_source, _args, context) => context.read() } },
    createContext: (_viewer, _request, { database }) => ({
      read: async () =>
        database?.kysely.selectNoFrom((select) => select.val('ok').as('text')).execute(),
    }),
    migrations: { '2026-01-01-none': async () => {} },
  };
  const metrics = createServerMetrics();
  const urls = [await freePort(), await freePort()].map(
    (port) => `//${canary('User')}:${canary('Password')}@127.0.0.1:${port}/${canary('Name')}`,
  );
  const server = await startTestServer(
    {
      LOG_LEVEL: 'trace',
      LOG_REQUESTS: 'on',
      DPOP: 'optional',
      DATABASE_URL: `postgres:${urls[0]}`,
      REDIS_URL: `redis:${urls[1]}`.replace(`/${canary('Name')}`, '/0'),
      RATE_LIMIT_ADDRESS: '1000/60',
    },
    undefined,
    buildFixtureApi({ modules: [stored] }),
    { metrics },
  );
  try {
    const key = createTestKey('ES256');
    const token = boundToken(server.issuer, key, {});
    const { clock } = server.issuer;
    const send = async (query: string): Promise<string> => {
      const proof = createProof({ key, token, clock, url: server.endpoint });
      const headers = { 'content-type': 'application/json' };
      const credentials = query.includes('stored')
        ? {}
        : { authorization: `DPoP ${token}`, dpop: proof };
      const response = await fetch(server.endpoint, {
        method: 'POST',
        headers: { ...headers, ...credentials },
        body: JSON.stringify({ query }),
      });
      return `${response.status} ${await response.text()}`;
    };
    const received = [await send('{ stored }'), await send('{ public { message } }')];
    received.push(await (await fetch(`${server.origin}/readyz`)).text());
    expect(received).toEqual([
      expect.stringMatching(/^503 .*SERVICE_UNAVAILABLE/),
      expect.stringMatching(/^503 /),
      expect.any(String),
    ]);
    const log = server.logged.join('');
    expect(log).toContain('The database is unavailable');
    expect(log).toContain('Redis');
    expect(log + received.join('') + (await metrics.collect())).not.toMatch(/Canary/);
  } finally {
    await server.stop();
  }
});
