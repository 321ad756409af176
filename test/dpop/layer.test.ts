import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import type { AuthContext } from '../../src/adapters/yoga/auth-options.ts';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { authenticatorFor, outcomeOf } from '../support/authentication.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';

const issuer = createTestIssuer();
const key = createTestKey();
const publicUrl = 'https://api.test';

const authenticator = (options: Partial<AuthenticatorOptions> = {}) =>
  authenticatorFor(issuer, { dpop: 'optional', publicUrl, ...options });

/** A request with a valid proof for this URL. */
function proving(options: { readonly url?: string; readonly htu?: string; jti?: string } = {}) {
  const { url = '/graphql', htu = `${publicUrl}/graphql`, jti } = options;
  const token = boundToken(issuer, key);
  const claims = jti === undefined ? {} : { claims: { jti } };
  const proof = createProof({ key, token, url: htu, clock: issuer.clock, ...claims });
  return {
    method: 'POST',
    url,
    headers: new Headers({ authorization: `DPoP ${token}`, dpop: proof }),
  };
}

const reasonOf = async (viewer: ReturnType<ReturnType<typeof authenticator>['authenticate']>) => {
  const outcome = await outcomeOf(viewer);
  return outcome instanceof Error ? outcome.reason : outcome.kind;
};

describe('the public URL', () => {
  it.each([
    ['https://api.test', '/graphql', 'https://api.test/graphql'],
    ['https://api.test/', '/graphql', 'https://api.test/graphql'],
    ['https://API.test:443', '/graphql?query=x', 'https://api.test/graphql'],
    // A reverse proxy strips /api.
    ['https://example.test/api', '/graphql', 'https://example.test/api/graphql'],
    ['https://api.test', 'http://10.0.0.7:4000/graphql', 'https://api.test/graphql'],
    ['http://[::1]:4000', '/', 'http://[::1]:4000'],
  ])('%s with the target %s takes proofs for %s', async (configured, url, htu) => {
    const { authenticate } = authenticator({ publicUrl: configured });
    expect(await reasonOf(authenticate(proving({ url, htu })))).toBe('authenticated');
  });

  it('is compared, whatever the Host header is', async () => {
    const request = proving({ url: 'https://evil.test/graphql', htu: 'https://evil.test/graphql' });
    request.headers.set('host', 'evil.test');
    request.headers.set('x-forwarded-host', 'evil.test');
    request.headers.set('forwarded', 'host=evil.test;proto=https');
    expect(await reasonOf(authenticator().authenticate(request))).toBe('proof_url');
  });
});

describe('two proofs', () => {
  it.each([
    ['joined by Headers', undefined],
    ['as raw headers', ['DPoP', 'a', 'dpop', 'b']],
  ])('are seen %s', async (_case, rawHeaders) => {
    const request = proving();
    if (rawHeaders === undefined) request.headers.append('dpop', 'a.b.c');
    const outcome = authenticator().authenticate({
      ...request,
      ...(rawHeaders ? { rawHeaders } : {}),
    });
    expect(await reasonOf(outcome)).toBe('proof_repeated');
  });
});

describe('the replay store of an authenticator', () => {
  it('is called last, once, with a hashed ID and a sufficient time', async () => {
    const calls: (readonly [string, number])[] = [];
    const replayStore = {
      isFirstUse: async (id: string, keepFor: number) => calls.push([id, keepFor]) > 0,
    };
    const { authenticate } = authenticator({ replayStore });
    const refused = proving({ htu: 'https://other.test/graphql' });
    expect(await reasonOf(authenticate(refused))).toBe('proof_url');
    expect(calls).toEqual([]);
    await authenticate(proving({ jti: 'the jti' }));
    expect(calls).toEqual([[expect.stringMatching(/^[\w-]{43}$/), 360_000]]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('down'))],
    [
      'throws synchronously',
      () => {
        throw new Error('down');
      },
    ],
  ])('that %s refuses with 503', async (_case, isFirstUse) => {
    const { authenticate } = authenticator({ replayStore: { isFirstUse } });
    expect(await reasonOf(authenticate(proving()))).toBe('replay_unavailable');
  });

  it('is shared by authenticators with the same one', async () => {
    const used = new Set<string>();
    const replayStore = {
      isFirstUse: async (id: string) => used.size < used.add(id).size,
    };
    const [one, other] = [authenticator({ replayStore }), authenticator({ replayStore })];
    const request = proving();
    expect(await reasonOf(one.authenticate(request))).toBe('authenticated');
    expect(await reasonOf(other.authenticate(request))).toBe('proof_replayed');
  });
});

describe('nonces of several authenticators', () => {
  const dpopNonceSecret = 'a secret that is long enough for it';

  it('are equal with a shared secret and store, and different without', () => {
    const shared = { isFirstUse: async () => true };
    const nonce = (secret?: string, replayStore?: AuthenticatorOptions['replayStore']) =>
      authenticator({
        dpopNonce: 'required',
        ...(replayStore === undefined ? {} : { replayStore }),
        ...(secret === undefined ? {} : { dpopNonceSecret: secret }),
      }).dpopNonce();
    expect(nonce(dpopNonceSecret, shared)).toBe(nonce(dpopNonceSecret, shared));
    expect(nonce(dpopNonceSecret, shared)).not.toBe(nonce(`${dpopNonceSecret}!`, shared));
    expect(nonce(dpopNonceSecret)).not.toBe(nonce(dpopNonceSecret));
    expect(nonce()).not.toBe(nonce());
    expect(authenticator().dpopNonce()).toBeUndefined();
  });
});

it.each([
  [{ dpop: 'on' }, 'dpop must be one of: off, optional, required.'],
  [{ publicUrl: undefined }, 'publicUrl must be the origin of this API'],
  [{ publicUrl: 'api.test' }, 'publicUrl must be the origin of this API'],
  [{ publicUrl: 'https://me@api.test' }, 'publicUrl must be the origin of this API'],
  [{ publicUrl: 'https://api.test/?x' }, 'publicUrl must be the origin of this API'],
  [{ dpop: 'off', publicUrl: 'x' }, 'publicUrl must be the origin of this API'],
  [{ dpopNonce: 'on' }, 'dpopNonce must be off or required.'],
  [{ dpop: 'off', dpopNonce: 'required' }, 'dpopNonce requires DPoP'],
  [
    { dpopNonceSecret: 'short' },
    'dpopNonceSecret must be a string of at least 32 random characters',
  ],
  [{ replayStore: {} }, 'replayStore must have a method isFirstUse'],
])('the options %j are rejected', (options, message) => {
  expect(() => authenticator(options as object)).toThrow(message);
});

describe('in Yoga', () => {
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs: [
        authDirectives,
        'type Query { one: Int @auth two: Int @auth scoped: Int @auth(scope: "a") }',
      ],
      resolvers: { Query: { one: () => 1, two: () => 2 } },
    }),
  );

  it('verifies once per batch', async () => {
    const yoga = createYoga<object, AuthContext>({
      schema,
      batching: true,
      logging: false,
      plugins: [useAuth({ authenticator: authenticator({ dpopNonce: 'off' }) })],
    });
    const { headers } = proving();
    headers.set('content-type', 'application/json');
    const batch = [{ query: '{ one }' }, { query: '{ two }' }, { query: '{ one two }' }];
    const post = async () => {
      const response = await yoga.fetch(`${publicUrl}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify(batch),
      });
      return [response.status, await response.json()];
    };
    expect(await post()).toEqual([
      200,
      [{ data: { one: 1 } }, { data: { two: 2 } }, { data: { one: 1, two: 2 } }],
    ]);
    expect(await post()).toMatchObject([401, { errors: [{}] }]);
  });

  it('needs only authenticate of an authenticator, and then offers Bearer', async () => {
    const { authenticate } = authenticator();
    const yoga = createYoga<object, AuthContext>({
      schema,
      logging: false,
      plugins: [useAuth({ authenticator: { authenticate } })],
    });
    const response = await yoga.fetch(`${publicUrl}/graphql?query={one}`);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="graphql"',
    ]);
  });
});
