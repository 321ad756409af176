import { createHash } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type ExecutionArgs, execute, visit } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { ApolloAuthOptions } from '../../../src/adapters/apollo-server/index.ts';
import { createApolloAuth } from '../../../src/adapters/apollo-server/index.ts';
import { anonymous, type RefusalEvent } from '../../../src/layer.ts';
import { viewerWith } from '../../../src/testing/index.ts';
import { boundToken, createProof } from '../../support/proofs.ts';
import { createTestKey } from '../../support/tokens.ts';
import { startApollo } from './start-apollo.ts';

const authenticationRequired =
  'Authentication required: sign in and send an access token in the Authorization header.';
const realm = 'realm="graphql"';

describe('Apollo Server responds', () => {
  it.each([
    {
      name: 'to what everyone is allowed',
      query: '{ open }',
      status: 200,
      body: { data: { open: 'open' } },
      cacheControl: 'max-age=60, public',
    },
    {
      name: 'to an authenticated viewer',
      token: { sub: 'ann' },
      query: '{ private }',
      status: 200,
      body: { data: { private: 'of ann' } },
    },
    {
      name: 'to an authenticated viewer with what everyone is allowed',
      token: {},
      query: '{ open }',
      status: 200,
      body: { data: { open: 'open' } },
    },
    {
      name: 'without a token',
      query: '{ private scoped }',
      status: 401,
      challenge: `Bearer ${realm}, scope="read:messages"`,
      body: {
        errors: [
          {
            message: authenticationRequired,
            locations: [{ line: 1, column: 3 }],
            path: ['private'],
            extensions: { code: 'UNAUTHENTICATED' },
          },
          {
            message: authenticationRequired,
            locations: [{ line: 1, column: 11 }],
            path: ['scoped'],
            extensions: { code: 'UNAUTHENTICATED', scope: 'read:messages' },
          },
        ],
      },
    },
    {
      name: 'without a scope',
      token: {},
      query: '{ scoped }',
      status: 403,
      challenge: `Bearer ${realm}, error="insufficient_scope", error_description="The access token is missing a scope that this operation requires.", scope="read:messages"`,
      body: {
        errors: [
          {
            message: 'Insufficient scope. Required: read:messages.',
            locations: [{ line: 1, column: 3 }],
            path: ['scoped'],
            extensions: { code: 'FORBIDDEN', scope: 'read:messages' },
          },
        ],
      },
    },
    {
      name: 'with partial data',
      query: '{ open private }',
      status: 200,
      body: {
        errors: [
          {
            message: authenticationRequired,
            locations: [{ line: 1, column: 8 }],
            path: ['private'],
            extensions: { code: 'UNAUTHENTICATED' },
          },
        ],
        data: { open: 'open', private: null },
      },
    },
    {
      name: 'when a policy denies everything, which is known during execution',
      token: {},
      query: '{ owned }',
      status: 403,
      challenge: `Bearer ${realm}`,
      body: {
        errors: [
          {
            message: 'Access denied.',
            locations: [{ line: 1, column: 3 }],
            path: ['owned'],
            extensions: { code: 'FORBIDDEN' },
          },
        ],
      },
    },
    {
      name: 'when a policy allows',
      token: { sub: 'owner' },
      query: '{ owned }',
      status: 200,
      body: { data: { owned: 'owned' } },
    },
    {
      name: 'when the type of an object is denied',
      query: '{ items { name } }',
      token: {},
      status: 200,
      body: {
        errors: [
          {
            message: 'Insufficient scope. Required: things.',
            locations: [{ line: 1, column: 3 }],
            path: ['items', 1],
            extensions: { code: 'FORBIDDEN', scope: 'things' },
          },
        ],
        data: { items: [{ name: 'lamp' }, null] },
      },
    },
    {
      name: 'to an expired token, even for public fields',
      token: { exp: 1 },
      query: '{ open }',
      status: 401,
      challenge: `Bearer ${realm}, error="invalid_token", error_description="The access token has expired. Get a new one."`,
      body: {
        errors: [
          {
            message: 'The access token has expired. Get a new one.',
            extensions: { code: 'UNAUTHENTICATED', reason: 'token_expired' },
          },
        ],
      },
    },
  ])('$name', async ({ query, token, status, challenge, body, cacheControl }) => {
    const api = await startApollo({ apollo: { includeStacktraceInErrorResponses: false } });
    const answer = await api.send({ query }, token ? api.bearer(token) : {});
    await api.stop();
    expect(answer.body).toEqual(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toBe(challenge ?? null);
    expect(answer.headers.get('cache-control')).toBe(cacheControl ?? 'no-store');
  });
});

describe('mutations', () => {
  it.each([
    { name: 'refused by a scope', mutation: 'mutation { openly add }', status: 403 },
    { name: 'refused by a policy', mutation: 'mutation { openly addOwn }', status: 403 },
    { name: 'refused without a token', mutation: 'mutation { openly addOwn }', status: 401 },
  ])('run nothing if $name', async ({ mutation, status }) => {
    const api = await startApollo();
    const headers = status === 401 ? {} : api.bearer();
    const answer = await api.send({ query: mutation }, headers);
    await api.stop();
    expect(answer.status).toBe(status);
    expect(answer.body).not.toHaveProperty('data');
    expect(api.counts.runs).toBe(0);
  });

  it('run if they are allowed', async () => {
    const api = await startApollo();
    const headers = api.bearer({ sub: 'owner', scope: 'write:messages' });
    const answer = await api.send({ query: 'mutation { openly add addOwn }' }, headers);
    await api.stop();
    expect(answer.body).toEqual({ data: { openly: 1, add: 2, addOwn: 3 } });
  });
});

describe('with refuse: operation', () => {
  it.each([
    ['before execution', '{ open private }', {}, 401],
    ['during execution', '{ open owned }', { sub: 'ann' }, 403],
    ['during execution, beside another error', '{ open owned failing }', { sub: 'ann' }, 403],
  ])('refuses all of a query: %s', async (_name, query, claims, status) => {
    const api = await startApollo({ auth: { refuse: 'operation' } });
    const answer = await api.send({ query }, status === 401 ? {} : api.bearer(claims));
    await api.stop();
    expect(answer.status).toBe(status);
    expect(answer.body).not.toHaveProperty('data');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });
});

describe('credentials', () => {
  const twoHeaders = { authorization: 'Bearer a, Bearer b' };
  it.each([
    { name: 'syntax error', body: { query: '{' }, status: 401 },
    { name: 'unknown field', body: { query: '{ nothing }' }, status: 401 },
    { name: 'no query', body: {}, status: 401 },
    { name: 'two headers', body: { query: '{ open }' }, status: 400, headers: twoHeaders },
  ])('are rejected before GraphQL is parsed: $name', async ({ body, status, headers }) => {
    const api = await startApollo();
    const answer = await api.send(body, headers ?? { authorization: 'Bearer abc' });
    await api.stop();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('are rejected with 503 while the keys are unavailable', async () => {
    const api = await startApollo();
    api.issuer.setDown(true);
    const answer = await api.send({ query: '{ open }' }, api.bearer());
    await api.stop();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.headers.has('www-authenticate')).toBe(false);
  });

  it('are verified once for a batch, which has the status of its gravest refusal', async () => {
    const publicUrl = 'https://api.test';
    const api = await startApollo({
      authenticator: { dpop: 'required', publicUrl, dpopNonce: 'off' },
      apollo: { allowBatchedHttpRequests: true },
    });
    const key = createTestKey();
    const token = boundToken(api.issuer, key);
    const headers = {
      authorization: `DPoP ${token}`,
      dpop: createProof({ key, token, clock: api.issuer.clock, url: `${publicUrl}/` }),
    };
    const batch = [{ query: '{ private }' }, { query: '{ scoped }' }, { query: '{ open }' }];
    const first = await api.send(batch, headers);
    const again = await api.send(batch, headers);
    await api.stop();
    expect(first.body).toMatchObject([
      { data: { private: 'of auth0|somebody' } },
      { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
      { data: { open: 'open' } },
    ]);
    expect(first.status).toBe(403);
    expect(first.headers.get('www-authenticate')).toMatch(/^DPoP .*scope="read:messages"/);
    expect(again.status).toBe(401);
    expect(again.body).toMatchObject({ errors: [{ extensions: { reason: 'proof_replayed' } }] });
  });

  it('with DPoP get the next nonce, whatever the response is', async () => {
    const publicUrl = 'https://api.test';
    const api = await startApollo({
      authenticator: { dpop: 'required', publicUrl, dpopNonce: 'required' },
    });
    const key = createTestKey();
    const token = boundToken(api.issuer, key);
    const ask = (query: string, nonce?: string) =>
      api.send(
        { query },
        {
          authorization: `DPoP ${token}`,
          dpop: createProof({
            key,
            token,
            clock: api.issuer.clock,
            url: `${publicUrl}/`,
            claims: { nonce },
          }),
        },
      );
    const refused = await ask('{ open }');
    const nonce = refused.headers.get('dpop-nonce') ?? undefined;
    const answers = [await ask('{ private }', nonce), await ask('{ scoped }', nonce)];
    const invalid = await ask('{', nonce);
    await api.stop();
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('use_dpop_nonce');
    expect(answers.map(({ status }) => status)).toEqual([200, 403]);
    expect(invalid.status).toBe(400);
    for (const { headers } of [...answers, invalid]) expect(headers.has('dpop-nonce')).toBe(true);
  });
});

describe('what Apollo does with errors', () => {
  const masking = {
    includeStacktraceInErrorResponses: true,
    formatError: ({ path }: { path?: readonly (string | number)[] }) => ({
      message: 'masked',
      ...(path ? { path } : {}),
    }),
  };

  it('leaves refusals as they are, and applies to others', async () => {
    const api = await startApollo({ apollo: masking });
    const answer = await api.send({ query: '{ open failing private }' });
    const whole = await api.send({ query: '{ private }' });
    await api.stop();
    expect(answer.body).toMatchObject({
      errors: [
        { message: 'masked', path: ['failing'] },
        { message: authenticationRequired, path: ['private'] },
      ],
    });
    expect(whole.body).toEqual({
      errors: [
        {
          message: authenticationRequired,
          locations: [{ line: 1, column: 3 }],
          path: ['private'],
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  it('has no trace of a refusal', async () => {
    const api = await startApollo({ apollo: { includeStacktraceInErrorResponses: true } });
    const answers = [
      await api.send({ query: '{ open private }' }),
      await api.send({ query: '{ private }' }),
      await api.send({ query: '{ owned }' }, api.bearer()),
      await api.send({ query: '{ open }' }, { authorization: 'Bearer abc' }),
    ];
    await api.stop();
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain('stacktrace');
  });

  it('reports refused operations to plugins', async () => {
    const seen: unknown[] = [];
    const observer: ApolloServerPlugin = {
      requestDidStart: async () => ({
        didEncounterErrors: async ({ errors }) => {
          seen.push(...errors.map(({ extensions }) => extensions['code']));
        },
      }),
    };
    const api = await startApollo({ apollo: { plugins: [observer] } });
    await api.send({ query: '{ private }' });
    await api.stop();
    expect(seen).toEqual(['UNAUTHENTICATED']);
  });

  it('limits the refusals of one response', async () => {
    const api = await startApollo();
    const query = `{ open ${Array.from({ length: 300 }, (_, at) => `f${at}: private`).join(' ')} }`;
    const { body } = await api.send({ query });
    await api.stop();
    const errors = body instanceof Object && 'errors' in body ? body.errors : [];
    expect(errors).toHaveLength(101);
  });

  it('writes what policies throw to the log, and never to clients', async () => {
    const api = await startApollo();
    const answer = await api.send({ query: '{ throwing }' }, api.bearer());
    await api.stop();
    expect(answer.status).toBe(403);
    expect(JSON.stringify(answer.body)).not.toContain('no database');
    expect(api.logged).toContain('Policy "throwing" threw; access denied: Error: no database');
  });

  it('calls onRefusal once for each', async () => {
    const events: RefusalEvent[] = [];
    const api = await startApollo({ auth: { onRefusal: (event) => events.push(event) } });
    await api.send({ query: '{ open private }' });
    await api.send({ query: '{ owned }' }, api.bearer());
    await api.send({ query: '{ open }' }, { authorization: 'Bearer abc' });
    await api.stop();
    expect(events.map(({ kind }) => kind)).toEqual(['rule', 'rule', 'credentials']);
  });
});

describe('what Apollo caches', () => {
  it('a document, with the rules checked for each viewer', async () => {
    const api = await startApollo();
    const statuses: number[] = [];
    for (const headers of [{}, api.bearer({ scope: 'read:messages' }), api.bearer(), {}]) {
      statuses.push((await api.send({ query: '{ scoped }' }, headers)).status);
    }
    await api.stop();
    expect(statuses).toEqual([401, 200, 403, 401]);
  });

  it('a persisted query, with the rules checked for each viewer', async () => {
    const api = await startApollo();
    const query = '{ private }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const registered = await api.send({ query, extensions }, api.bearer());
    const other = await api.send({ extensions });
    const same = await api.send({ extensions }, api.bearer({ sub: 'bob' }));
    await api.stop();
    expect([registered.status, other.status]).toEqual([200, 401]);
    expect(same.body).toEqual({ data: { private: 'of bob' } });
  });

  /** Caches like `@apollo/server-plugin-response-cache`, by text, without a session. */
  function createCache(respects: 'policies' | 'nothing'): ApolloServerPlugin {
    const kept = new Map<string, Record<string, unknown>>();
    return {
      requestDidStart: async () => ({
        async responseForOperation({ source, response: { http } }) {
          const data = kept.get(source);
          return data ? { http, body: { kind: 'single', singleResult: { data } } } : null;
        },
        async willSendResponse({ source, response: { body }, overallCachePolicy }) {
          if (body.kind !== 'single' || !body.singleResult.data) return;
          if (respects === 'policies' && !overallCachePolicy.policyIfCacheable()) return;
          kept.set(source, body.singleResult.data);
        },
      }),
    };
  }

  it.each(['policies', 'nothing'] as const)(
    'results, but not for other viewers: a cache that respects %s',
    async (respects) => {
      const api = await startApollo({ apollo: { plugins: [createCache(respects)] } });
      await api.send({ query: '{ open private }' }, api.bearer({ sub: 'ann' }));
      const anonymous = await api.send({ query: '{ open private }' });
      const other = await api.send({ query: '{ open private }' }, api.bearer({ sub: 'bob' }));
      const text = JSON.stringify([anonymous.body, other.body]);
      expect(text).not.toContain('of ann');
      expect([anonymous.status, other.status]).toEqual(
        respects === 'policies' ? [200, 200] : [500, 500],
      );
      expect(anonymous.headers.get('cache-control')).toBe('no-store');

      await api.send({ query: '{ open }' });
      const open = await api.send({ query: '{ open }' }, api.bearer());
      await api.stop();
      expect(open.body).toEqual({ data: { open: 'open' } });
      expect(open.headers.get('cache-control')).toBe('no-store');
    },
  );

  it('nothing, where its own headers are turned off', async () => {
    const api = await startApollo({
      apollo: { plugins: [ApolloServerPluginCacheControlDisabled()] },
    });
    const answers = [
      await api.send({ query: '{ open private }' }),
      await api.send({ query: '{ private }' }),
      await api.send({ query: '{ open }' }, api.bearer()),
    ];
    const open = await api.send({ query: '{ open }' });
    await api.stop();
    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(
      answers.map(() => 'no-store'),
    );
    expect(open.headers.get('cache-control')).toBeNull();
  });
});

describe('incremental delivery, by an executor of your own', () => {
  /** Sends the data in two parts, each executed when it is sent. */
  const executeIncrementally = (args: ExecutionArgs) => {
    const part = (name: string) =>
      execute({
        ...args,
        document: visit(args.document, {
          Field: (node) => (node.name.value === name ? undefined : null),
        }),
      });
    async function* later() {
      const { data = null, errors = [] } = await part('owned');
      yield { hasNext: false, incremental: [{ path: [], data, errors }] };
    }
    return Promise.resolve(part('private')).then((initialResult) => ({
      initialResult: { ...initialResult, hasNext: true },
      subsequentResults: later(),
    }));
  };
  const start = (auth: Partial<ApolloAuthOptions> = {}) =>
    startApollo({
      auth,
      apollo: { legacyExperimentalExecuteIncrementally: executeIncrementally },
    });
  const ask = ({ url }: { readonly url: string }, query: string, headers: Record<string, string>) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'multipart/mixed; deferSpec=20220824, application/json',
        ...headers,
      },
      body: JSON.stringify({ query }),
    });

  it('has each refusal in its part, and reports it', async () => {
    const events: RefusalEvent[] = [];
    const api = await start({ onRefusal: (event) => events.push(event) });
    const response = await ask(api, '{ private owned }', api.bearer({ sub: 'ann' }));
    const text = await response.text();
    await api.stop();
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(text).toContain('{"data":{"private":"of ann"},"hasNext":true}');
    expect(text).toContain('"data":{"owned":null},"errors":[{"message":"Access denied."');
    expect(events).toHaveLength(1);
  });

  it('is refused before its first part', async () => {
    const api = await start();
    const response = await ask(api, '{ private owned }', {});
    await api.stop();
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{}, {}] });
  });

  it('is refused as a whole by its first part, with refuse: operation', async () => {
    const api = await startApollo({
      auth: { refuse: 'operation' },
      apollo: {
        async legacyExperimentalExecuteIncrementally(args) {
          const initialResult = { ...(await execute(args)), hasNext: true };
          return { initialResult, subsequentResults: (async function* () {})() };
        },
      },
    });
    const response = await ask(api, '{ open owned }', api.bearer({ sub: 'ann' }));
    await api.stop();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ errors: [{ message: 'Access denied.' }] });
  });
});

describe('starting fails with a sentence', () => {
  it.each([
    {
      name: 'a schema that is not guarded',
      start: () =>
        startApollo({ schema: makeExecutableSchema({ typeDefs: 'type Query { open: String }' }) }),
      message: 'The schema is not guarded: pass it through guardSchema first.',
    },
    {
      name: 'two plugins',
      start: async () => {
        const second = createApolloAuth({
          authenticator: { authenticate: () => Promise.reject() },
        });
        return startApollo({ apollo: { plugins: [second.plugin] } });
      },
      message:
        'The server has two plugins of createApolloAuth: keep one, whose context function it uses.',
    },
  ])('$name', async ({ start, message }) => {
    await expect(start()).rejects.toThrow(message);
  });
});

it('says so if the server has no context function of createApolloAuth', async () => {
  const api = await startApollo({ context: async () => JSON.parse('{}') });
  const answer = await api.send({ query: '{ open }' });
  await api.stop();
  expect(answer.status).toBe(500);
  expect(api.logged.join()).toContain(
    'start the server with the context function of createApolloAuth',
  );
});

it('serves operations without a request, for the viewer of their context', async () => {
  const api = await startApollo();
  const contextValue = { viewer: viewerWith({ subject: 'ann' }) };
  const allowed = await api.server.executeOperation({ query: '{ private }' }, { contextValue });
  const refused = await api.server.executeOperation(
    { query: '{ private }' },
    { contextValue: { viewer: anonymous } },
  );
  await api.stop();
  expect(allowed.body).toMatchObject({ singleResult: { data: { private: 'of ann' } } });
  expect(refused.http.status).toBe(401);
});
