import { describe, expect, it, vi } from 'vitest';
import type { Revocation, RevocationEntry, Revocations } from '../../src/layer.ts';
import { createRevocationList, type RevocationListOptions } from '../../src/layer.ts';
import { authenticatorFor, bearer, outcomeOf, requestWith } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';

const key = createTestKey();

function setUp(options: Partial<RevocationListOptions> = {}) {
  const clock = createTestClock();
  const issuer = createTestIssuer({ clock, key });
  const revocations = createRevocationList({ clock, ...options });
  return { clock, issuer, revocations, ...authenticateWith(issuer, revocations) };
}

function authenticateWith(issuer: ReturnType<typeof createTestIssuer>, revocations: Revocations) {
  const authenticator = authenticatorFor(issuer, { revocations, keepAccessTokens: true });
  const outcome = async (token: string) => {
    const found = await outcomeOf(authenticator.authenticate(bearer(token)));
    return found instanceof Error ? found.reason : found.kind;
  };
  return { authenticator, outcome };
}

type Environment = ReturnType<typeof setUp>;
const issuerUrl = 'https://issuer.test/';
const ada = { sub: 'ada', sid: 'session of ada', jti: 'token of ada' };
const isRevoked = (isOne: boolean) => (isOne ? 'token_revoked' : 'authenticated');

describe('what a revocation matches', () => {
  const session = { issuer: issuerUrl, sessionId: 'session of ada' } as const;
  const inSeconds = (seconds: number) => (clock: Environment['clock']) =>
    new Date(clock.now().getTime() + seconds * 1000);
  const subject =
    (issuedBefore: ReturnType<typeof inSeconds>) => (clock: Environment['clock']) => ({
      issuer: issuerUrl,
      subject: 'ada',
      issuedBefore: issuedBefore(clock),
    });
  type Row = [string, Revocation | ((clock: Environment['clock']) => Revocation), object, boolean];

  it.each<Row>([
    ['the token', { issuer: issuerUrl, tokenId: 'token of ada' }, {}, true],
    ['another token', { issuer: issuerUrl, tokenId: 'another' }, {}, false],
    ['the token of another issuer', { issuer: 'https://o/', tokenId: 'token of ada' }, {}, false],
    ['a token whose session has that ID', { issuer: issuerUrl, tokenId: 'x' }, { sid: 'x' }, false],
    ['the session', session, {}, true],
    ['another session', { ...session, sessionId: 'another' }, {}, false],
    ['the session of another issuer', { ...session, issuer: 'https://o/' }, {}, false],
    ['a token without session', session, { sid: undefined }, false],
    [
      'a token without session, of its subject',
      { ...session, subject: 'ada' },
      { sid: undefined },
      true,
    ],
    [
      'a token without session, of another',
      { ...session, subject: 'bob' },
      { sid: undefined },
      false,
    ],
    ['another session of its subject', { ...session, subject: 'ada' }, { sid: 'another' }, false],
    ['the subject', { issuer: issuerUrl, subject: 'ada' }, {}, true],
    ['another subject', { issuer: issuerUrl, subject: 'bob' }, {}, false],
    ['the subject of another issuer', { issuer: 'https://o/', subject: 'ada' }, {}, false],
    ['the subject, issued in that second', subject(inSeconds(0)), {}, true],
    ['the subject, issued later', subject(inSeconds(-1)), {}, false],
    ['the subject, without iat', subject(inSeconds(-1)), { iat: undefined }, true],
  ])('%s', async (_case, revocation, claims, expected) => {
    const { clock, issuer, revocations, outcome } = setUp();
    const token = issuer.sign({ claims: { ...ada, ...claims } });
    expect(await outcome(token)).toBe('authenticated');
    await revocations.revoke(typeof revocation === 'function' ? revocation(clock) : revocation);
    // Once known, and once not.
    expect(await outcome(token)).toBe(isRevoked(expected));
    expect(await outcome(issuer.sign({ claims: { ...ada, ...claims, more: 1 } }))).toBe(
      isRevoked(expected),
    );
  });

  it('a subject by default up to 5 seconds from now, for clocks that differ', async () => {
    const { clock, issuer, revocations, outcome } = setUp();
    await revocations.revoke({ issuer: issuerUrl, subject: 'ada' });
    clock.advance(5);
    expect(await outcome(issuer.sign({ claims: ada }))).toBe('token_revoked');
    clock.advance(1);
    expect(await outcome(issuer.sign({ claims: ada }))).toBe('authenticated');
  });

  it('nothing becomes valid again by a second revocation', async () => {
    const { clock, issuer, revocations, outcome } = setUp();
    const token = issuer.sign({ claims: ada });
    await revocations.revoke({ issuer: issuerUrl, subject: 'ada' });
    await revocations.revoke({
      issuer: issuerUrl,
      subject: 'ada',
      issuedBefore: new Date(clock.now().getTime() - 60_000),
    });
    expect(await outcome(token)).toBe('token_revoked');
  });
});

it('a revoked token gets 401 with a challenge, and is forgotten', async () => {
  const { issuer, revocations, authenticator } = setUp();
  const token = issuer.sign({ claims: ada });
  const viewer = await authenticator.authenticate(bearer(token));
  if (viewer.kind !== 'authenticated') throw new Error('The viewer is anonymous.');
  expect(authenticator.accessTokenOf(viewer)).toBe(token);
  await revocations.revoke({ issuer: issuerUrl, tokenId: ada.jti });
  expect(await outcomeOf(authenticator.authenticate(bearer(token)))).toMatchObject({
    status: 401,
    code: 'UNAUTHENTICATED',
    error: 'invalid_token',
    reason: 'token_revoked',
    scheme: 'Bearer',
  });
  expect(authenticator.accessTokenOf(viewer)).toBeUndefined();
  expect(() => authenticator.checkRevocation?.(viewer)).toThrow('The access token was revoked.');
});

it('a revoked token that is bound to a key is refused too, and does not use up its proof', async () => {
  const { clock, issuer, revocations } = setUp();
  const replayStore = { isFirstUse: vi.fn(async () => true) };
  const authenticator = authenticatorFor(issuer, {
    revocations,
    replayStore,
    dpop: 'optional',
    publicUrl: 'https://api.test',
  });
  const token = boundToken(issuer, key);
  const proof = createProof({ key, token, url: 'https://api.test/graphql', clock });
  const request = {
    ...requestWith(`DPoP ${token}`),
    headers: new Headers({ authorization: `DPoP ${token}`, dpop: proof }),
  };
  await revocations.revoke({ issuer: issuerUrl, subject: 'auth0|somebody' });
  expect(await outcomeOf(authenticator.authenticate(request))).toMatchObject({
    reason: 'token_revoked',
    scheme: 'DPoP',
  });
  expect(replayStore.isFirstUse).not.toHaveBeenCalled();
});

describe('the longest lifetime of a token', () => {
  it.each([
    ['as long', { lifetime: 3600 }, 'authenticated'],
    ['longer', { lifetime: 3601 }, 'token_lifetime'],
    ['longer, of which the rest is not', { lifetime: 3601, age: 3000 }, 'token_lifetime'],
    ['longer, without iat', { lifetime: 3601, claims: { iat: undefined } }, 'token_lifetime'],
    ['not longer, without iat', { lifetime: 3600, claims: { iat: undefined } }, 'authenticated'],
  ])(
    '%s',
    async (_case, {
      lifetime,
      age = 0,
      claims = {},
    }: {
      lifetime: number;
      age?: number;
      claims?: object;
    }, expected) => {
      const { clock, issuer, outcome } = setUp({ maxTokenLifetime: 3600 });
      const iat = clock.seconds() - age;
      const token = issuer.sign({ claims: { iat, exp: iat + lifetime, ...claims } });
      expect(await outcome(token)).toBe(expected);
    },
  );

  it('is how long a revocation is remembered, and not much longer', async () => {
    const { clock, issuer, revocations, outcome } = setUp({ maxTokenLifetime: 3600 });
    const token = issuer.sign({ claims: { ...ada, exp: clock.seconds() + 3600 } });
    await revocations.revoke({ issuer: issuerUrl, tokenId: ada.jti });
    clock.advance(3604);
    expect(await outcome(token)).toBe('token_revoked');
    expect(revocations.size).toBe(1);
    clock.advance(600);
    expect(revocations.size).toBe(0);
  });
});

describe('an object of your own', () => {
  it.each<[string, () => unknown, string]>([
    ['false', () => false, 'authenticated'],
    ['true', () => true, 'token_revoked'],
    ['a promise of false', async () => false, 'authenticated'],
    ['a promise of true', async () => true, 'token_revoked'],
    ['nothing', () => undefined, 'revocation_unavailable'],
    ['a promise of nothing', async () => undefined, 'revocation_unavailable'],
    [
      'an error',
      () => {
        throw new Error('down');
      },
      'revocation_unavailable',
    ],
    [
      'a promise of an error',
      async () => {
        throw new Error('down');
      },
      'revocation_unavailable',
    ],
  ])('%s', async (_case, answer, expected) => {
    const issuer = createTestIssuer({ key });
    const { outcome } = authenticateWith(issuer, { isRevoked: answer as () => boolean });
    const token = issuer.sign();
    expect([await outcome(token), await outcome(token)]).toEqual([expected, expected]);
  });

  it('is not waited for longer than 5 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const issuer = createTestIssuer({ key });
      let isAsked = (): void => {};
      const asked = new Promise<void>((resolve) => {
        isAsked = resolve;
      });
      const { outcome } = authenticateWith(issuer, {
        isRevoked() {
          isAsked();
          return new Promise(() => {});
        },
      });
      const refused = outcome(issuer.sign());
      await asked;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await refused).toBe('revocation_unavailable');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('gets the viewer of each request with a valid token, and no other', async () => {
    const issuer = createTestIssuer({ key });
    const revocations = { isRevoked: vi.fn(() => false) };
    const { authenticator, outcome } = authenticateWith(issuer, revocations);
    const viewer = await authenticator.authenticate(bearer(issuer.sign({ claims: ada })));
    expect(revocations.isRevoked.mock.calls).toEqual([[viewer]]);
    await outcome(issuer.sign({ claims: { aud: 'another' } }));
    await authenticator.authenticate(requestWith(undefined));
    expect(revocations.isRevoked).toHaveBeenCalledTimes(1);
  });
});

describe('a list that instances share', () => {
  function createStore() {
    const added: { entries: readonly RevocationEntry[]; keepFor: number }[] = [];
    let isDown = false;
    return {
      added,
      setDown: (down: boolean) => {
        isDown = down;
      },
      async add(entries: readonly RevocationEntry[], keepFor: number) {
        if (isDown) throw new Error('down');
        added.push({ entries, keepFor });
      },
      async read() {
        if (isDown) throw new Error('down');
        return added.flatMap(({ entries }) => entries);
      },
    };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('has what another instance has revoked a second ago', async () => {
    const store = createStore();
    const { clock, issuer, outcome } = setUp({ store });
    const other = createRevocationList({ store, clock });
    const token = issuer.sign({ claims: ada });
    await settle();
    expect(await outcome(token)).toBe('authenticated');
    await other.revoke({ issuer: issuerUrl, tokenId: ada.jti });
    clock.advance(1);
    await settle();
    expect(await outcome(token)).toBe('token_revoked');
  });

  it('stores hashes, for as long as tokens live', async () => {
    const store = createStore();
    const { revocations } = setUp({ store, maxTokenLifetime: 3600 });
    await revocations.revoke({ issuer: issuerUrl, sessionId: 's', subject: 'ada' });
    expect(store.added).toEqual([
      {
        entries: [
          { id: expect.stringMatching(/^[\w-]{43}$/), issuedBefore: null },
          { id: expect.stringMatching(/^[\w-]{43}$/), issuedBefore: expect.any(Number) },
        ],
        keepFor: 4_200_000,
      },
    ]);
  });

  it('fails closed before it has been read, and when it was not read for 30 seconds', async () => {
    const store = createStore();
    const onStoreError = vi.fn();
    store.setDown(true);
    const { clock, issuer, revocations, outcome } = setUp({ store, onStoreError });
    const token = issuer.sign({ claims: { exp: clock.seconds() + 600 } });
    expect([revocations.isCurrent(), await outcome(token)]).toEqual([
      false,
      'revocation_unavailable',
    ]);
    store.setDown(false);
    clock.advance(1);
    await settle();
    expect([revocations.isCurrent(), await outcome(token)]).toEqual([true, 'authenticated']);
    store.setDown(true);
    for (let second = 1; second <= 31; second += 1) {
      clock.advance(1);
      await settle();
      expect([second, await outcome(token)]).toEqual([
        second,
        second <= 30 ? 'authenticated' : 'revocation_unavailable',
      ]);
    }
    expect(onStoreError).toHaveBeenCalledTimes(2);
    store.setDown(false);
    clock.advance(1);
    await settle();
    expect(await outcome(token)).toBe('authenticated');
    clock.advance(-60);
    expect(revocations.isCurrent()).toBe(false);
  });

  it('says if a revocation could not be stored, applies it, and stores it later', async () => {
    const store = createStore();
    const { clock, issuer, revocations, outcome } = setUp({ store });
    await settle();
    const revocation = { issuer: issuerUrl, tokenId: ada.jti };
    store.setDown(true);
    await expect(revocations.revoke(revocation)).rejects.toThrow('down');
    await expect(revocations.revoke(revocation)).rejects.toThrow('down');
    expect(await outcome(issuer.sign({ claims: ada }))).toBe('token_revoked');
    store.setDown(false);
    clock.advance(1);
    await settle();
    expect(store.added).toMatchObject([{ entries: [{ issuedBefore: null }] }]);
    await revocations.revoke(revocation);
    expect(store.added).toHaveLength(1);
  });

  it('is not read after it was closed', async () => {
    const store = createStore();
    const { clock, revocations } = setUp({ store });
    await settle();
    revocations.close();
    expect(clock.waiting()).toBe(0);
  });
});

it('a full list refuses, and takes what it has', async () => {
  const { revocations } = setUp({ maxEntries: 2 });
  const revoke = (tokenId: string) => revocations.revoke({ issuer: issuerUrl, tokenId });
  await revoke('1');
  await revoke('2');
  await expect(revoke('3')).rejects.toThrow('The revocation list is full.');
  await revoke('2');
  expect(revocations.size).toBe(2);
});

describe('wrong options', () => {
  it.each<[string, object, string]>([
    ['an unknown one', { ttl: 1 }, 'There is no option ttl'],
    ['a store without read', { store: { add() {} } }, 'store must have the methods add and read'],
    ['a lifetime of 0', { maxTokenLifetime: 0 }, 'maxTokenLifetime must be'],
    ['a lifetime of a year', { maxTokenLifetime: 31_536_000 }, 'maxTokenLifetime must be'],
    ['a staleness of a second', { maxStaleness: 1 }, 'maxStaleness must be'],
    ['no entries', { maxEntries: 0 }, 'maxEntries must be'],
  ])('%s', (_case, options, message) => {
    expect(() => createRevocationList(options)).toThrow(message);
  });

  it.each<[string, object]>([
    ['no issuer', { subject: 'ada' }],
    ['nothing else', { issuer: issuerUrl }],
    ['two of them', { issuer: issuerUrl, subject: 'ada', tokenId: '1' }],
    ['an unknown one', { issuer: issuerUrl, subject: 'ada', since: new Date() }],
    ['an empty one', { issuer: issuerUrl, subject: '' }],
    ['a number for the time', { issuer: issuerUrl, subject: 'ada', issuedBefore: 1 }],
    ['an invalid time', { issuer: issuerUrl, subject: 'ada', issuedBefore: new Date('x') }],
  ])('of a revocation: %s', async (_case, revocation) => {
    const { revocations } = setUp();
    await expect(revocations.revoke(revocation as Revocation)).rejects.toThrow(
      'A revocation must have issuer and one of tokenId, sessionId and subject',
    );
    expect(revocations.size).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['a function', () => false, 'revocations must be the result of createRevocationList'],
    ['null', null, 'revocations must be the result of createRevocationList'],
    ['a lifetime', { isRevoked: () => false, maxTokenLifetime: 0 }, 'maxTokenLifetime must be'],
  ])('of an authenticator: %s', (_case, revocations, message) => {
    const issuer = createTestIssuer({ key });
    expect(() => authenticatorFor(issuer, { revocations: revocations as Revocations })).toThrow(
      message,
    );
  });
});
