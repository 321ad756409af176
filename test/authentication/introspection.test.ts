import { describe, expect, it } from 'vitest';
import { createRevocableAuthenticator } from '../../src/authentication/authenticator.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import type { Introspection } from '../../src/authentication/introspection/introspection.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { createTestIssuer, createTestKey, encodeJws, jsonResponse } from '../support/tokens.ts';

const url = 'https://issuer.test/introspect';
const client = { clientId: 'api', clientSecret: 'secret' };

/** The response to each token, or to any of them. */
type Respond = (token: string, init: RequestInit) => Response | Promise<Response>;

interface SetUp {
  /** What differs from the default. Undefined: no introspection. */
  readonly introspection?:
    | { readonly [Name in keyof Introspection]?: Introspection[Name] | undefined }
    | undefined;
  readonly options?: Partial<AuthenticatorOptions>;
  readonly respond?: Respond;
}

/** An authenticator, and an issuer that calls every token active unless the test changes `respond`. */
function setUp(setup: SetUp = {}) {
  const { options, respond } = setup;
  const introspection =
    'introspection' in setup && setup.introspection === undefined
      ? undefined
      : { client, url, ...setup.introspection };
  const issuer = createTestIssuer();
  const { clock, audience } = issuer;
  const asked: string[] = [];
  const failures: unknown[] = [];
  const active = (overrides: object = {}) =>
    jsonResponse({
      active: true,
      sub: 'ada',
      client_id: 'app',
      aud: audience,
      scope: 'read:messages',
      exp: clock.seconds() + 600,
      token_type: 'Bearer',
      ...overrides,
    });
  const state = { respond: respond ?? (() => active()) };
  const authenticator = createRevocableAuthenticator({
    issuer: issuer.issuer,
    ...(options?.clients === undefined ? { audience } : {}),
    ...(introspection === undefined ? {} : { introspection: introspection as Introspection }),
    fetch(requested, init) {
      if (requested !== url) return issuer.fetch(requested, init);
      const token = new URLSearchParams(String(init.body)).get('token') ?? '';
      asked.push(token);
      return Promise.resolve(state.respond(token, init));
    },
    clock,
    onFetchFailure: (_, error) => failures.push(error),
    ...options,
  });
  const send = (token: string) => outcomeOf(authenticator.authenticate(bearer(token)));
  return { issuer, clock, authenticator, asked, failures, active, state, send };
}

const unavailable = { status: 503, reason: 'introspection_unavailable', retryAfter: 1 };
const inactive = { status: 401, reason: 'token_inactive', error: 'invalid_token' };

describe('an opaque token', () => {
  it('is introspected as RFC 7662 says, and makes a viewer', async () => {
    const requests: RequestInit[] = [];
    const { clock, issuer, send, active } = setUp({
      respond: (_, init) => {
        requests.push(init);
        return active({ permissions: ['write:messages'] });
      },
    });
    expect(await send('opaque-1')).toMatchObject({
      kind: 'authenticated',
      subject: 'ada',
      issuer: issuer.issuer,
      clientId: 'app',
      scopes: new Set(['read:messages', 'write:messages']),
      claims: { iss: issuer.issuer, client_id: 'app' },
      expiresAt: new Date((clock.seconds() + 600) * 1000),
    });
    expect(requests).toEqual([
      {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${btoa('api:secret')}`,
        },
        body: 'token=opaque-1&token_type_hint=access_token',
        redirect: 'manual',
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it('is sent to the endpoint that discovery finds', async () => {
    const { issuer, authenticator, send } = setUp({ introspection: { url: undefined } });
    issuer.responses.discovery = () =>
      jsonResponse({ issuer: issuer.issuer, introspection_endpoint: url });
    expect(authenticator.ready()).toBe(false);
    await authenticator.warmUp();
    expect(authenticator.ready()).toBe(true);
    expect(await send('opaque')).toMatchObject({ kind: 'authenticated' });
    expect(issuer.requests).toMatchObject({ discovery: 1, keys: 0 });
  });

  // Each row differs from a response that is accepted.
  it.each<[string, object, string]>([
    ['another issuer', { iss: 'https://evil.test/' }, 'token_issuer'],
    ['an issuer that is not a string', { iss: null }, 'token_issuer'],
    ['another audience', { aud: 'https://other.test' }, 'token_audience'],
    ['no audience', { aud: undefined }, 'token_audience'],
    ['no expiry', { exp: undefined }, 'token_times'],
    ['an expiry in text', { exp: '9999999999' }, 'token_times'],
    ['the past', { exp: 1 }, 'token_expired'],
    ['the future', { nbf: 9_999_999_999 }, 'token_not_yet_valid'],
    ['no subject', { sub: undefined }, 'token_subject'],
    ['a refresh token', { token_type: 'refresh_token' }, 'token_type'],
    ['a refresh token of Hydra', { token_use: 'refresh_token' }, 'token_type'],
    ['a refresh token of OpenIddict', { token_usage: 'refresh_token' }, 'token_type'],
    ['a token that is not an access token', { token_type: 'N_A' }, 'token_type'],
    ['a type that is not text', { token_type: ['Bearer'] }, 'token_type'],
    ['an ID token', { c_hash: 'x' }, 'token_type'],
    ['a token without the required claim', { org_id: undefined }, 'token_claim'],
    ['a token that is bound to a certificate', { cnf: { 'x5t#S256': 'x' } }, 'token_confirmation'],
    ['a token that is bound to a key', { cnf: { jkt: 'x' } }, 'token_bound'],
    ['DPoP without a key', { token_type: 'DPoP' }, 'token_confirmation'],
    ['an actor that is not an object', { act: 'bob' }, 'token_actor'],
    ['scopes that cannot be read', { scope: 'unreadable' }, 'token_scopes'],
    ['a lifetime that is too long', { iat: 1, exp: 9_999_999_999 }, 'token_lifetime'],
    ['a token that is revoked', { sub: 'eve' }, 'token_revoked'],
  ])(
    'is rejected, and asked about once, if the issuer describes %s',
    async (_, overrides, reason) => {
      const { send, asked, active } = setUp({
        options: {
          requiredClaims: ['org_id'],
          scopes: ({ scope }) => {
            if (scope === 'unreadable') throw new Error('These scopes cannot be read.');
            return [];
          },
          revocations: { isRevoked: ({ subject }) => subject === 'eve', maxTokenLifetime: 3600 },
          onScopesFailure: () => {},
        },
        respond: () => active({ org_id: 'one', ...overrides }),
      });
      for (let count = 0; count < 3; count += 1) {
        expect(await send('opaque')).toMatchObject({ status: 401, reason });
      }
      expect(asked).toHaveLength(1);
    },
  );

  it.each<[string, object]>([
    ['the issuer', { iss: 'https://issuer.test/' }],
    ['several audiences', { aud: ['https://other.test', 'https://api.test'] }],
    ['the use of Hydra', { token_use: 'access_token' }],
    ['the kind of Keycloak', { typ: 'Bearer' }],
    ['no scope', { scope: undefined }],
    ['no type', { token_type: undefined }],
  ])('is accepted if the issuer names %s', async (_, overrides) => {
    const { send, active } = setUp({ respond: () => active(overrides) });
    expect(await send('opaque')).toMatchObject({ kind: 'authenticated' });
  });

  // As many issuers describe a refresh token, which has no audience that would keep it out.
  it.each<[string, object, object]>([
    ['with a type', {}, { kind: 'authenticated' }],
    ['with the type of Duende', { token_type: 'access_token' }, { kind: 'authenticated' }],
    ['without a type', { token_type: undefined }, { status: 401, reason: 'token_type' }],
    ['with null for a type', { token_type: null }, { status: 401, reason: 'token_type' }],
    ['with an empty type', { token_type: '' }, { status: 401, reason: 'token_type' }],
  ])('of an API without an audience is an access token only %s', async (_, overrides, outcome) => {
    const { send, active } = setUp({
      options: { clients: ['app'] },
      respond: () => active({ aud: undefined, ...overrides }),
    });
    expect(await send('opaque')).toMatchObject(outcome);
  });

  it('that is inactive is rejected, and not asked about again for 10 seconds', async () => {
    const { send, asked, clock, state, active } = setUp();
    state.respond = () => jsonResponse({ active: false, sub: 'ada', exp: 9_999_999_999 });
    expect(await send('one')).toMatchObject(inactive);
    state.respond = () => active();
    clock.advance(9.9);
    expect(await send('one')).toMatchObject(inactive);
    expect(asked).toEqual(['one']);
    clock.advance(0.1);
    expect(await send('one')).toMatchObject({ kind: 'authenticated' });
  });

  it('is asked about again after the cache time, and never accepted beyond it', async () => {
    const { send, asked, clock, state } = setUp({ introspection: { cacheSeconds: 20 } });
    await send('one');
    clock.advance(19.9);
    expect(await send('one')).toMatchObject({ kind: 'authenticated' });
    expect(asked).toHaveLength(1);
    state.respond = () => jsonResponse({ active: false });
    clock.advance(0.1);
    expect(await send('one')).toMatchObject(inactive);
  });

  it('is not accepted beyond its expiry, whatever the cache time and the clock tolerance', async () => {
    const { send, asked, clock, state, active } = setUp({
      introspection: { cacheSeconds: 300 },
      options: { clockTolerance: 60 },
    });
    state.respond = () => active({ exp: clock.seconds() + 10 });
    await send('one');
    clock.advance(10);
    state.respond = () => jsonResponse({ active: false });
    expect(await send('one')).toMatchObject(inactive);
    expect(asked).toHaveLength(2);
  });

  it('is asked about again if the clock was set back', async () => {
    const { send, asked, clock } = setUp();
    await send('one');
    clock.advance(-100);
    await send('one');
    expect(asked).toHaveLength(2);
  });

  it('is asked about for each request without a cache', async () => {
    const { send, asked } = setUp({ introspection: { cacheSeconds: 0 } });
    await send('one');
    await send('one');
    expect(asked).toHaveLength(2);
  });

  it('is asked about once for many concurrent requests', async () => {
    const { send, asked } = setUp();
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => send('one')));
    expect(outcomes).toHaveLength(outcomes.filter((outcome) => 'kind' in outcome).length);
    expect(asked).toHaveLength(1);
  });

  it('is asked about again after it was forgotten, even while it is being asked about', async () => {
    const { send, asked, authenticator, state, active } = setUp();
    let respond = (_: Response): void => {};
    state.respond = () => new Promise<Response>((resolve) => (respond = resolve));
    const first = send('one');
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    authenticator.forgetTokens(() => true);
    state.respond = () => jsonResponse({ active: false });
    expect(await send('one')).toMatchObject(inactive);
    respond(active());
    await first;
    expect(await send('one')).toMatchObject(inactive);
    expect(asked).toHaveLength(2);
  });
});

describe('what is not sent to the issuer', () => {
  const key = createTestKey();
  it.each<[string, string, string]>([
    ['a JWS', 'a.b.c', 'token_not_canonical'],
    [
      'a JWS of an untrusted issuer',
      encodeJws({ alg: 'ES256' }, { iss: 'x' }, key),
      'token_issuer',
    ],
    ['a JWE', 'eyJhbGciOiJkaXIifQ..a.b.c', 'token_not_jws'],
    ['a JWS in JSON', '{"payload":""}', 'token_not_jws'],
    ['a token of more than 4 KiB', 'a'.repeat(4097), 'token_not_jws'],
    ['a token of more than 8 KiB', 'a'.repeat(8193), 'token_too_long'],
    ['a padded JWS', 'a=.b=.c=', 'token_not_canonical'],
  ])('%s', async (_, token, reason) => {
    const { send, asked } = setUp();
    expect(await send(token)).toMatchObject({ status: 401, reason });
    expect(asked).toEqual([]);
  });

  it('a JWT of the issuer, which is verified with its keys', async () => {
    const { send, asked, issuer } = setUp();
    expect(await send(issuer.sign())).toMatchObject({ subject: 'auth0|somebody' });
    expect(asked).toEqual([]);
  });

  it('a Bearer token if DPoP is required', async () => {
    const { send, asked } = setUp({ options: { dpop: 'required', publicUrl: 'https://api.test' } });
    expect(await send('opaque')).toMatchObject({ reason: 'bearer_not_accepted' });
    expect(asked).toEqual([]);
  });

  it('an opaque token of an authenticator without introspection', async () => {
    const { send, asked } = setUp({ introspection: undefined });
    expect(await send('opaque')).toMatchObject({ status: 401, reason: 'token_not_jws' });
    expect(asked).toEqual([]);
  });
});

describe('an issuer that does not say whether a token is active', () => {
  const json = (body: string, init?: ResponseInit) => () => new Response(body, init);
  it.each<[string, Respond]>([
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
    ['fails', json('{"active":true}', { status: 500 })],
    ['rejects the client', json('{}', { status: 401 })],
    ['redirects', () => Response.redirect('https://evil.test/', 307)],
    ['responds with HTML', json('<html>')],
    ['responds with nothing', json('')],
    ['responds with null', json('null')],
    ['responds with a list', json('[{"active":true}]')],
    ['responds with active as text', json('{"active":"true"}')],
    ['responds with active as a number', json('{"active":1}')],
    ['responds without active', json('{"sub":"ada"}')],
    ['responds twice', json('{"active":false,"active":true}')],
    ['inherits active', json('{"__proto__":{"active":true}}')],
    [
      'responds with more than 64 KiB',
      json(JSON.stringify({ active: true, a: 'a'.repeat(65536) })),
    ],
    [
      'responds with more than 64 levels',
      json(`{"active":true,"a":${'['.repeat(64)}${']'.repeat(64)}}`),
    ],
    ['responds with a signed response', json('eyJ.eyJ.sig')],
  ])('%s: 503, and nothing of the token in the report', async (_, respond) => {
    const { send, failures, authenticator } = setUp({ respond });
    expect(await send('secret-token')).toMatchObject(unavailable);
    expect(failures).toHaveLength(1);
    const report = JSON.stringify([failures, String(failures[0])]);
    expect(report).toContain(url);
    expect(report).not.toMatch(/secret|ada/);
    // An outage would take every instance out of service.
    expect(authenticator.ready()).toBe(true);
  });

  it('does not let a token outlive what it said before', async () => {
    const { send, clock, state } = setUp();
    await send('one');
    state.respond = () => new Response('', { status: 500 });
    expect(await send('one')).toMatchObject({ kind: 'authenticated' });
    clock.advance(30);
    expect(await send('one')).toMatchObject(unavailable);
  });

  it('is not asked for a second after an outage, or for as long as it says', async () => {
    const { send, asked, clock, state, active } = setUp();
    state.respond = () => new Response('', { status: 503 });
    await send('one');
    state.respond = () => new Response('', { status: 429, headers: { 'retry-after': '20' } });
    expect(await send('two')).toMatchObject(unavailable);
    clock.advance(1);
    expect(await send('three')).toMatchObject({ ...unavailable, retryAfter: 20 });
    state.respond = () => active();
    clock.advance(19);
    expect(await send('four')).toMatchObject({ ...unavailable, retryAfter: 1 });
    clock.advance(1);
    expect(await send('five')).toMatchObject({ kind: 'authenticated' });
    expect(asked).toEqual(['one', 'three', 'five']);
  });

  it('is trusted for half a minute at most in how long it wants to be left alone', async () => {
    const { send, clock, state, active } = setUp();
    state.respond = () => new Response('', { status: 429, headers: { 'retry-after': '99999' } });
    expect(await send('one')).toMatchObject({ retryAfter: 30 });
    state.respond = () => active();
    clock.advance(30);
    expect(await send('one')).toMatchObject({ kind: 'authenticated' });
  });

  it('is asked about other tokens if it fails for one of them', async () => {
    const { send, state, active } = setUp();
    state.respond = (token) => (token === 'bad' ? new Response('', { status: 400 }) : active());
    expect(await send('bad')).toMatchObject(unavailable);
    expect(await send('good')).toMatchObject({ kind: 'authenticated' });
  });

  it('is reported at most once per second', async () => {
    const { send, clock, failures, state } = setUp();
    state.respond = () => new Response('', { status: 500 });
    for (let count = 0; count < 20; count += 1) await send(`token-${count}`);
    expect(failures).toHaveLength(1);
    clock.advance(1);
    await send('another');
    expect(failures).toHaveLength(2);
  });

  it('without an endpoint in its metadata is unavailable, and found out once per second', async () => {
    const { authenticator, issuer, send } = setUp({ introspection: { url: undefined } });
    await expect(authenticator.warmUp()).rejects.toMatchObject(unavailable);
    await expect(authenticator.warmUp()).rejects.toMatchObject(unavailable);
    expect(await send('one')).toMatchObject(unavailable);
    expect(authenticator.ready()).toBe(false);
    expect(issuer.requests.discovery).toBe(1);
  });
});

describe('tokens that are invented', () => {
  it('are asked about at most as often as half of the limit allows', async () => {
    const { send, asked, clock, state } = setUp({ introspection: { maxPerSecond: 20 } });
    await send('known');
    clock.advance(40);
    state.respond = (token) => jsonResponse({ active: token === 'known' });
    const flood = await Promise.all(Array.from({ length: 60 }, (_, index) => send(`no-${index}`)));
    expect(
      flood.filter((outcome) => 'reason' in outcome && outcome.reason === 'token_inactive'),
    ).toHaveLength(10);
    expect(asked).toHaveLength(11);
    clock.advance(0.1);
    expect(await send('no-again')).toMatchObject(inactive);
  });

  it('do not keep tokens from being accepted that were active before', async () => {
    const { send, clock, state, active } = setUp({ introspection: { maxPerSecond: 20 } });
    await send('known');
    clock.advance(40);
    state.respond = (token) => (token === 'known' ? active() : jsonResponse({ active: false }));
    await Promise.all(Array.from({ length: 60 }, (_, index) => send(`no-${index}`)));
    expect(await send('known')).toMatchObject({ kind: 'authenticated' });
    expect(await send('new')).toMatchObject(unavailable);
  });

  // Such as one that a firewall in front of the issuer takes for an attack.
  it.each<[string, Respond]>([
    ['forbids', () => new Response('', { status: 403 })],
    ['limits', () => new Response('', { status: 429, headers: { 'retry-after': '30' } })],
    ['fails for', () => new Response('', { status: 502 })],
    ['breaks the connection for', () => Promise.reject(new Error('reset'))],
  ])('do not stop requests for others that were active, if the issuer %s them', async (_, fail) => {
    const { send, asked, clock, state, active } = setUp();
    await send('known');
    clock.advance(30);
    state.respond = (token, init) => (token === 'known' ? active() : fail(token, init));
    expect(await send('/etc/passwd')).toMatchObject({ status: 503 });
    expect(await send('another')).toMatchObject({ status: 503 });
    expect(await send('known')).toMatchObject({ kind: 'authenticated' });
    expect(asked).toEqual(['known', '/etc/passwd', 'known']);
  });

  it('are not asked about while the issuer fails for tokens that were active', async () => {
    const { send, asked, clock, state } = setUp();
    await send('known');
    clock.advance(30);
    state.respond = () => new Response('', { status: 503 });
    expect(await send('known')).toMatchObject(unavailable);
    expect(await send('known')).toMatchObject(unavailable);
    expect(await send('another')).toMatchObject(unavailable);
    expect(asked).toEqual(['known', 'known']);
  });

  it('keep at most 32 requests open', async () => {
    const { send, asked, state, active } = setUp({ introspection: { maxPerSecond: 1000 } });
    const waiting: (() => void)[] = [];
    state.respond = () => new Promise<Response>((resolve) => waiting.push(() => resolve(active())));
    const flood = Array.from({ length: 100 }, (_, index) => send(`token-${index}`));
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(32);
    for (const respond of waiting) respond();
    const outcomes = await Promise.all(flood);
    expect(outcomes.filter((outcome) => 'kind' in outcome)).toHaveLength(32);
  });
});

describe('the option introspection', () => {
  const create = (options: Partial<AuthenticatorOptions>) => () =>
    createRevocableAuthenticator({ issuer: 'https://issuer.test/', audience: 'api', ...options });
  const trusted = (name: string) => ({
    issuer: `https://${name}.test/`,
    audience: 'api',
    introspection: { client },
  });
  const one =
    'introspection must be set for one issuer only, because an opaque token does not name its issuer';

  it.each<[string, () => unknown, string]>([
    [
      'text',
      create({ introspection: 'on' as never }),
      'introspection must be an object with client',
    ],
    ['no client', create({ introspection: {} as never }), 'introspection.client must be an object'],
    [
      'a client without a secret',
      create({ introspection: { client: { clientId: 'a' } as never } }),
      'introspection.client must have either clientSecret or privateKey.',
    ],
    [
      'a misspelled option',
      create({ introspection: { client, urls: [] } as never }),
      'Unknown option introspection.urls. The options are: client, url, cacheSeconds, maxPerSecond.',
    ],
    ...['http://issuer.example/introspect', '/introspect', 'https://a:b@issuer.test/'].map(
      (text): [string, () => unknown, string] => [
        `the URL ${text}`,
        create({ introspection: { client, url: text } }),
        'introspection.url must be the introspection endpoint of the issuer: https',
      ],
    ),
    [
      'a long cache',
      create({ introspection: { client, cacheSeconds: 301 } }),
      'introspection.cacheSeconds must be a number of seconds between 0 and 300.',
    ],
    [
      'no requests',
      create({ introspection: { client, maxPerSecond: 0 } }),
      'introspection.maxPerSecond must be a number between 1 and 10,000.',
    ],
    [
      'several issuers',
      create({ issuer: ['https://a.test/', 'https://b.test/'], introspection: { client } }),
      one,
    ],
    [
      'two of a list',
      () => createRevocableAuthenticator({ issuers: [trusted('a'), trusted('b')] }),
      one,
    ],
    [
      'a problem in a list',
      () =>
        createRevocableAuthenticator({
          issuers: [{ ...trusted('a'), introspection: { client, cacheSeconds: -1 } }],
        }),
      'issuers[0].introspection.cacheSeconds must be',
    ],
  ])('is refused by name: %s', (_, run, message) => {
    expect(run).toThrow(TypeError);
    expect(run).toThrow(message);
  });
});
