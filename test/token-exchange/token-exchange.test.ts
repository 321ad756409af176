import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { anonymous, type Viewer, viewerWith } from '../../src/index.ts';
import {
  createTokenExchange,
  type ExchangeTarget,
  type SubjectToken,
  TokenEndpointError,
  TokenExchangeError,
} from '../../src/token-exchange/index.ts';
import { jsonResponse, type TokenOverrides } from '../support/tokens.ts';
import {
  client,
  createTokenService,
  issued,
  type Respond,
  type TokenService,
  tokenUrl,
} from './token-service.ts';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const target: ExchangeTarget = { audience: 'https://stock.test', scope: 'read:stock' };

async function errorOf<Result>(promise: Promise<Result>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was rejected.');
}

describe('the request', () => {
  const common = {
    grant_type: ['urn:ietf:params:oauth:grant-type:token-exchange'],
    subject_token_type: [accessTokenType],
    requested_token_type: [accessTokenType],
  };

  it.each<[string, ExchangeTarget, Readonly<Record<string, readonly string[]>>]>([
    ['an audience', { audience: 'a b&c' }, { audience: ['a b&c'] }],
    ['several audiences', { audience: ['a', 'b'] }, { audience: ['a', 'b'] }],
    ['a resource', { resource: 'https://stock.test/v1' }, { resource: ['https://stock.test/v1'] }],
    ['scopes as a text', { scope: 'a  b a' }, { scope: ['a b'] }],
    ['scopes as a list', { scope: new Set(['a', 'b']) }, { scope: ['a b'] }],
    ['nothing', {}, {}],
    [
      'a type of its own, which selects a profile of Auth0',
      { subjectTokenType: 'urn:acme:legacy-token' },
      { subject_token_type: ['urn:acme:legacy-token'], requested_token_type: [] },
    ],
    [
      'a requested type',
      { requestedTokenType: 'urn:ietf:params:oauth:token-type:jwt' },
      { requested_token_type: ['urn:ietf:params:oauth:token-type:jwt'] },
    ],
    [
      'an actor',
      { actor: { token: 'x.y.z', type: accessTokenType } },
      { actor_token: ['x.y.z'], actor_token_type: [accessTokenType] },
    ],
    [
      'other parameters',
      { parameters: { organization: 'org_1', tag: ['x', 'y'] } },
      { organization: ['org_1'], tag: ['x', 'y'] },
    ],
  ])('has %s', async (_name, sent, expected) => {
    const service = createTokenService();
    const token = service.issuer.sign();
    await service.exchange.exchangeToken(await service.viewer(token), sent);

    const [request] = service.requests;
    const all = Object.entries({ ...common, subject_token: [token], ...expected });
    for (const [name, values] of all) expect(request?.form.getAll(name)).toEqual(values);
    const names = all.filter(([, values]) => values.length > 0).map(([name]) => name);
    expect([...new Set(request?.form.keys())].sort()).toEqual(names.sort());
    expect(request?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(request?.headers.has('dpop')).toBe(false);
  });

  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['an unknown option', 'audiences', { audiences: 'x' }],
    ['an empty audience', 'audience', { audience: '' }],
    ['an audience that is no text', 'audience', { audience: 7 }],
    ['21 audiences', 'audience', { audience: Array.from({ length: 21 }, String) }],
    ['a resource that is no URI', 'resource', { resource: 'stock' }],
    ['a resource with a fragment', 'resource', { resource: 'https://stock.test/#x' }],
    ['a scope with a quote', 'scope', { scope: ['a"'] }],
    ['a scope with a space in a list', 'scope', { scope: ['a b'] }],
    ['a scope that is a number', 'scope', { scope: 7 }],
    ['a type that is no URI', 'subjectTokenType', { subjectTokenType: 'legacy' }],
    ['a requested type that is no URI', 'requestedTokenType', { requestedTokenType: 'jwt' }],
    ['an actor with a scheme', 'actor.token', { actor: { token: 'Bearer x', type: 'a:b' } }],
    ['an actor without a type', 'actor.type', { actor: { token: 'x' } }],
    ['a reserved parameter', 'parameters', { parameters: { subject_token: 'x' } }],
    ['a reserved parameter in capitals', 'parameters', { parameters: { Client_ID: 'x' } }],
    ['a parameter that is an object', 'parameters.x', { parameters: { x: {} } }],
    ['21 parameters', 'parameters', { parameters: Object.fromEntries(Array(21).entries()) }],
  ])('is not sent with %s', async (_name, option, wrong) => {
    const service = createTokenService();
    const viewer = await service.viewer();
    const error = await errorOf(service.exchange.exchangeToken(viewer, wrong));
    expect(error).toBeInstanceOf(TokenExchangeError);
    expect(error).toMatchObject({ code: 'parameter_invalid', status: 500, headers: {} });
    expect(String(error)).toContain(`exchangeToken: ${option} `);
    expect(service.requests).toEqual([]);
  });

  it.each([
    ['client_secret_basic', client, `Basic ${btoa('orders-api:the+secret')}`, null],
    [
      'client_secret_post',
      { ...client, method: 'client_secret_post' as const },
      null,
      'the secret',
    ],
  ])('authenticates the client by %s', async (_name, credentials, authorization, secret) => {
    const service = createTokenService({ exchange: { client: credentials } });
    await service.exchange.exchangeToken(await service.viewer(), target);
    const [request] = service.requests;
    expect(request?.headers.get('authorization')).toBe(authorization);
    expect(request?.form.get('client_secret')).toBe(secret);
  });

  it('goes to the endpoint that is set', async () => {
    const tokenEndpoint = 'https://proxy.test/token';
    const service = createTokenService({ exchange: { tokenEndpoint } });
    await service.exchange.exchangeToken(await service.viewer(), target);
    expect(service.requests.map(({ url }) => url)).toEqual([tokenEndpoint]);
  });
});

describe('what is exchanged', () => {
  it.each<[string, (service: TokenService) => unknown, string, number]>([
    ['an anonymous viewer', () => anonymous, 'anonymous', 401],
    ['a viewer made by hand', () => viewerWith(), 'token_unavailable', 500],
    ['a copy of a viewer', async (s) => ({ ...(await s.viewer()) }), 'token_unavailable', 500],
    ['of another issuer', () => viewerWith({ issuer: 'https://two.test/' }), 'other_issuer', 500],
    ['nothing', () => undefined, 'token_invalid', 500],
    ['a text', () => 'token', 'token_invalid', 500],
    ['an empty token', () => ({ token: '' }), 'token_invalid', 500],
    ['a blank token', () => ({ token: ' \t' }), 'token_invalid', 500],
    ['a token with its scheme', () => ({ token: 'Bearer abc' }), 'token_invalid', 500],
    ['a token with a line break', () => ({ token: 'abc\n' }), 'token_invalid', 500],
    ['a token of 17 KiB', () => ({ token: 'a'.repeat(17_000) }), 'token_invalid', 500],
    [
      'an expired token',
      (s) => ({ token: 'abc', expiresAt: s.issuer.clock.now() }),
      'token_expired',
      401,
    ],
    [
      'an expired viewer',
      async (s) => {
        const viewer = await s.viewer();
        s.issuer.clock.advance(600);
        return viewer;
      },
      'token_expired',
      401,
    ],
    [
      'a forgotten viewer',
      async (s) => {
        const viewer = await s.viewer();
        s.authenticator.forgetTokens(() => true);
        return viewer;
      },
      'token_unavailable',
      500,
    ],
  ])('cannot be %s', async (_name, make, code, status) => {
    const service = createTokenService();
    // As from JavaScript.
    const subject = (await make(service)) as Viewer;
    const error = await errorOf(service.exchange.exchangeToken(subject, target));
    expect(error).toBeInstanceOf(TokenExchangeError);
    expect(error).toMatchObject({ code, status, headers: {} });
    expect(service.requests).toEqual([]);
  });

  it('is a viewer whose authenticator keeps tokens', async () => {
    const service = createTokenService({ authenticator: { keepAccessTokens: false } });
    const viewer = await service.viewer();
    expect(service.authenticator.accessTokenOf(viewer)).toBeUndefined();
    const error = await errorOf(service.exchange.exchangeToken(viewer, target));
    expect(error).toMatchObject({ code: 'token_unavailable' });
    expect(String(error)).toContain('keepAccessTokens: true');
  });

  it('can be a token of an older system', async () => {
    const service = createTokenService();
    const subject: SubjectToken = { token: 'legacy-7' };
    const profile = { ...target, subjectTokenType: 'urn:acme:legacy-token' };
    const first = await service.exchange.exchangeToken(subject, profile);
    expect(await service.exchange.exchangeToken({ token: 'legacy-7' }, profile)).toBe(first);
    await service.exchange.exchangeToken({ token: 'legacy-8' }, profile);
    expect(service.requests.map(({ form }) => form.get('subject_token'))).toEqual([
      'legacy-7',
      'legacy-8',
    ]);
  });
});

describe('the response', () => {
  it('becomes a token', async () => {
    const service = createTokenService();
    const token = await service.exchange.exchangeToken(await service.viewer(), target);
    expect(token).toMatchObject({ tokenType: 'Bearer', scopes: ['read:stock'] });
    expect(token.accessToken).toBe('new-token-1');
    expect(token.expiresAt).toEqual(new Date(service.issuer.clock.now().getTime() + 300_000));
    expect(await token.headersFor({ url: 'https://stock.test/' })).toEqual({
      authorization: 'Bearer new-token-1',
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, object]>([
    ['other scopes', { scope: 'a b' }, { scopes: ['a', 'b'] }],
    ['no scope', { scope: '' }, { scopes: [] }],
    ['a lower-case type', { token_type: 'bearer' }, { tokenType: 'Bearer' }],
    ['no lifetime', { expires_in: undefined }, { expiresAt: undefined }],
    ['a lifetime as a text', { expires_in: '300' }, { expiresAt: expect.any(Date) }],
    ['no issued type', { issued_token_type: undefined }, { accessToken: 'new-token' }],
    [
      'a JWT as its type',
      { issued_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
      { accessToken: 'new-token' },
    ],
  ])('can have %s', async (_name, changes, expected) => {
    const service = createTokenService({ respond: () => issued(changes) });
    const viewer = await service.viewer();
    expect(await service.exchange.exchangeToken(viewer, target)).toMatchObject(expected);
  });

  const refusing =
    (body: unknown, status: number, headers: Readonly<Record<string, string>> = {}): Respond =>
    () =>
      jsonResponse(body, { status, headers });
  const throwing = (error: Error) => (): never => {
    throw error;
  };

  it.each<[string, Respond, object]>([
    ['invalid_grant', refusing({ error: 'invalid_grant' }, 400), { code: 'invalid_grant' }],
    [
      'a rejected client',
      refusing({ error: 'invalid_client' }, 401),
      { code: 'invalid_client', status: 401 },
    ],
    [
      'a rate limit',
      refusing({ error: 'too_many_requests' }, 429, { 'retry-after': '7' }),
      {
        code: 'too_many_requests',
        status: 429,
        retryAfter: 7,
        headers: { 'Retry-After': '7' },
      },
    ],
    [
      'a rate limit without a body, until a date',
      () =>
        new Response('', {
          status: 429,
          headers: { 'retry-after': 'Thu, 05 Nov 2026 12:00:30 GMT' },
        }),
      { code: 'too_many_requests', status: 429, retryAfter: 30 },
    ],
    [
      'a rate limit until a date in the past',
      refusing({}, 429, { 'retry-after': 'Thu, 05 Nov 2020 12:00:30 GMT' }),
      { retryAfter: 0 },
    ],
    [
      'a rate limit for a thousand years',
      refusing({}, 429, { 'retry-after': '99999999' }),
      { retryAfter: 86_400 },
    ],
    ['an odd Retry-After', refusing({}, 503, { 'retry-after': 'soon' }), { headers: {} }],
    [
      'an outage',
      () => new Response('<h1>', { status: 503 }),
      { code: 'token_exchange_error', status: 503 },
    ],
    [
      'an error of another shape',
      refusing({ error: { a: 1 } }, 400),
      { code: 'token_exchange_error' },
    ],
    [
      'an error that is not a code',
      refusing({ error: 'Token x.y not accepted' }, 400),
      { code: 'token_exchange_error' },
    ],
    [
      'a redirect',
      () => new Response('', { status: 302, headers: { location: '/' } }),
      { code: 'network_error', status: 502 },
    ],
    ['no JSON', () => new Response('hello'), { code: 'invalid_response', status: 502 }],
    ['a list', () => jsonResponse([]), { code: 'invalid_response' }],
    ['no token', () => issued({ access_token: undefined }), { code: 'invalid_response' }],
    [
      'a token with a line break',
      () => issued({ access_token: 'a\nb' }),
      { code: 'invalid_response' },
    ],
    ['no token type', () => issued({ token_type: undefined }), { code: 'invalid_response' }],
    [
      'an inherited token type',
      () => issued({ token_type: 'constructor' }),
      { code: 'invalid_response' },
    ],
    ['a type that no API takes', () => issued({ token_type: 'N_A' }), { code: 'invalid_response' }],
    [
      'a token bound to an unknown key',
      () => issued({ token_type: 'DPoP' }),
      { code: 'invalid_response' },
    ],
    [
      'a refresh token',
      () => issued({ issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
      { code: 'invalid_response' },
    ],
    ['a negative lifetime', () => issued({ expires_in: -1 }), { code: 'invalid_response' }],
    ['an odd lifetime', () => issued({ expires_in: 'soon' }), { code: 'invalid_response' }],
    ['an endless lifetime', () => issued({ expires_in: 1e300 }), { code: 'invalid_response' }],
    [
      '600 KiB',
      () => issued({ padding: 'x'.repeat(600_000) }),
      { code: 'network_error', status: 502 },
    ],
    [
      'no connection',
      throwing(new TypeError('fetch failed')),
      { code: 'network_error', status: 502 },
    ],
    [
      'no connection, for a reason of the system',
      throwing(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('for the-old-token'), { code: 'ECONNREFUSED' }),
        }),
      ),
      { code: 'network_error', message: `${tokenUrl} cannot be used: ECONNREFUSED.` },
    ],
  ])('is an error: %s', async (_name, respond, expected) => {
    const service = createTokenService({ respond });
    const viewer = await service.viewer();
    const error = await errorOf(service.exchange.exchangeToken(viewer, target));
    expect(error).toBeInstanceOf(TokenEndpointError);
    expect(error).toMatchObject(expected);
    // Not repeated, not remembered.
    expect(service.requests).toHaveLength(1);
    await errorOf(service.exchange.exchangeToken(viewer, target));
    expect(service.requests).toHaveLength(2);
  });

  it('is an error without anything from a token, whatever the issuer and fetch say', async () => {
    const rows: readonly Respond[] = [
      ({ form }) => jsonResponse({ error: form.get('subject_token') }, { status: 400 }),
      ({ form }) =>
        jsonResponse(
          { error: 'invalid_grant', error_description: form.get('subject_token') },
          { status: 400 },
        ),
      ({ form }) => new Response(form.get('subject_token'), { status: 200 }),
      ({ form }) => {
        throw new Error(`fetch failed with ${form}`);
      },
    ];
    for (const respond of rows) {
      const service = createTokenService({ respond });
      const token = service.issuer.sign();
      const error = await errorOf(
        service.exchange.exchangeToken(await service.viewer(token), target),
      );
      const text = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
      for (const part of token.split('.')) expect(text).not.toContain(part);
      expect(text).not.toContain('secret');
    }
  });

  it.each<[string, unknown]>([
    ['another issuer', { issuer: 'https://two.test/', token_endpoint: tokenUrl }],
    ['no endpoint', { issuer: 'https://issuer.test/' }],
    [
      'an endpoint without TLS',
      { issuer: 'https://issuer.test/', token_endpoint: 'http://issuer.test/token' },
    ],
  ])('does not come if discovery finds %s', async (_name, document) => {
    const service = createTokenService();
    const viewer = await service.viewer();
    service.issuer.responses.discovery = () => jsonResponse(document);
    const error = await errorOf(service.exchange.exchangeToken(viewer, target));
    expect(error).toBeInstanceOf(TokenEndpointError);
    expect(error).toMatchObject({ code: 'discovery_error', status: 502 });
    expect(service.requests).toEqual([]);
  });

  it('comes from the endpoint in the metadata of RFC 8414, if there are no others', async () => {
    const service = createTokenService();
    const metadata = { issuer: service.issuer.issuer, token_endpoint: tokenUrl };
    const fetch: TokenService['issuer']['fetch'] = async (url) =>
      url === 'https://issuer.test/.well-known/oauth-authorization-server'
        ? jsonResponse(metadata)
        : url === tokenUrl
          ? issued()
          : new Response('', { status: 404 });
    const exchange = createTokenExchange({
      issuer: metadata.issuer,
      client,
      fetch,
      clock: service.issuer.clock,
      authenticator: service.authenticator,
    });
    expect(await exchange.exchangeToken(await service.viewer(), target)).toMatchObject({
      accessToken: 'new-token',
    });
  });

  it('is an error if it takes more than 5 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const service = createTokenService({ respond: () => new Promise(() => {}) });
      const viewer = await service.viewer();
      const error = errorOf(service.exchange.exchangeToken(viewer, target));
      await vi.waitUntil(() => service.requests.length > 0);
      await vi.advanceTimersByTimeAsync(4_900);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(200);
      expect(await error).toMatchObject({
        name: 'TokenEndpointError',
        code: 'timeout_error',
        status: 504,
        message: `${tokenUrl} did not respond within 5 seconds.`,
      });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('comes as soon as discovery works again', async () => {
    const service = createTokenService();
    const viewer = await service.viewer();
    service.issuer.setDown(true);
    await errorOf(service.exchange.exchangeToken(viewer, target));
    service.issuer.setDown(false);
    await service.exchange.exchangeToken(viewer, target);
    expect(service.requests).toHaveLength(1);
  });
});

describe('a token that was exchanged before', () => {
  interface Row {
    readonly between?: (service: TokenService, token: string) => unknown;
    readonly target?: ExchangeTarget;
    readonly claims?: (service: TokenService) => TokenOverrides['claims'];
    readonly response?: Readonly<Record<string, unknown>>;
    readonly isKept: boolean;
  }
  const advance = (seconds: number) => (service: TokenService) =>
    service.issuer.clock.advance(seconds);

  it.each<[string, Row]>([
    ['is kept', { isKept: true }],
    ['is kept until shortly before it expires', { between: advance(289), isKept: true }],
    ['is dropped 10 seconds before it expires', { between: advance(290), isKept: false }],
    [
      'does not outlive the token of the viewer',
      {
        claims: ({ issuer }) => ({ exp: issuer.clock.seconds() + 60 }),
        between: advance(50),
        isKept: false,
      },
    ],
    [
      'is not kept if its lifetime is unknown',
      { response: { expires_in: undefined }, isKept: false },
    ],
    ['is not kept if it expires at once', { response: { expires_in: 5 }, isKept: false }],
    ['is not used for another audience', { target: { ...target, audience: 'x' }, isKept: false }],
    ['is not used for another scope', { target: { ...target, scope: 'a' }, isKept: false }],
    [
      'is used for the same scopes as a list',
      { target: { ...target, scope: ['read:stock'] }, isKept: true },
    ],
    [
      'is not used with other parameters',
      { target: { ...target, parameters: { organization: 'o' } }, isKept: false },
    ],
    [
      'is dropped with the token of the viewer',
      { between: ({ authenticator }) => authenticator.forgetTokens(() => true), isKept: false },
    ],
    [
      'stays when others are forgotten',
      {
        between: ({ authenticator }) =>
          authenticator.forgetTokens(({ subject }) => subject === 'another'),
        isKept: true,
      },
    ],
  ])('%s', async (_name, row) => {
    const service = createTokenService({
      respond: (_request, count) => issued({ access_token: `token-${count}`, ...row.response }),
    });
    const token = service.issuer.sign({ claims: row.claims?.(service) ?? {} });
    const first = await service.exchange.exchangeToken(await service.viewer(token), target);
    await row.between?.(service, token);
    const viewer = await service.viewer(token);
    const second = await service.exchange.exchangeToken(viewer, row.target ?? target);
    expect(second === first).toBe(row.isKept);
    expect(service.requests).toHaveLength(row.isKept ? 1 : 2);
  });

  it('is not used for another viewer, not even of the same subject', async () => {
    const service = createTokenService();
    const first = await service.exchange.exchangeToken(await service.viewer(), target);
    const second = await service.exchange.exchangeToken(await service.viewer(), target);
    expect(second).not.toBe(first);
  });

  it('is forgotten when there are too many', async () => {
    const service = createTokenService({
      respond: (_request, count) => issued({ access_token: `${count}${'x'.repeat(400_000)}` }),
    });
    const viewer = await service.viewer();
    for (const scope of [...'abcdefghijklmnop']) {
      await service.exchange.exchangeToken(viewer, { scope });
    }
    await service.exchange.exchangeToken(viewer, { scope: 'p' });
    expect(service.requests).toHaveLength(16);
    await service.exchange.exchangeToken(viewer, { scope: 'a' });
    expect(service.requests).toHaveLength(17);
  });

  it('is not remembered if the viewer was forgotten in the meantime', async () => {
    const service = createTokenService({
      respond: () => {
        service.authenticator.forgetTokens(() => true);
        return issued();
      },
    });
    const token = service.issuer.sign();
    await service.exchange.exchangeToken(await service.viewer(token), target);
    await service.exchange.exchangeToken(await service.viewer(token), target);
    expect(service.requests).toHaveLength(2);
  });
});

describe('calls at the same time', () => {
  it('share one request', async () => {
    const service = createTokenService();
    const viewer = await service.viewer();
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => service.exchange.exchangeToken(viewer, target)),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(service.requests).toHaveLength(1);
  });

  it('share its failure, and the next one tries again', async () => {
    const service = createTokenService({
      respond: (_request, count) =>
        count === 1 ? jsonResponse({ error: 'server_error' }, { status: 500 }) : issued(),
    });
    const viewer = await service.viewer();
    const calls = Array.from({ length: 3 }, () =>
      errorOf(service.exchange.exchangeToken(viewer, target)),
    );
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    await service.exchange.exchangeToken(viewer, target);
    expect(service.requests).toHaveLength(2);
  });

  it('do not wait for one that the runtime has dropped', async () => {
    const service = createTokenService({
      respond: (_request, count) => (count === 1 ? new Promise(() => {}) : issued()),
    });
    const viewer = await service.viewer();
    const dropped = errorOf(service.exchange.exchangeToken(viewer, target));
    service.issuer.clock.advance(21);
    await service.exchange.exchangeToken(viewer, target);
    expect(service.requests).toHaveLength(2);
    void dropped;
  });
});

it('no token appears in logs or JSON', async () => {
  const service = createTokenService();
  const token = service.issuer.sign();
  const viewer = await service.viewer(token);
  const exchanged = await service.exchange.exchangeToken(viewer, target);
  const everything = {
    viewer,
    exchanged,
    exchange: service.exchange,
    authenticator: service.authenticator,
  };
  const text = `${JSON.stringify(everything)} ${inspect(everything, { depth: 9, showHidden: true })}`;
  expect(text).not.toContain(token);
  expect(text).not.toContain('new-token');
  expect(service.authenticator.accessTokenOf(viewer)).toBe(token);
});

it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['no issuer', { issuer: undefined }, 'issuer must be'],
  ['an issuer without TLS', { issuer: 'http://issuer.test/' }, 'issuer must be'],
  ['no client', { client: undefined }, 'client must be'],
  ['a client without a secret', { client: { clientId: 'a' } }, 'client must have either'],
  ['an endpoint with a password', { tokenEndpoint: 'https://a:b@c.test/' }, 'tokenEndpoint must'],
  ['an odd authenticator', { authenticator: {} }, 'authenticator must be'],
  ['an odd mode', { dpop: 'on' }, 'dpop must be one of: matching, required, off.'],
  ['an odd fetch', { fetch: 7 }, 'fetch must be'],
  ['an odd clock', { clock: {} }, 'clock must'],
  ['an unknown option', { audience: 'x' }, 'There is no option audience'],
])('createTokenExchange rejects %s', (_name, options, problem) => {
  const valid = { issuer: 'https://issuer.test/', client };
  expect(() => createTokenExchange({ ...valid, ...options })).toThrow(TypeError);
  expect(() => createTokenExchange({ ...valid, ...options })).toThrow(problem);
});
