import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import type {
  IssuerResolver,
  TenantRequest,
} from '../../src/authentication/issuer/tenant-issuers.ts';
import { maxTenants } from '../../src/authentication/issuer/tenant-issuers.ts';
import { outcomeOf, refusalOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer, createTestKey, fetchOf, jsonResponse } from '../support/tokens.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Two tenants, each with an issuer and a host of its own. */
function setUp(resolver?: IssuerResolver, onTenantFailure?: (error: unknown) => void) {
  const clock = createTestClock();
  const a = createTestIssuer({ issuer: 'https://a.test', audience: 'a', clock });
  const b = createTestIssuer({ issuer: 'https://b.test', audience: 'b', clock });
  const calls: TenantRequest[] = [];
  const hosts: Record<string, string> = { 'a.example': a.issuer, 'b.example': b.issuer };
  const byHost: IssuerResolver = ({ issuer, host = '' }) =>
    hosts[host] === issuer ? { issuer, audience: issuer === a.issuer ? 'a' : 'b' } : undefined;
  const authenticator = createAuthenticator({
    issuers: (request) => {
      calls.push(request);
      return (resolver ?? byHost)(request);
    },
    fetch: fetchOf(a, b),
    clock,
    ...(onTenantFailure ? { onTenantFailure } : {}),
  });
  const authenticate = (token: string, host = 'a.example', url = '/graphql') =>
    authenticator.authenticate({
      method: 'POST',
      url,
      headers: new Headers({ authorization: `Bearer ${token}`, ...(host ? { host } : {}) }),
    });
  const reasonOf = async (...request: Parameters<typeof authenticate>) => {
    const result = await outcomeOf(authenticate(...request));
    return 'reason' in result ? result.reason : result.kind;
  };
  return { a, b, hosts, clock, calls, authenticator, authenticate, reasonOf };
}

describe('the resolver of issuers', () => {
  it('is called with the issuer of the token, and host and path of the request', async () => {
    const { a, calls, authenticate } = setUp(({ issuer }) => ({ issuer, audience: 'a' }));
    await authenticate(a.sign(), 'A.example:8080', '/t/one/graphql?a=b');
    await authenticate(a.sign(), '', 'https://B.example:8443/graphql?a#b');
    await authenticate(a.sign(), '', '/');
    expect(calls).toEqual([
      { issuer: a.issuer, host: 'a.example:8080', path: '/t/one/graphql' },
      { issuer: a.issuer, host: 'b.example:8443', path: '/graphql' },
      { issuer: a.issuer, host: undefined, path: '/' },
    ]);
  });

  it.each<[string, (sign: ReturnType<typeof setUp>['a']['sign']) => string]>([
    ['token_not_jws', () => 'opaque'],
    ['token_json', (sign) => sign().replace(/^[^.]+/, 'AAAA')],
    ['token_algorithm', (sign) => sign({ header: { alg: 'HS256' } })],
    ['token_issuer', (sign) => sign({ claims: { iss: undefined } })],
    ['token_issuer', (sign) => sign({ claims: { iss: ['https://a.test'] } })],
    ['token_issuer', (sign) => sign({ claims: { iss: `https://a.test/${'a'.repeat(2_000)}` } })],
  ])('is not called for %s', async (reason, create) => {
    const { a, calls, reasonOf } = setUp();
    expect(await reasonOf(create(a.sign))).toBe(reason);
    expect(calls).toEqual([]);
  });

  it('is not called for an anonymous request, or to be ready', async () => {
    const { calls, authenticator } = setUp();
    const request = { method: 'GET', url: '/', headers: new Headers() };
    expect(await authenticator.authenticate(request)).toEqual({ kind: 'anonymous' });
    await authenticator.warmUp();
    expect(authenticator.ready()).toBe(true);
    expect(calls).toEqual([]);
  });
});

describe('a token of one tenant', () => {
  it('is rejected at the host of another, also while it is known', async () => {
    const { a, b, reasonOf } = setUp();
    const token = a.sign();
    expect(await reasonOf(token, 'a.example')).toBe('authenticated');
    expect(await reasonOf(token, 'b.example')).toBe('token_issuer');
    expect(await reasonOf(token, 'a.example')).toBe('authenticated');
    expect(await reasonOf(b.sign(), 'a.example')).toBe('token_issuer');
  });

  it('is rejected with the key or the audience of another', async () => {
    const { a, b, reasonOf } = setUp();
    expect(await reasonOf(a.sign({ key: b.keys[0] ?? createTestKey() }))).toBe('token_signature');
    expect(await reasonOf(a.sign({ claims: { aud: 'b' } }))).toBe('token_audience');
  });

  it('is rejected within 5 minutes after its tenant is gone, also while it is known', async () => {
    const { a, hosts, clock, calls, reasonOf } = setUp();
    const token = a.sign();
    await reasonOf(token);
    delete hosts['a.example'];
    clock.advance(299);
    expect(await reasonOf(token)).toBe('authenticated');
    clock.advance(1);
    expect(await reasonOf(token)).toBe('token_issuer');
    expect(calls).toHaveLength(2);
  });

  it('is verified against what is found again', async () => {
    let audience = 'a';
    const { a, clock, reasonOf } = setUp(({ issuer }) => ({ issuer, audience }));
    const token = a.sign();
    expect(await reasonOf(token)).toBe('authenticated');
    audience = 'other';
    clock.advance(300);
    expect(await reasonOf(token)).toBe('token_audience');
  });

  it('is accepted within 30 seconds after its tenant is new', async () => {
    const { a, hosts, clock, calls, reasonOf } = setUp();
    delete hosts['a.example'];
    expect(await reasonOf(a.sign())).toBe('token_issuer');
    hosts['a.example'] = a.issuer;
    clock.advance(29);
    expect(await reasonOf(a.sign())).toBe('token_issuer');
    expect(calls).toHaveLength(1);
    clock.advance(1);
    expect(await reasonOf(a.sign())).toBe('authenticated');
  });
});

describe('the cost', () => {
  it('of 100 concurrent tokens of a tenant is one call and one fetch of keys', async () => {
    const { a, calls, reasonOf } = setUp();
    const reasons = await Promise.all(Array.from({ length: 100 }, () => reasonOf(a.sign())));
    expect(new Set(reasons)).toEqual(new Set(['authenticated']));
    expect([calls.length, a.requests.discovery, a.requests.keys]).toEqual([1, 1, 1]);
  });

  it('of another path, or of a tenant that is found again, is no fetch of keys', async () => {
    const { a, clock, calls, reasonOf } = setUp();
    await reasonOf(a.sign(), 'a.example', '/one');
    await reasonOf(a.sign(), 'a.example', '/two');
    clock.advance(301);
    await reasonOf(a.sign(), 'a.example', '/two');
    expect([calls.length, a.requests.keys]).toEqual([3, 1]);
  });

  it('of invented issuers is not that known tenants are forgotten', async () => {
    const { a, calls, reasonOf } = setUp();
    await reasonOf(a.sign());
    for (let index = 0; index < 2 * maxTenants; index += 1) {
      await reasonOf(a.sign({ claims: { iss: `https://${index}.test` } }));
    }
    const before = calls.length;
    await reasonOf(a.sign());
    expect(calls).toHaveLength(before);
  });

  it('of invented hosts, which the resolver ignores, is not that tenants are forgotten', async () => {
    const { a, calls, reasonOf } = setUp(({ issuer }) => ({ issuer, audience: 'a' }));
    const token = a.sign();
    await reasonOf(token);
    const forged = a.sign({ header: { kid: 'unknown' } });
    for (let index = 0; index < maxTenants; index += 1) {
      await reasonOf(forged, `${index}.example`);
    }
    const before = calls.length;
    expect(await reasonOf(token)).toBe('authenticated');
    expect(calls).toHaveLength(before);
  });

  it('of invented issuers, for which the resolver is slow, is not that others wait', async () => {
    const { a, clock, authenticate, reasonOf } = setUp(({ issuer }) =>
      issuer === 'https://a.test' ? { issuer, audience: 'a' } : new Promise(() => {}),
    );
    await reasonOf(a.sign());
    clock.advance(300);
    for (let index = 0; index < 101; index += 1) {
      const iss = `https://${index}.test`;
      authenticate(a.sign({ claims: { iss } })).catch(() => {});
    }
    expect(await reasonOf(a.sign())).toBe('authenticated');
    expect(await reasonOf(a.sign(), 'other.example')).toBe('keys_unavailable');
  });

  it('of a resolver that is slow is at most 100 calls at a time', async () => {
    const { a, calls, authenticate } = setUp(() => new Promise(() => {}));
    const tokens = Array.from({ length: 101 }, (_, index) =>
      a.sign({ claims: { iss: `https://${index}.test` } }),
    );
    const [last = ''] = tokens.splice(-1);
    for (const token of tokens) authenticate(token).catch(() => {});
    expect(await refusalOf(authenticate(last))).toMatchObject({ reason: 'keys_unavailable' });
    expect(calls).toHaveLength(100);
  });
});

describe('a resolver that fails is 503', () => {
  it.each<[string, IssuerResolver]>([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['returns another issuer', () => ({ issuer: 'https://b.test', audience: 'b' })],
    ['returns no audience', ({ issuer }) => ({ issuer, audience: [] })],
    [
      'returns two ways to find keys',
      ({ issuer }) => ({
        issuer,
        audience: 'a',
        keys: { jwksUri: 'https://a.test', discovery: 'https://a.test' },
      }),
    ],
    [
      'returns introspection',
      ({ issuer }) => ({
        issuer,
        audience: 'a',
        introspection: { client: { clientId: 'a', clientSecret: 'b' } },
      }),
    ],
  ])('%s', async (_, resolver) => {
    const { a, calls, authenticate } = setUp(resolver);
    const refusal = await refusalOf(authenticate(a.sign()));
    expect(refusal).toMatchObject({ status: 503, reason: 'keys_unavailable', retryAfter: 5 });
    expect(refusal.message).not.toMatch(/secret|test/);
    // Not remembered.
    await refusalOf(authenticate(a.sign()));
    expect(calls).toHaveLength(2);
  });

  it('takes longer than 5 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { a, authenticate } = setUp(() => new Promise(() => {}));
    const refused = refusalOf(authenticate(a.sign()));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await refused).toMatchObject({ reason: 'keys_unavailable' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is reported at most once per second', async () => {
    const reported: unknown[] = [];
    const { a, clock, authenticate } = setUp(
      () => {
        throw new Error('database');
      },
      (error) => reported.push(error),
    );
    await refusalOf(authenticate(a.sign()));
    await refusalOf(authenticate(a.sign(), 'b.example'));
    expect(reported).toEqual([new Error('database')]);
    clock.advance(1);
    await refusalOf(authenticate(a.sign()));
    expect(reported).toHaveLength(2);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('log');
      },
    ],
    ['rejects', () => Promise.reject(new Error('log'))],
  ])('also if its report %s', async (_, report) => {
    const { a, authenticate } = setUp(() => {
      throw new Error('database');
    }, report);
    expect(await refusalOf(authenticate(a.sign()))).toMatchObject({ reason: 'keys_unavailable' });
  });

  it('returns no object', async () => {
    const { a } = setUp();
    const authenticator = createAuthenticator(
      // As untyped code would.
      Object.assign({ fetch: a.fetch, clock: a.clock }, { issuers: () => JSON.parse('null') }),
    );
    const request = { method: 'GET', url: '/', headers: new Headers() };
    request.headers.set('authorization', `Bearer ${a.sign()}`);
    expect(await refusalOf(authenticator.authenticate(request))).toMatchObject({ status: 503 });
  });
});

it('the tenants of Microsoft Entra ID share their keys', async () => {
  const clock = createTestClock();
  const [ours, theirs] = ['0a-1', '0a-2'].map(
    (id) => `https://login.microsoftonline.com/${id}/v2.0`,
  );
  const shared = createTestKey('RS256');
  const limited = createTestKey('ES256');
  const tenant = createTestIssuer({ issuer: ours ?? '', audience: 'api', clock, key: shared });
  const customers = new Set([ours, theirs]);
  const discovery =
    'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration';
  const authenticator = createAuthenticator({
    issuers: ({ issuer }) =>
      customers.has(issuer) ? { issuer, audience: 'api', keys: { discovery } } : undefined,
    clock,
    fetch: async (url) =>
      jsonResponse(
        url === discovery
          ? {
              issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
              jwks_uri: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
            }
          : {
              keys: [
                { ...shared.jwk, issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' },
                { ...limited.jwk, issuer: theirs },
              ],
            },
      ),
  });
  const reasonOf = async (token: string) => {
    const headers = new Headers({ authorization: `Bearer ${token}` });
    const request = { method: 'GET', url: '/graphql', headers };
    const result = await outcomeOf(authenticator.authenticate(request));
    return 'reason' in result ? result.reason : result.kind;
  };
  const iss = 'https://login.microsoftonline.com/0a-3/v2.0';
  expect([
    await reasonOf(tenant.sign()),
    await reasonOf(tenant.sign({ claims: { iss: theirs } })),
    await reasonOf(tenant.sign({ claims: { iss: theirs }, key: limited })),
    await reasonOf(tenant.sign({ key: limited })),
    await reasonOf(tenant.sign({ claims: { iss } })),
  ]).toEqual([
    'authenticated',
    'authenticated',
    'authenticated',
    'token_signature',
    'token_issuer',
  ]);
});

it('issuers as a function cannot be combined with the short form', () => {
  const create = () => createAuthenticator({ issuers: () => undefined, audience: 'a' });
  expect(create).toThrow(/audience cannot be combined with issuers/);
});
