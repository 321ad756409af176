import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestKey } from '../support/tokens.ts';
import { connectAs, connectRaw, type RawSocket, subscribeTo } from './raw-socket.ts';
import { type SubscriptionApi, startApi } from './start-api.ts';

let api: SubscriptionApi;
beforeAll(async () => {
  api = await startApi({ MAX_STREAMS_PER_VIEWER: '3', PUBLIC_URL: 'https://api.example.com' });
});
afterAll(() => api.stop());

const open = new Set<RawSocket>();
const connect = async (
  payload?: Readonly<Record<string, unknown>>,
  options?: Parameters<typeof connectAs>[2],
): Promise<RawSocket> => {
  const raw = await connectAs(api.webSocket, payload, options);
  open.add(raw);
  return raw;
};
const bearer = (claims: Readonly<Record<string, unknown>> = {}) => ({
  Authorization: `Bearer ${api.issuer.sign({ claims })}`,
});
afterEach(async () => {
  for (const raw of open) raw.socket.terminate();
  open.clear();
  await api.source.reaches(0);
});

const acknowledged = { type: 'connection_ack' };
const tokenExpired = {
  message: 'The access token has expired. Get a new one.',
  extensions: { code: 'UNAUTHENTICATED', reason: 'token_expired' },
};

describe('who is asking', () => {
  const viewer = subscribeTo('{ viewer { subject } }');
  const somebody = { data: { viewer: { subject: 'auth0|somebody' } } };

  it.each([
    ['Authorization', 'Bearer'],
    ['authorization', 'bearer'],
    ['AUTHORIZATION', 'BEARER'],
  ])('is said by %s in the payload of connection_init', async (name, scheme) => {
    const raw = await connect({ [name]: `${scheme} ${api.issuer.sign()}` });
    expect(await raw.next()).toEqual(acknowledged);
    raw.send(viewer);
    expect(await raw.next()).toEqual({ id: '1', type: 'next', payload: somebody });
    expect(await raw.next()).toEqual({ id: '1', type: 'complete' });
  });

  it('is said by the header of the request that is upgraded', async () => {
    const authorization = `Bearer ${api.issuer.sign()}`;
    const raw = await connect(undefined, { headers: { authorization } });
    expect(await raw.next()).toEqual(acknowledged);
    raw.send(viewer);
    expect(await raw.next()).toMatchObject({ payload: somebody });
  });

  it.each([
    ['no payload', undefined],
    ['an empty one', {}],
    ['an empty Authorization', { Authorization: '' }],
    ['none', { Authorization: null }],
    ['another scheme', { Authorization: 'Basic dXNlcjpwYXNz' }],
  ])('is nobody with %s', async (_case, payload) => {
    const raw = await connect(payload);
    expect(await raw.next()).toEqual(acknowledged);
    raw.send(subscribeTo('{ public { message } private { message } }'));
    expect(await raw.next()).toMatchObject({
      payload: {
        data: { public: { message: expect.any(String) }, private: null },
        errors: [{ path: ['private'], extensions: { code: 'UNAUTHENTICATED' } }],
      },
    });
  });

  const forbidden = 4403;
  it.each<[string, () => object, number, string]>([
    [
      'a token that has expired',
      () => bearer({ exp: api.clock.seconds() - 60 }),
      forbidden,
      'token_expired: The access token has expired. Get a new one.',
    ],
    [
      'a token for another audience',
      () => bearer({ aud: 'https://other.test' }),
      forbidden,
      'token_audience: The access token is not for this API. Request one with the audience of this API.',
    ],
    [
      'an opaque token',
      () => ({ Authorization: 'Bearer opaque' }),
      forbidden,
      'token_not_jws: The access token is not a signed JWT. Request one with the audience of this API.',
    ],
    [
      'no token after the scheme',
      () => ({ Authorization: 'Bearer' }),
      4400,
      'authorization_malformed: The Authorization header must have one scheme and one token, for example: Bearer TOKEN.',
    ],
    [
      'no text',
      () => ({ Authorization: { token: 'x' } }),
      4400,
      'authorization_malformed: The Authorization header must have one scheme and one token, for example: Bearer TOKEN.',
    ],
    [
      'credentials twice',
      () => ({ ...bearer(), authorization: 'Bearer another' }),
      4400,
      'authorization_repeated: The request has more than one Authorization header. Send only one.',
    ],
  ])('is refused with %s', async (_case, payload, code, reason) => {
    const raw = await connect({ ...payload() });
    expect(await raw.closed).toEqual({ code, reason });
  });

  it('is refused with credentials in both places', async () => {
    const raw = await connect(bearer(), { headers: { authorization: 'Bearer another' } });
    expect((await raw.closed).code).toBe(4400);
  });

  it('is refused with a token in the query string', async () => {
    const raw = await connectAs(`${api.webSocket}?access_token=x`, {});
    expect(await raw.closed).toMatchObject({ code: 4400, reason: /^token_in_query: / });
  });

  it('may be tried again later while the keys of the issuer cannot be had', async () => {
    const other = await startApi();
    other.issuer.setDown(true);
    const raw = await connectAs(other.webSocket, {
      Authorization: `Bearer ${other.issuer.sign()}`,
    });
    expect(await raw.closed).toMatchObject({ code: 1013, reason: /^keys_unavailable: / });
    await other.stop();
  });
});

describe('DPoP', () => {
  const key = createTestKey();
  const url = 'https://api.example.com/graphql';
  const proofFor = (token: string, overrides: object = {}) =>
    createProof({ key, token, clock: api.clock, method: 'GET', url, ...overrides });

  it('is proven in the payload of connection_init, once for the connection', async () => {
    const token = boundToken(api.issuer, key);
    const payload = { Authorization: `DPoP ${token}`, DPoP: proofFor(token) };
    const raw = await connect(payload);
    expect(await raw.next()).toEqual(acknowledged);
    raw.send(subscribeTo('{ viewer { subject } }'));
    expect(await raw.next()).toMatchObject({ payload: { data: { viewer: {} } } });
    const again = await connect(payload);
    expect(await again.closed).toMatchObject({ code: 4403, reason: /^proof_replayed: / });
  });

  it('is proven in the request that is upgraded', async () => {
    const token = boundToken(api.issuer, key);
    const raw = await connect(undefined, {
      headers: { authorization: `DPoP ${token}`, dpop: proofFor(token) },
    });
    expect(await raw.next()).toEqual(acknowledged);
  });

  it.each<[string, string, (token: string) => object]>([
    ['proof_missing', 'no proof', () => ({})],
    [
      'proof_method',
      'the proof of a POST',
      (token) => ({ DPoP: proofFor(token, { method: 'POST' }) }),
    ],
    [
      'proof_url',
      'the proof of a WebSocket URL',
      (token) => ({ DPoP: proofFor(token, { url: 'wss://api.example.com/graphql' }) }),
    ],
    ['proof_token', 'the proof of another token', () => ({ DPoP: proofFor('another') })],
  ])('is refused as %s with %s', async (reason, _case, payload) => {
    const token = boundToken(api.issuer, key);
    const raw = await connect({ Authorization: `DPoP ${token}`, ...payload(token) });
    const closed = await raw.closed;
    expect([closed.code, closed.reason.split(':')[0]]).toEqual([4403, reason]);
  });

  it('takes no bound token as Bearer', async () => {
    const raw = await connect({ Authorization: `Bearer ${boundToken(api.issuer, key)}` });
    expect(await raw.closed).toMatchObject({ code: 4403, reason: /^token_bound: / });
  });

  it('tells the nonce where one is needed', async () => {
    const other = await startApi({ DPOP_NONCE: 'required' });
    const token = boundToken(other.issuer, key);
    const connectWith = (claims: object) =>
      connectAs(other.webSocket, {
        Authorization: `DPoP ${token}`,
        DPoP: createProof({
          key,
          token,
          clock: other.clock,
          method: 'GET',
          url: other.endpoint,
          claims: { ...claims },
        }),
      });
    const without = await connectWith({});
    expect(await without.closed).toMatchObject({ code: 4403, reason: /^nonce_needed: / });
    const nonce = without.headers['dpop-nonce'];
    const raw = await connectWith({ nonce });
    expect(await raw.next()).toEqual(acknowledged);
    raw.socket.terminate();
    await other.stop();
  });
});

describe('operations', () => {
  it('are refused whole, with errors and nothing of HTTP', async () => {
    const raw = await connect();
    await raw.next();
    raw.send(subscribeTo('{ private { message } }'));
    expect(await raw.next()).toEqual({
      id: '1',
      type: 'error',
      payload: [
        {
          message:
            'Authentication required: sign in and send an access token in the Authorization header.',
          path: ['private'],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  it('are mutations too, and refused ones do not run', async () => {
    const nobody = await connect();
    await nobody.next();
    nobody.send(subscribeTo('mutation { touch }'));
    expect(await nobody.next()).toMatchObject({ type: 'error' });
    expect(api.touched()).toBe(0);
    const somebody = await connect(bearer());
    await somebody.next();
    somebody.send(subscribeTo('mutation { touch }'));
    expect(await somebody.next()).toMatchObject({ payload: { data: { touch: 'touched' } } });
    expect(api.touched()).toBe(1);
  });

  it.each([
    ['no subscription of theirs starts', 'subscription { alerts { text } }', 'read:alerts'],
    ['nor one of which a field is refused', 'subscription { news { secret } }', 'admin:write'],
  ])('need scopes: %s', async (_case, query, scope) => {
    const { started } = api.source;
    const raw = await connect(bearer());
    await raw.next();
    raw.send(subscribeTo(query));
    expect(await raw.next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'FORBIDDEN', scope } }],
    });
    expect(api.source.started).toBe(started);
  });

  it('are checked at each event', async () => {
    const raw = await connect(bearer({ auth_time: api.clock.seconds() - 55 }));
    await raw.next();
    raw.send(subscribeTo('subscription { news { text fresh } }'));
    await api.source.reaches(1);
    api.source.publish({ text: 'one' });
    expect(await raw.next()).toMatchObject({ payload: { data: { news: { fresh: 'f' } } } });
    api.clock.advance(6);
    api.source.publish({ text: 'two' });
    expect(await raw.next()).toEqual({
      id: '1',
      type: 'next',
      payload: {
        data: { news: { text: 'two', fresh: null } },
        errors: [
          {
            message: 'A stronger or more recent sign-in is required.',
            path: ['news', 'fresh'],
            locations: [{ line: 1, column: 28 }],
            extensions: { code: 'UNAUTHENTICATED', maxAge: 60 },
          },
        ],
      },
    });
  });

  it('mask what resolvers and sources throw', async () => {
    const raw = await connect();
    await raw.next();
    raw.send(subscribeTo('{ fails }'));
    const masked = {
      message: 'Unexpected error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', id: expect.any(String) },
    };
    expect(await raw.next()).toMatchObject({
      payload: { data: { fails: null }, errors: [masked] },
    });
    await raw.next();
    raw.send(subscribeTo('subscription { everybody { text } }'));
    await api.source.reaches(1);
    api.source.fail(new Error('the database said: password'));
    const failed = await raw.next();
    expect(failed).toMatchObject({ type: 'error', payload: [masked] });
    expect(JSON.stringify(failed)).not.toMatch(/password|unexpected"/);
  });

  it.each([
    ['{ nothing }', 'Cannot query field "nothing" on type "Query".'],
    ['{ privat { message } }', 'Cannot query field "privat" on type "Query".'],
    ['{', 'Syntax Error: Expected Name, found <EOF>.'],
    ['', expect.stringMatching(/^The payload of subscribe must have a string property query/)],
    [
      `{ ${'[['.repeat(60)}`,
      'The document is nested more than 100 levels deep, the maximum of this API.',
    ],
    [
      'query A { __typename } query B { __typename }',
      'Could not determine what operation to execute.',
    ],
    ['query ($x: Int!) { public { message } }', expect.stringContaining('$x')],
  ])('that cannot be run are told so: %s', async (query, message) => {
    const raw = await connect();
    await raw.next();
    raw.send(subscribeTo(query));
    const told = await raw.next();
    expect(told).toMatchObject({ type: 'error', payload: [{ message }] });
    expect(JSON.stringify(told)).not.toContain('"http"');
  });

  it('find the request that was upgraded in their context', async () => {
    const raw = await connect(undefined, { headers: { 'user-agent': 'a test' } });
    await raw.next();
    raw.send(subscribeTo('{ slow }'));
    expect(await raw.next()).toMatchObject({ payload: { data: { slow: 'a test' } } });
  });
});

describe('when the token ends', () => {
  const endingSoon = () => bearer({ exp: api.clock.seconds() + 10 });

  it('subscriptions end with one last error, and then the connection', async () => {
    const raw = await connect(endingSoon());
    await raw.next();
    raw.send(subscribeTo('subscription { news { text } }', 'a'));
    raw.send(subscribeTo('subscription { clock { tokenEndsIn } }', 'b'));
    expect(await raw.next()).toMatchObject({
      id: 'b',
      payload: { data: { clock: { tokenEndsIn: 10 } } },
    });
    await api.source.reaches(1);
    api.clock.advance(10);
    expect(api.source.isOpen).toBe(0);
    const told: unknown[] = [];
    for (let count = 0; count < 4; count += 1) told.push(await raw.next());
    for (const id of ['a', 'b']) {
      expect(told).toContainEqual({ id, type: 'next', payload: { errors: [tokenExpired] } });
      expect(told).toContainEqual({ id, type: 'complete' });
    }
    expect(await raw.closed).toEqual({
      code: 4403,
      reason: 'token_expired: The access token has expired. Get a new one.',
    });
  });

  it('a connection without operations is closed at once', async () => {
    const raw = await connect(endingSoon());
    await raw.next();
    api.clock.advance(10);
    expect(await raw.closed).toMatchObject({ code: 4403 });
  });

  it('a connection with an operation is closed after five seconds', async () => {
    const begun = api.holding.length;
    const raw = await connect(endingSoon());
    await raw.next();
    raw.send(subscribeTo('mutation { hold }'));
    await expect.poll(() => api.holding.length).toBe(begun + 1);
    api.clock.advance(14);
    raw.send({ type: 'ping' });
    expect(await raw.next()).toMatchObject({ type: 'pong' });
    api.clock.advance(1);
    expect(await raw.closed).toMatchObject({ code: 4403 });
  });

  it('one without a token goes on', async () => {
    const raw = await connect();
    await raw.next();
    api.clock.advance(5);
    raw.send(subscribeTo('{ public { message } }'));
    expect(await raw.next()).toMatchObject({ type: 'next' });
  });
});

describe('the protocol', () => {
  it.each<[number, string, (raw: RawSocket) => void | Promise<void>]>([
    [4400, 'what is no JSON', (raw) => raw.send('{')],
    [4400, 'a message of no known type', (raw) => raw.send({ type: 'hello' })],
    [4400, 'a message that only servers send', (raw) => raw.send(acknowledged)],
    [4401, 'a subscription before connection_init', (raw) => raw.send(subscribeTo('{ a }'))],
    [4408, 'nothing', () => api.clock.advance(3)],
    [
      4409,
      'two subscriptions of one name',
      async (raw) => {
        raw.send({ type: 'connection_init', payload: bearer() });
        await raw.next();
        raw.send(subscribeTo('subscription { news { text } }'));
        await api.source.reaches(1);
        raw.send(subscribeTo('subscription { news { text } }'));
      },
    ],
    [
      4429,
      'connection_init twice',
      (raw) => {
        raw.send({ type: 'connection_init' });
        raw.send({ type: 'connection_init' });
      },
    ],
    [1009, 'more than a request may hold', (raw) => raw.send('x'.repeat(102_401))],
  ])('closes with %i after %s', async (code, _case, act) => {
    const raw = await connectRaw(api.webSocket);
    await act(raw);
    expect((await raw.closed).code).toBe(code);
  });

  it('is graphql-transport-ws and no other', async () => {
    await expect(connectRaw(api.webSocket, { protocol: 'graphql-ws' })).rejects.toThrow();
  });

  it('answers pings', async () => {
    const raw = await connectRaw(api.webSocket);
    open.add(raw);
    raw.send({ type: 'ping', payload: { n: 1 } });
    expect(await raw.next()).toEqual({ type: 'pong', payload: { n: 1 } });
  });

  it('logs nothing of what clients get wrong', () => {
    expect(api.logged.filter((line) => JSON.parse(line).level >= 50)).toEqual([
      expect.stringContaining('the database said: password'),
      expect.stringContaining('the database said: password'),
    ]);
    expect(api.logged.join('')).not.toMatch(/Bearer\s|eyJ/);
  });
});

describe('how much there may be', () => {
  it('is bounded: operations on a connection', async () => {
    const raw = await connect(bearer());
    await raw.next();
    for (const id of ['1', '2', '3', '4']) {
      raw.send(subscribeTo('subscription { news { text } }', id));
    }
    expect(await raw.next()).toMatchObject({
      id: '4',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_STREAMS', reason: 'too_many_of_viewer' } }],
    });
    await api.source.reaches(3);
    raw.send({ id: '1', type: 'complete' });
    await api.source.reaches(2);
    raw.send(subscribeTo('subscription { news { text } }', '5'));
    await api.source.reaches(3);
  });

  it('is bounded: subscriptions of a viewer, over all connections', async () => {
    for (const id of ['1', '2', '3']) {
      const raw = await connect(bearer());
      await raw.next();
      if (id !== '3') raw.send(subscribeTo('subscription { news { text } }', id));
      else {
        raw.send(subscribeTo('subscription { news { text } }', 'a'));
        await api.source.reaches(3);
        raw.send(subscribeTo('subscription { news { text } }', 'b'));
        expect(await raw.next()).toMatchObject({ id: 'b', type: 'error' });
      }
    }
  });

  it('is bounded: connections of a viewer', async () => {
    const all = [];
    for (let count = 0; count < 3; count += 1) {
      const raw = await connect(bearer());
      expect(await raw.next()).toEqual(acknowledged);
      all.push(raw);
    }
    const fourth = await connect(bearer());
    expect(await fourth.closed).toEqual({
      code: 1013,
      reason: 'Too many open connections. Close one first.',
    });
    const other = await connect(bearer({ sub: 'another' }));
    expect(await other.next()).toEqual(acknowledged);
  });

  it('is bounded: connections in all', async () => {
    const small = await startApi({ MAX_STREAMS: '1' });
    const first = await connectAs(small.webSocket, {});
    expect(await first.next()).toEqual(acknowledged);
    await expect(connectRaw(small.webSocket)).rejects.toThrow('503');
    first.socket.terminate();
    await small.stop();
  });
});

describe('pages', () => {
  it.each([
    ['that are listed may connect', 'https://app.example.com', true],
    ['of the API itself may connect', 'https://api.example.com', true],
    ['of others may not', 'https://evil.example.com', false],
    ['of nowhere may not', 'null', false],
  ])('%s', async (_case, origin, isAllowed) => {
    const other = await startApi({
      PUBLIC_URL: 'https://api.example.com',
      ALLOWED_ORIGINS: 'https://app.example.com',
    });
    const attempt = connectRaw(other.webSocket, { headers: { origin } });
    if (isAllowed) (await attempt).socket.terminate();
    else await expect(attempt).rejects.toThrow('403');
    await other.stop();
  });
});

describe('heartbeats', () => {
  it('keep a connection that answers, and end one that does not', async () => {
    const alive = await connectRaw(api.webSocket);
    const silent = await connectRaw(api.webSocket, { autoPong: false });
    open.add(alive);
    for (const raw of [alive, silent]) raw.send({ type: 'connection_init' });
    await Promise.all([alive.next(), silent.next()]);
    const pinged = Promise.all(
      [alive, silent].map((raw) => new Promise((resolve) => raw.socket.once('ping', resolve))),
    );
    api.clock.advance(12);
    await pinged;
    // Whatever is sent now comes after the answer to the ping.
    alive.send(subscribeTo('{ public { message } }'));
    await alive.next();
    await alive.next();
    api.clock.advance(12);
    expect((await silent.closed).code).toBe(1006);
    alive.send(subscribeTo('{ public { message } }'));
    expect(await alive.next()).toMatchObject({ type: 'next' });
  });
});
