import { describe, expect, it, vi } from 'vitest';
import {
  createLogoutReceiver,
  createRevocationList,
  type LogoutReceiverOptions,
  LogoutTokenError,
} from '../../src/layer.ts';
import { authenticatorFor, bearer, outcomeOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer, createTestKey, type TokenOverrides } from '../support/tokens.ts';

const key = createTestKey();
const event = 'http://schemas.openid.net/event/backchannel-logout';
const ada = { sub: 'ada', sid: 'session of ada' };

function setUp(options: Partial<LogoutReceiverOptions> = {}) {
  const clock = createTestClock();
  const issuer = createTestIssuer({ clock, key });
  const revocations = createRevocationList({ clock });
  const authenticator = authenticatorFor(issuer, { revocations });
  const failures: unknown[] = [];
  const receive = createLogoutReceiver({
    authenticator,
    clientId: ['app', 'other-app'],
    revocations,
    onFailure: (error) => failures.push(error),
    ...options,
  });
  const logoutToken = ({ header, claims, ...overrides }: TokenOverrides = {}) =>
    issuer.sign({
      header: { typ: 'logout+jwt', ...header },
      claims: {
        aud: 'app',
        ...ada,
        exp: clock.seconds() + 120,
        events: { [event]: {} },
        client_id: undefined,
        ...claims,
      },
      ...overrides,
    });
  const post = (body: BodyInit | null, type = 'application/x-www-form-urlencoded') =>
    receive(
      new Request('https://api.test/backchannel-logout', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      }),
    );
  const send = (token: string) => post(`logout_token=${token}`);
  const outcome = async (claims: Record<string, unknown>) => {
    const found = await outcomeOf(authenticator.authenticate(bearer(issuer.sign({ claims }))));
    return found instanceof Error ? found.reason : found.kind;
  };
  return { clock, issuer, revocations, failures, receive, logoutToken, post, send, outcome };
}

describe('a logout token', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['with sid and sub ends the session', ada, ada, 'token_revoked'],
    ['with sid and sub ends what names no session', ada, { sub: 'ada' }, 'token_revoked'],
    ['with sid and sub ends no other session', ada, { ...ada, sid: 'other' }, 'authenticated'],
    ['with sid ends the session', { ...ada, sub: undefined }, ada, 'token_revoked'],
    ['with sid ends nothing else', { ...ada, sub: undefined }, { sub: 'ada' }, 'authenticated'],
    ['with sub ends every session', { ...ada, sid: undefined }, ada, 'token_revoked'],
    [
      'with sub ends nothing of others',
      { ...ada, sid: undefined },
      { ...ada, sub: 'b' },
      'authenticated',
    ],
  ])('%s', async (_case, claims, of, expected) => {
    const { logoutToken, send, outcome } = setUp();
    expect(await outcome(of)).toBe('authenticated');
    const response = await send(logoutToken({ claims }));
    expect([response.status, response.headers.get('cache-control'), await response.text()]).toEqual(
      [200, 'no-store', ''],
    );
    expect(await outcome(of)).toBe(expected);
  });

  it('with sub ends nothing that is issued later', async () => {
    const { clock, logoutToken, send, outcome } = setUp();
    await send(logoutToken({ claims: { sid: undefined } }));
    clock.advance(1);
    expect(await outcome(ada)).toBe('authenticated');
  });

  it.each<[string, TokenOverrides]>([
    ['typ JWT', { header: { typ: 'JWT' } }],
    ['no typ', { header: { typ: undefined } }],
    ['typ application/logout+jwt', { header: { typ: 'application/logout+jwt' } }],
    ['several audiences', { claims: { aud: ['x', 'other-app'] } }],
    ['no exp', { claims: { exp: undefined } }],
  ])('is accepted with %s', async (_case, overrides) => {
    const { logoutToken, send } = setUp();
    expect((await send(logoutToken(overrides))).status).toBe(200);
  });

  const now = createTestClock().seconds();
  it.each<[string, TokenOverrides, string]>([
    ['another key', { key: createTestKey('ES256', key.kid) }, 'signature'],
    ['alg none', { header: { alg: 'none' } }, 'algorithm'],
    ['alg HS256', { header: { alg: 'HS256' } }, 'algorithm'],
    ['crit', { header: { crit: ['x'] } }, 'algorithm'],
    ['the type of an access token', { header: { typ: 'at+jwt' } }, 'type'],
    ['another issuer', { claims: { iss: 'https://other.test/' } }, 'issuer'],
    ['no issuer', { claims: { iss: undefined } }, 'issuer'],
    ['another client', { claims: { aud: 'another' } }, 'audience'],
    ['the audience of the API', { claims: { aud: 'https://api.test' } }, 'audience'],
    ['no audience', { claims: { aud: undefined } }, 'audience'],
    ['an audience that is no text', { claims: { aud: ['app', 1] } }, 'audience'],
    ['exp in the past', { claims: { exp: now - 6 } }, 'expired'],
    ['iat of 11 minutes ago', { claims: { iat: now - 660 } }, 'expired'],
    [
      'iat of 11 minutes ago, without exp',
      { claims: { iat: now - 660, exp: undefined } },
      'expired',
    ],
    ['iat in the future', { claims: { iat: now + 6 } }, 'not_yet_valid'],
    ['no iat', { claims: { iat: undefined } }, 'times'],
    ['exp that is no number', { claims: { exp: 'x' } }, 'times'],
    ['a nonce', { claims: { nonce: 'x' } }, 'nonce'],
    ['a nonce that is null', { claims: { nonce: null } }, 'nonce'],
    ['no events', { claims: { events: undefined } }, 'events'],
    ['another event', { claims: { events: { other: {} } } }, 'events'],
    ['an event that is no object', { claims: { events: { [event]: true } } }, 'events'],
    ['no jti', { claims: { jti: undefined } }, 'claims'],
    ['neither sid nor sub', { claims: { sid: undefined, sub: undefined } }, 'claims'],
    ['an empty sid', { claims: { sid: '' } }, 'claims'],
    ['a sub that is no text', { claims: { sub: 1 } }, 'claims'],
  ])('with %s gets 400, and changes nothing', async (_case, overrides, reason) => {
    const { revocations, failures, logoutToken, send, outcome } = setUp();
    const response = await send(logoutToken(overrides));
    expect([response.status, response.headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect(failures).toEqual([new LogoutTokenError(reason as 'malformed')]);
    expect(await response.json()).toEqual({
      error: 'invalid_request',
      error_description: expect.any(String),
    });
    expect(revocations.size).toBe(0);
    expect(await outcome(ada)).toBe('authenticated');
  });

  it('is accepted once', async () => {
    const { clock, failures, logoutToken, send, outcome } = setUp();
    const token = logoutToken({ claims: { sid: undefined } });
    expect((await send(token)).status).toBe(200);
    clock.advance(60);
    expect(await outcome(ada)).toBe('authenticated');
    expect((await send(token)).status).toBe(400);
    expect(failures).toEqual([new LogoutTokenError('replayed')]);
    expect(await outcome(ada)).toBe('authenticated');
  });
});

describe('a request', () => {
  it.each<[string, BodyInit | null, string | undefined]>([
    ['no body', null, undefined],
    ['another field', 'token=x', undefined],
    ['two tokens', 'logout_token=a.b.c&logout_token=a.b.c', undefined],
    ['no JWT', 'logout_token=x', undefined],
    ['JSON', '{"logout_token":"x"}', 'application/json'],
    ['a long body', `logout_token=${'x'.repeat(100_000)}`, undefined],
  ])('with %s gets 400', async (_case, body, type) => {
    const { post } = setUp();
    expect((await post(body, type)).status).toBe(400);
  });

  it('is a POST', async () => {
    const { receive } = setUp();
    const response = await receive(new Request('https://api.test/backchannel-logout'));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('can be repeated after the issuer, the list or the store was unavailable', async () => {
    const revoke = vi.fn(async () => {});
    const isFirstUse = vi.fn(async () => true);
    const { issuer, logoutToken, send } = setUp({
      revocations: { revoke },
      replayStore: { isFirstUse },
    });
    const token = logoutToken();
    issuer.setDown(true);
    const unavailable = await send(token);
    expect([unavailable.status, unavailable.headers.get('retry-after')]).toEqual([503, '1']);
    issuer.setDown(false);
    issuer.clock.advance(1);
    revoke.mockRejectedValueOnce(new Error('down'));
    expect((await send(token)).status).toBe(503);
    isFirstUse.mockRejectedValueOnce(new Error('down'));
    expect((await send(token)).status).toBe(503);
    expect((await send(token)).status).toBe(200);
  });
});

it.each<[string, object, string]>([
  ['no client', { clientId: [] }, 'clientId must be the ID of a client'],
  ['an unknown option', { clientID: 'x' }, 'There is no option clientID'],
  ['no authenticator', { authenticator: {} }, 'authenticator must be the result of'],
  ['no list', { revocations: {} }, 'revocations must be the result of'],
  ['no store', { replayStore: {} }, 'replayStore must have a method isFirstUse'],
])('wrong options: %s', (_case, options, message) => {
  expect(() => setUp(options)).toThrow(message);
});
