import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { authenticatorFor, bearer, refusalOf } from '../support/authentication.ts';
import {
  createTestIssuer,
  createTestKey,
  fetchOf,
  jsonResponse,
  type TestIssuer,
  type TestKey,
} from '../support/tokens.ts';

function setUp(options: Parameters<typeof createTestIssuer>[0] = {}) {
  const issuer = createTestIssuer(options);
  const failures: unknown[] = [];
  const authenticator = authenticatorFor(issuer, {
    onFetchFailure: (_, error) => failures.push(error),
  });
  const authenticate = (token = issuer.sign()) => authenticator.authenticate(bearer(token));
  return { issuer, authenticator, authenticate, failures };
}

const fetchesOf = ({ requests }: TestIssuer) => [requests.discovery, requests.keys];

/** A key without a kid. */
function withoutKid(key: TestKey): TestKey {
  const { kid: _kid, ...jwk } = key.jwk;
  return { ...key, jwk };
}

/** Waits for background work. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const megabyte = 1024 * 1024;

afterEach(() => {
  vi.useRealTimers();
});

describe('fetching', () => {
  it('happens once for 200 concurrent first requests', async () => {
    const { issuer, authenticate } = setUp();
    const viewers = await Promise.all(Array.from({ length: 200 }, () => authenticate()));
    expect(viewers.every(({ kind }) => kind === 'authenticated')).toBe(true);
    expect(fetchesOf(issuer)).toEqual([1, 1]);
  });

  it('does not happen for tokens of a known key', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    for (let count = 0; count < 10; count += 1) await authenticate();
    expect(fetchesOf(issuer)).toEqual([1, 1]);
  });

  it.each([
    ['without credentials', undefined],
    ['with an unusable token', 'opaque'],
  ])('costs nothing for a request %s', async (_, token) => {
    const { issuer, authenticator } = setUp();
    const request = { ...bearer(token ?? ''), ...(token ? {} : { headers: new Headers() }) };
    await authenticator.authenticate(request).catch(() => {});
    expect(fetchesOf(issuer)).toEqual([0, 0]);
  });

  it('does not happen for a token of an untrusted issuer', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate(issuer.sign({ claims: { iss: 'https://evil.test/' } })).catch(() => {});
    expect(fetchesOf(issuer)).toEqual([0, 0]);
  });

  it('finds the discovery document of an issuer without a trailing slash', async () => {
    const { authenticate } = setUp({ issuer: 'https://issuer.test/realms/one' });
    expect((await authenticate()).kind).toBe('authenticated');
  });

  it('gets the keys of each issuer from that issuer only', async () => {
    const [one, two] = [
      createTestIssuer(),
      createTestIssuer({ issuer: 'https://two.test', key: createTestKey('RS256') }),
    ];
    const both = authenticatorFor(one, {
      issuer: [one.issuer, two.issuer],
      fetch: fetchOf(one, two),
    });
    expect(await both.authenticate(bearer(two.sign()))).toMatchObject({ issuer: two.issuer });
    expect([fetchesOf(one), fetchesOf(two)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
    two.setDown(true);
    expect(await both.authenticate(bearer(one.sign()))).toMatchObject({ issuer: one.issuer });
  });
});

describe('rotated keys', () => {
  it('are fetched once for many tokens with unknown keys', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.clock.advance(31);
    issuer.rotate();
    const stranger = createTestKey();
    const all = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) =>
        authenticate(issuer.sign(index % 2 === 0 ? {} : { key: stranger })),
      ),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });

  it('are found immediately, but not fetched again within 30 s', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.rotate();
    expect((await authenticate()).kind).toBe('authenticated');
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    issuer.rotate();
    issuer.clock.advance(29);
    expect(await refusalOf(authenticate())).toMatchObject({
      status: 401,
      reason: 'token_signature',
    });
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    issuer.clock.advance(1);
    expect((await authenticate()).kind).toBe('authenticated');
    expect(fetchesOf(issuer)).toEqual([1, 3]);
  });

  it('are awaited if a fetch is in flight for another reason', async () => {
    const { issuer, authenticate } = setUp();
    const before = issuer.sign();
    await authenticate(before);
    issuer.clock.advance(601);
    issuer.rotate();
    const token = issuer.sign();
    const [stale, fresh] = await Promise.all([
      authenticate(issuer.sign({ key: issuer.keys[0] ?? createTestKey() })),
      authenticate(token),
    ]);
    expect([stale.kind, fresh.kind]).toEqual(['authenticated', 'authenticated']);
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });

  it('no longer verify tokens of the old key', async () => {
    const { issuer, authenticate } = setUp();
    const old = issuer.sign();
    await authenticate(old);
    issuer.clock.advance(30);
    issuer.rotate();
    await authenticate();
    expect(await refusalOf(authenticate(old))).toMatchObject({ reason: 'token_signature' });
  });
});

/** Responds with keys when `release` is called; until then, requests for them are pending. */
function holdKeys(issuer: TestIssuer) {
  let release: () => void = () => {};
  let markRequested: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const requested = new Promise<void>((resolve) => {
    markRequested = resolve;
  });
  const { keys } = issuer.responses;
  issuer.responses.keys = async (init) => {
    markRequested();
    await released;
    return keys(init);
  };
  return { release, requested };
}

describe('a withdrawn key', () => {
  // Seconds since the keys were fetched.
  it.each([601, 3_600, 23 * 3_600, 24 * 3_600 + 1])(
    'is rejected by the first request after %i s without any',
    async (idle) => {
      const { issuer, authenticate } = setUp();
      const [withdrawn = createTestKey()] = issuer.keys;
      await authenticate();
      issuer.rotate();
      issuer.clock.advance(idle);
      const token = issuer.sign({ key: withdrawn });
      expect(await refusalOf(authenticate(token))).toMatchObject({ reason: 'token_signature' });
      expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
    },
  );

  it('is rejected after 10 minutes of constant traffic', async () => {
    const { issuer, authenticate } = setUp();
    const [withdrawn = createTestKey()] = issuer.keys;
    await authenticate();
    issuer.rotate();
    const outcomes: (string | undefined)[] = [];
    for (let seconds = 0; seconds < 660; seconds += 60) {
      const outcome = await authenticate(issuer.sign({ key: withdrawn })).then(
        ({ kind }) => kind,
        ({ reason }) => reason,
      );
      await settle();
      outcomes.push(outcome);
      issuer.clock.advance(60);
    }
    expect(outcomes.indexOf('token_signature')).toBe(10);
    // The third is for the key that is unknown by now.
    expect(fetchesOf(issuer)).toEqual([1, 3]);
  });

  it('is accepted again for at most 10 minutes if the clock was set back', async () => {
    const { issuer, authenticate } = setUp();
    const [withdrawn = createTestKey()] = issuer.keys;
    await authenticate();
    issuer.clock.advance(-3600);
    issuer.rotate();
    const token = issuer.sign({ key: withdrawn });
    expect(await refusalOf(authenticate(token))).toMatchObject({ reason: 'token_signature' });
  });
});

describe('a key that was replaced', () => {
  const sameKid = 'the same';
  it.each<[string, TestKey, TestKey, Record<string, unknown>]>([
    ['under its kid', createTestKey('ES256', sameKid), createTestKey('ES256', sameKid), {}],
    [
      'under its kid, for another algorithm',
      createTestKey('ES256', sameKid),
      createTestKey('RS256', sameKid),
      {},
    ],
    ['without a kid', withoutKid(createTestKey()), withoutKid(createTestKey()), { kid: undefined }],
    [
      'without a kid, for another algorithm',
      withoutKid(createTestKey('RS256')),
      withoutKid(createTestKey('ES256')),
      { kid: undefined },
    ],
  ])('%s: its first token is accepted', async (_, before, after, header) => {
    const { issuer, authenticate } = setUp({ key: before });
    await authenticate(issuer.sign({ header }));
    issuer.rotate(after);
    expect((await authenticate(issuer.sign({ header }))).kind).toBe('authenticated');
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    const old = issuer.sign({ key: before, header });
    expect(await refusalOf(authenticate(old))).toMatchObject({ reason: 'token_signature' });
  });

  it('is fetched once in 30 s, however many signatures do not verify', async () => {
    const { issuer, authenticate } = setUp();
    const [known = createTestKey()] = issuer.keys;
    const forger = createTestKey('ES256', known.kid);
    await authenticate();
    for (const [fetches, seconds] of [
      [2, 29],
      [2, 1],
      [3, 30],
    ] as const) {
      const all = await Promise.all(
        Array.from({ length: 20 }, () => refusalOf(authenticate(issuer.sign({ key: forger })))),
      );
      expect(all.every(({ reason }) => reason === 'token_signature')).toBe(true);
      expect(fetchesOf(issuer)).toEqual([1, fetches]);
      issuer.clock.advance(seconds);
    }
  });

  it('shares its 30 s with unknown keys', async () => {
    const { issuer, authenticate } = setUp();
    const [known = createTestKey()] = issuer.keys;
    await authenticate();
    await refusalOf(authenticate(issuer.sign({ key: createTestKey() })));
    await refusalOf(authenticate(issuer.sign({ key: createTestKey('ES256', known.kid) })));
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });

  it('is fetched without delaying valid requests', async () => {
    const { issuer, authenticate } = setUp();
    const [known = createTestKey()] = issuer.keys;
    await authenticate();
    const { release, requested } = holdKeys(issuer);
    const forged = refusalOf(authenticate(issuer.sign({ key: createTestKey('ES256', known.kid) })));
    await requested;
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
    release();
    expect(await forged).toMatchObject({ status: 401, reason: 'token_signature' });
  });

  it('is not fetched for a token that would be rejected anyway', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    for (const header of [{ alg: 'HS256' }, { typ: 'dpop+jwt' }, { crit: ['x'] }]) {
      await refusalOf(authenticate(issuer.sign({ header })));
    }
    await refusalOf(authenticate(issuer.sign({ claims: { exp: 0 } })));
    expect(fetchesOf(issuer)).toEqual([1, 1]);
  });

  it('reports an invalid signature as such while the issuer is down', async () => {
    const { issuer, authenticate } = setUp();
    const [known = createTestKey()] = issuer.keys;
    await authenticate();
    issuer.setDown(true);
    const forged = issuer.sign({ key: createTestKey('ES256', known.kid) });
    for (let count = 0; count < 5; count += 1) {
      expect(await refusalOf(authenticate(forged))).toMatchObject({ status: 401 });
    }
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
  });
});

describe('keys older than 9 minutes', () => {
  it('are used while new ones are fetched in the background', async () => {
    const { issuer, authenticate, failures } = setUp();
    await authenticate();
    issuer.clock.advance(539);
    await authenticate(issuer.sign());
    await settle();
    expect(fetchesOf(issuer)).toEqual([1, 1]);

    issuer.clock.advance(1);
    const { release } = holdKeys(issuer);
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    // If the request waited, it would wait until the fetch fails.
    expect(failures).toEqual([]);
    release();
    await settle();
    await authenticate(issuer.sign());
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });
});

describe('keys older than 10 minutes', () => {
  it('are refreshed once for all waiting requests', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.clock.advance(3600);
    await Promise.all(Array.from({ length: 50 }, () => authenticate(issuer.sign())));
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });

  it('are used without waiting for a minute after the issuer failed', async () => {
    const { issuer, authenticate, failures } = setUp();
    await authenticate();
    issuer.setDown(true);
    issuer.clock.advance(3600);
    await authenticate(issuer.sign());
    issuer.setDown(false);
    issuer.clock.advance(59);
    const { release } = holdKeys(issuer);
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
    expect(issuer.requests.discovery).toBe(2);
    // If the request waited, it would wait until this fetch fails too.
    expect(failures).toHaveLength(1);
    release();
    await settle();
  });

  it('are awaited again a minute after the issuer failed', async () => {
    const { issuer, authenticate } = setUp();
    const [withdrawn = createTestKey()] = issuer.keys;
    await authenticate();
    issuer.setDown(true);
    issuer.clock.advance(3600);
    await authenticate(issuer.sign());
    issuer.setDown(false);
    issuer.rotate();
    issuer.clock.advance(60);
    const token = issuer.sign({ key: withdrawn });
    expect(await refusalOf(authenticate(token))).toMatchObject({ reason: 'token_signature' });
  });

  it('keep working while the issuer is down, with one attempt in 30 s', async () => {
    const { issuer, authenticate, failures } = setUp();
    await authenticate();
    issuer.setDown(true);
    issuer.clock.advance(3600);
    for (let count = 0; count < 10; count += 1) {
      expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
      await settle();
    }
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    expect(failures).toHaveLength(1);
    issuer.clock.advance(30);
    await authenticate(issuer.sign());
    await settle();
    // After a failure, discovery is repeated.
    expect(fetchesOf(issuer)).toEqual([2, 2]);
  });

  it('are dropped after 24 hours', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.setDown(true);
    issuer.clock.advance(24 * 3600 - 1);
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
    await settle();
    issuer.clock.advance(1);
    expect(await refusalOf(authenticate(issuer.sign()))).toMatchObject({ status: 503 });
  });

  it('are fetched again if the clock was set back', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.clock.advance(-3600);
    issuer.rotate();
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
  });

  it('survive a callback that throws', async () => {
    const issuer = createTestIssuer();
    const authenticator = authenticatorFor(issuer, {
      onFetchFailure: () => {
        throw new Error('The log is full.');
      },
    });
    await authenticator.authenticate(bearer(issuer.sign()));
    issuer.setDown(true);
    issuer.clock.advance(601);
    const viewer = await authenticator.authenticate(bearer(issuer.sign()));
    await settle();
    expect(viewer.kind).toBe('authenticated');
  });
});

describe('row 17: the keys are unavailable', () => {
  const hugeBody = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(megabyte).fill(0x20)),
    });
  const json = { 'content-type': 'application/json' };
  const [goodKey] = createTestIssuer().keys.map(({ jwk }) => jwk);
  const symmetric = { kty: 'oct', kid: 'a', k: 'c2VjcmV0', alg: 'HS256' };

  it.each<[string, 'discovery' | 'keys', () => Response | Promise<Response>]>([
    ['status 500', 'discovery', () => jsonResponse({}, { status: 500, headers: json })],
    ['status 404', 'keys', () => new Response('', { status: 404 })],
    ['status 201', 'keys', () => jsonResponse({ keys: [goodKey] }, { status: 201, headers: json })],
    ['a redirect', 'discovery', () => Response.redirect('https://evil.test/', 302)],
    ['a redirect', 'keys', () => Response.redirect('https://evil.test/', 307)],
    ['HTML', 'discovery', () => new Response('<p>', { headers: { 'content-type': 'text/html' } })],
    ['invalid JSON', 'discovery', () => new Response('{', { headers: json })],
    [
      'bytes that are not UTF-8',
      'keys',
      () =>
        new Response(
          Buffer.concat([
            Buffer.from(`{"keys":[${JSON.stringify(goodKey)}],"a":"`),
            Buffer.from([0xff]),
            Buffer.from('"}'),
          ]),
          { headers: json },
        ),
    ],
    [
      'a valid response after a redirect that fetch followed',
      'keys',
      () => Object.defineProperty(jsonResponse({ keys: [goodKey] }), 'redirected', { value: true }),
    ],
    ['no body', 'keys', () => new Response(null, { headers: json })],
    ['an endless body', 'discovery', () => new Response(hugeBody(), { headers: json })],
    [
      'a body of more than 512 KiB',
      'keys',
      () => jsonResponse({ keys: [goodKey], filling: 'a'.repeat(512 * 1024) }),
    ],
    ['a list', 'discovery', () => jsonResponse([])],
    ['no issuer', 'discovery', () => jsonResponse({ jwks_uri: 'https://issuer.test/keys' })],
    [
      'another issuer',
      'discovery',
      () =>
        jsonResponse({
          issuer: 'https://evil.test/',
          jwks_uri: 'https://issuer.test/.well-known/jwks.json',
        }),
    ],
    [
      'the issuer without its trailing slash',
      'discovery',
      () =>
        jsonResponse({
          issuer: 'https://issuer.test',
          jwks_uri: 'https://issuer.test/.well-known/jwks.json',
        }),
    ],
    ['no jwks_uri', 'discovery', () => jsonResponse({ issuer: 'https://issuer.test/' })],
    [
      'a jwks_uri that is not a URL',
      'discovery',
      () => jsonResponse({ issuer: 'https://issuer.test/', jwks_uri: '/keys' }),
    ],
    [
      'an http jwks_uri',
      'discovery',
      () => jsonResponse({ issuer: 'https://issuer.test/', jwks_uri: 'http://issuer.test/keys' }),
    ],
    [
      'a jwks_uri that resembles loopback',
      'discovery',
      () =>
        jsonResponse({
          issuer: 'https://issuer.test/',
          jwks_uri: 'http://127.0.0.1.nip.io/keys',
        }),
    ],
    [
      'a jwks_uri on this machine',
      'discovery',
      () => jsonResponse({ issuer: 'https://issuer.test/', jwks_uri: 'http://127.0.0.1/keys' }),
    ],
    ['no key', 'keys', () => jsonResponse({ keys: [] })],
    ['no list of keys', 'keys', () => jsonResponse({ keys: { 0: goodKey } })],
    ['null', 'keys', () => jsonResponse(null)],
    ['symmetric keys only', 'keys', () => jsonResponse({ keys: [symmetric] })],
    ['a network error', 'keys', () => Promise.reject(new TypeError('fetch failed'))],
  ])('%s (%s)', async (_, document, respond) => {
    const { issuer, authenticator, authenticate, failures } = setUp();
    issuer.responses[document] = respond;
    const refusal = await refusalOf(authenticate());
    expect({ ...refusal }).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      reason: 'keys_unavailable',
      retryAfter: 1,
    });
    expect(refusal.error).toBeUndefined();
    expect(failures).toHaveLength(1);
    expect(refusal.cause).toBe(failures[0]);
    expect(authenticator.ready()).toBe(false);
    expect(issuer.requests.others).toEqual([]);
  });

  it.each<['discovery' | 'keys', string, () => Promise<Response>]>([
    ['discovery', 'no response', () => new Promise(() => {})],
    ['keys', 'no response', () => new Promise(() => {})],
    [
      'keys',
      'a body that stalls and ignores the abort',
      async () =>
        new Response(new ReadableStream({ start: (body) => body.enqueue(Buffer.from('{')) }), {
          headers: json,
        }),
    ],
  ])('%s: %s in 5 s', async (document, _, respond) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { issuer, authenticate } = setUp();
    issuer.responses[document] = respond;
    const refused = refusalOf(authenticate());
    let isRefused = false;
    void refused.then(() => {
      isRefused = true;
    });
    await vi.advanceTimersByTimeAsync(4_900);
    expect(isRefused).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    await settle();
    expect(isRefused).toBe(true);
    expect(await refused).toMatchObject({ status: 503 });
    expect(vi.getTimerCount()).toBe(0);
  });

  // Cloudflare Workers drop what a request has started, timers included, when it ends.
  it('is repeated after 16 seconds if it does not end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { issuer, authenticate } = setUp();
    const { keys } = issuer.responses;
    issuer.responses.keys = () => new Promise(() => {});
    void authenticate();
    await settle();
    expect(fetchesOf(issuer)).toEqual([1, 1]);
    issuer.responses.keys = keys;
    issuer.clock.advance(15);
    void authenticate();
    await settle();
    expect(fetchesOf(issuer)).toEqual([1, 1]);
    issuer.clock.advance(1);
    expect(await authenticate()).toMatchObject({ kind: 'authenticated' });
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });

  it('clears its timers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { authenticate } = setUp();
    await authenticate();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, ResponseInit, number]>([
    ['of a wrong status', { status: 500 }, 0],
    ['that is too long', { headers: json }, megabyte],
  ])('lets go of a body %s', async (_, init, length) => {
    const { issuer, authenticate } = setUp();
    const cancel = vi.fn();
    const pull = (body: ReadableStreamDefaultController<Uint8Array>) =>
      body.enqueue(new Uint8Array(Math.max(1, length)));
    issuer.responses.keys = () => new Response(new ReadableStream({ pull, cancel }), init);
    await refusalOf(authenticate());
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('aborts a stalled request and a stalled body', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { issuer, authenticate } = setUp();
    const cancel = vi.fn();
    const signals: (AbortSignal | null | undefined)[] = [];
    issuer.responses.keys = ({ signal }) => {
      signals.push(signal);
      return new Response(new ReadableStream({ cancel }), { headers: json });
    };
    const refused = refusalOf(authenticate());
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('has timers that do not keep the process alive', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const { authenticate } = setUp();
    await authenticate();
    const made = timers.mock.results.map(({ value }) => value.hasRef());
    timers.mockRestore();
    expect(made).toEqual([false, false]);
  });

  it('does not follow redirects', async () => {
    const { issuer, authenticate } = setUp();
    const seen: RequestInit[] = [];
    issuer.responses.discovery = (init) => {
      seen.push(init);
      return new Response(null, { status: 302 });
    };
    await refusalOf(authenticate());
    expect(seen[0]).toMatchObject({ redirect: 'manual', headers: { accept: 'application/json' } });
  });

  it('backs off from 1 s to 30 s', async () => {
    const { issuer, authenticate } = setUp();
    issuer.setDown(true);
    const attempts: number[] = [];
    for (let second = 0; second < 125; second += 1) {
      const before = issuer.requests.discovery;
      const refusal = await refusalOf(authenticate());
      expect(refusal.retryAfter).toBeGreaterThanOrEqual(1);
      expect(refusal.retryAfter).toBeLessThanOrEqual(30);
      if (issuer.requests.discovery > before) attempts.push(second);
      issuer.clock.advance(1);
    }
    expect(attempts).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  });

  it('says when to retry', async () => {
    const { issuer, authenticate } = setUp();
    issuer.setDown(true);
    for (const pause of [1, 2, 4, 8]) {
      expect((await refusalOf(authenticate())).retryAfter).toBe(pause);
      issuer.clock.advance(pause / 2);
      expect((await refusalOf(authenticate())).retryAfter).toBe(Math.ceil(pause / 2));
      issuer.clock.advance(pause / 2);
    }
  });

  it('costs one fetch for 200 concurrent requests', async () => {
    const { issuer, authenticate } = setUp();
    issuer.setDown(true);
    const all = await Promise.all(Array.from({ length: 200 }, () => refusalOf(authenticate())));
    expect(all.every(({ status }) => status === 503)).toBe(true);
    expect(fetchesOf(issuer)).toEqual([1, 0]);
  });

  it('ends when the issuer is back', async () => {
    const { issuer, authenticate } = setUp();
    issuer.setDown(true);
    await refusalOf(authenticate());
    issuer.setDown(false);
    issuer.clock.advance(1);
    expect((await authenticate()).kind).toBe('authenticated');
  });

  it('is also reported for an unknown key while the issuer is down', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.setDown(true);
    issuer.clock.advance(30);
    const unknown = issuer.sign({ key: createTestKey() });
    for (const retryAfter of [30, 20, 10]) {
      expect(await refusalOf(authenticate(unknown))).toMatchObject({ status: 503, retryAfter });
      issuer.clock.advance(10);
    }
    // One for the three: the 30 s include failures.
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    expect((await authenticate()).kind).toBe('authenticated');
    issuer.setDown(false);
    expect(await refusalOf(authenticate(unknown))).toMatchObject({ status: 401 });
  });

  it('is not caused by an empty key set while there are usable keys', async () => {
    const { issuer, authenticate } = setUp();
    await authenticate();
    issuer.responses.keys = () => jsonResponse({ keys: [] });
    issuer.clock.advance(601);
    await authenticate(issuer.sign());
    await settle();
    expect(fetchesOf(issuer)).toEqual([1, 2]);
    expect((await authenticate(issuer.sign())).kind).toBe('authenticated');
  });
});

describe('accepted of an issuer', () => {
  it.each([
    'http://localhost:4001/',
    'http://127.0.0.1:4001',
    'http://127.1.2.3',
    'http://[::1]:1',
  ])('http on loopback: %s', async (url) => {
    const { authenticate } = setUp({ issuer: url });
    expect((await authenticate()).kind).toBe('authenticated');
  });

  it.each(['application/jwk-set+json', 'text/plain; charset=utf-8', 'application/octet-stream'])(
    'the content type %s',
    async (type) => {
      const { issuer, authenticate } = setUp();
      const keys = issuer.keys.map(({ jwk }) => jwk);
      issuer.responses.keys = () => jsonResponse({ keys }, { headers: { 'content-type': type } });
      expect((await authenticate()).kind).toBe('authenticated');
    },
  );

  it('no content type', async () => {
    const { issuer, authenticate } = setUp();
    const keys = issuer.keys.map(({ jwk }) => jwk);
    issuer.responses.keys = () => new Response(Buffer.from(JSON.stringify({ keys })));
    expect((await authenticate()).kind).toBe('authenticated');
  });

  it.each<[string, Record<string, unknown>]>([
    ['no use', { use: undefined }],
    ['no alg', { alg: undefined }],
    ['key_ops', { use: undefined, key_ops: ['verify'] }],
    ['certificates and unknown members', { x5c: ['AAAA'], x5t: 'AAAA', other: {} }],
  ])('a key with %s', async (_, members) => {
    const { issuer, authenticate } = setUp();
    issuer.responses.keys = () => jsonResponse({ keys: [{ ...issuer.keys[0]?.jwk, ...members }] });
    expect((await authenticate()).kind).toBe('authenticated');
  });

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rsa = createTestKey('RS256');
  it.each<[string, unknown]>([
    ['a symmetric key', { kty: 'oct', kid: 'other', k: 'c2VjcmV0' }],
    ['not an object', 7],
    ['null', null],
    ['an unknown type of key', { kty: 'XYZ', kid: 'other' }],
    ['a broken point', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
  ])('a good key beside %s', async (_, other) => {
    const { issuer, authenticate } = setUp();
    issuer.responses.keys = () => jsonResponse({ keys: [other, issuer.keys[0]?.jwk] });
    expect((await authenticate()).kind).toBe('authenticated');
  });

  it.each<[string, Record<string, unknown>]>([
    ['an RSA key under 2048 bits', { ...weak.publicKey.export({ format: 'jwk' }) }],
    ['the exponent 1', { ...rsa.jwk, e: 'AQ' }],
    ['the exponent 0', { ...rsa.jwk, e: 'AA' }],
    ['an even exponent', { ...rsa.jwk, e: 'BA' }],
    ['a short modulus with leading zeros', { ...rsa.jwk, n: `${'A'.repeat(342)}B` }],
    ['use enc', { ...rsa.jwk, use: 'enc' }],
    ['key_ops without verify', { ...rsa.jwk, use: undefined, key_ops: ['encrypt'] }],
    ['a private key', { ...rsa.privateKey.export({ format: 'jwk' }) }],
    ['one prime of a private key', { ...rsa.jwk, p: rsa.privateKey.export({ format: 'jwk' }).p }],
    ['an algorithm for encryption', { ...rsa.jwk, alg: 'RSA-OAEP' }],
    ['an algorithm of another type of key', { ...rsa.jwk, alg: 'ES256' }],
    ['a symmetric algorithm', { ...rsa.jwk, alg: 'HS256' }],
    ['a kid that is not a string', { ...rsa.jwk, kid: 7 }],
    ['a curve that is not supported', { kty: 'EC', crv: 'secp256k1', x: 'AAAA', y: 'AAAA' }],
    ['a point that is not on its curve', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
    ['a curve for key agreement', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }],
  ])('but no key with %s', async (_, jwk) => {
    const { issuer, authenticate } = setUp();
    issuer.responses.keys = () => jsonResponse({ keys: [jwk] });
    expect(await refusalOf(authenticate())).toMatchObject({ status: 503 });
  });

  it('except a key for an algorithm that is not configured', async () => {
    const issuer = createTestIssuer({ key: rsa });
    const authenticator = authenticatorFor(issuer, { algorithms: ['ES256'] });
    await expect(authenticator.warmUp()).rejects.toMatchObject({ status: 503 });
  });
});

describe('warmUp and ready', () => {
  it('fetches the keys of all issuers once, in advance', async () => {
    const [one, two] = [createTestIssuer(), createTestIssuer({ issuer: 'https://two.test' })];
    const authenticator = authenticatorFor(one, {
      issuer: [one.issuer, two.issuer],
      fetch: fetchOf(one, two),
    });
    expect(authenticator.ready()).toBe(false);
    await authenticator.authenticate(bearer(one.sign()));
    expect(authenticator.ready()).toBe(true);
    await authenticator.warmUp();
    await authenticator.warmUp();
    expect([fetchesOf(one), fetchesOf(two)]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it('rejects while an issuer is down, and backs off however often it is called', async () => {
    const { issuer, authenticator } = setUp();
    issuer.setDown(true);
    for (let count = 0; count < 10; count += 1) {
      expect(await refusalOf(authenticator.warmUp())).toMatchObject({ reason: 'keys_unavailable' });
    }
    expect(fetchesOf(issuer)).toEqual([1, 0]);
    expect(authenticator.ready()).toBe(false);
  });

  it.each([0, 1])('is ready while issuer %i of two is down', async (down) => {
    const issuers = [createTestIssuer(), createTestIssuer({ issuer: 'https://two.test' })];
    const [one = createTestIssuer(), two = one] = issuers;
    issuers[down]?.setDown(true);
    const authenticator = authenticatorFor(one, {
      issuer: [one.issuer, two.issuer],
      fetch: fetchOf(one, two),
    });
    expect(await refusalOf(authenticator.warmUp())).toMatchObject({ reason: 'keys_unavailable' });
    expect(authenticator.ready()).toBe(true);
  });

  it('is ready while keys are usable, and again when there are new ones', async () => {
    const { issuer, authenticator } = setUp();
    await authenticator.warmUp();
    issuer.setDown(true);
    issuer.clock.advance(24 * 3600 - 1);
    expect(authenticator.ready()).toBe(true);
    issuer.clock.advance(1);
    expect(authenticator.ready()).toBe(false);
    issuer.setDown(false);
    await authenticator.warmUp();
    expect(authenticator.ready()).toBe(true);
  });

  it('refreshes keys that are due', async () => {
    const { issuer, authenticator } = setUp();
    await authenticator.warmUp();
    issuer.clock.advance(539);
    await authenticator.warmUp();
    expect(fetchesOf(issuer)).toEqual([1, 1]);
    issuer.clock.advance(1);
    await authenticator.warmUp();
    expect(fetchesOf(issuer)).toEqual([1, 2]);
  });
});
