import { describe, expect, it, vi } from 'vitest';
import {
  createRevocableAuthenticator,
  type RevocableAuthenticator,
} from '../../src/authentication/authenticator.ts';
import {
  type AuthenticatorOptions,
  resolveAuthenticatorOptions,
} from '../../src/authentication/authenticator-options.ts';
import { verifyAccessToken } from '../../src/authentication/token/access-token.ts';
import {
  createKnownTokens,
  maxKnownBytes,
  maxKnownTokens,
} from '../../src/authentication/token/known-tokens.ts';
import { createTokenViewer } from '../../src/authentication/token-viewer.ts';
import type { AuthenticatedViewer } from '../../src/authentication/viewer.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestIssuer, createTestKey, type TestIssuer } from '../support/tokens.ts';

function setUp(options: Partial<AuthenticatorOptions> = {}) {
  const issuer = createTestIssuer();
  const authenticator = createRevocableAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    fetch: issuer.fetch,
    clock: issuer.clock,
    ...options,
  });
  return { issuer, authenticator };
}

type Environment = ReturnType<typeof setUp>;

/** The viewer of a request that must be accepted. */
async function viewerOf(
  { authenticator }: Pick<Environment, 'authenticator'>,
  request: Parameters<Environment['authenticator']['authenticate']>[0],
): Promise<AuthenticatedViewer> {
  const viewer = await authenticator.authenticate(request);
  if (viewer.kind !== 'authenticated') throw new Error('The viewer is anonymous.');
  return viewer;
}

/** Waits until the keys that were refreshed in the background no longer verify a token. */
const untilUnknown = async (authenticator: RevocableAuthenticator, token: string) => {
  const known = await outcomeOf(authenticator.authenticate(bearer(token)));
  await vi.waitFor(async () => {
    const viewer = await outcomeOf(authenticator.authenticate(bearer(token)));
    if (viewer === known) throw new Error('The token is still known.');
  });
};

const sameKidAs = (issuer: TestIssuer) => createTestKey('ES256', issuer.keys[0]?.kid);

interface Row {
  readonly claims?: (issuer: TestIssuer) => Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly options?: Partial<AuthenticatorOptions>;
  /** What happens between the first and the last request with the token. */
  readonly between: (environment: Environment, token: string) => unknown;
  /** `hit`, `verified` again, or the reason of the refusal. */
  readonly outcome: string;
}

const inOneMinute = (issuer: TestIssuer) => ({ exp: issuer.clock.seconds() + 60 });
const inOneHour = (issuer: TestIssuer) => ({ exp: issuer.clock.seconds() + 3_600 });

const rows: Readonly<Record<string, Row>> = {
  'nothing happens': { between: () => {}, outcome: 'hit' },
  'another token comes': {
    between: ({ issuer, authenticator }) =>
      authenticator.authenticate(bearer(issuer.sign({ claims: { sub: 'other' } }))),
    outcome: 'hit',
  },
  // Within the minutes in which no keys are fetched, so that only the lifetime decides.
  'it is still valid': {
    claims: inOneMinute,
    between: ({ issuer }) => issuer.clock.advance(59),
    outcome: 'hit',
  },
  'it expires within the tolerance': {
    claims: inOneMinute,
    between: ({ issuer }) => issuer.clock.advance(64.9),
    outcome: 'hit',
  },
  'it expires': {
    claims: inOneMinute,
    between: ({ issuer }) => issuer.clock.advance(65),
    outcome: 'token_expired',
  },
  'it expires, without tolerance': {
    claims: inOneMinute,
    options: { clockTolerance: 0 },
    between: ({ issuer }) => issuer.clock.advance(60),
    outcome: 'token_expired',
  },
  'it expires while the keys are refreshed': {
    between: ({ issuer }) => issuer.clock.advance(605),
    outcome: 'token_expired',
  },
  'it expires, and the clock is set back': {
    claims: inOneMinute,
    between: async ({ issuer, authenticator }, token) => {
      issuer.clock.advance(65);
      await authenticator.authenticate(bearer(token)).catch(() => {});
      issuer.clock.advance(-65);
    },
    outcome: 'hit',
  },
  'the clock is set back to before nbf': {
    claims: (issuer) => ({ nbf: issuer.clock.seconds() - 100, iat: undefined }),
    between: ({ issuer, authenticator }) => {
      issuer.clock.advance(-106);
      return authenticator.warmUp();
    },
    outcome: 'token_not_yet_valid',
  },
  'the clock is set back to before iat': {
    between: ({ issuer, authenticator }) => {
      issuer.clock.advance(-6);
      return authenticator.warmUp();
    },
    outcome: 'token_not_yet_valid',
  },
  'the clock is set back within the tolerance': {
    between: ({ issuer, authenticator }) => {
      issuer.clock.advance(-5);
      return authenticator.warmUp();
    },
    outcome: 'hit',
  },
  'its key is withdrawn, and the keys are not refreshed yet': {
    claims: inOneHour,
    between: ({ issuer }) => {
      issuer.rotate();
      issuer.clock.advance(539);
    },
    outcome: 'hit',
  },
  'its key is withdrawn, and the keys are refreshed in the background': {
    claims: inOneHour,
    between: async ({ issuer, authenticator }, token) => {
      issuer.rotate();
      issuer.clock.advance(541);
      await authenticator.authenticate(bearer(token));
      await untilUnknown(authenticator, token);
    },
    outcome: 'token_signature',
  },
  'its key is withdrawn, and requests wait for the keys': {
    claims: inOneHour,
    between: ({ issuer }) => {
      issuer.rotate();
      issuer.clock.advance(601);
    },
    outcome: 'token_signature',
  },
  'its key is replaced under the same kid': {
    claims: inOneHour,
    between: ({ issuer }) => {
      issuer.rotate(sameKidAs(issuer));
      issuer.clock.advance(601);
    },
    outcome: 'token_signature',
  },
  'its key is replaced, and it has no kid': {
    header: { kid: undefined },
    claims: inOneHour,
    between: ({ issuer }) => {
      issuer.rotate();
      issuer.clock.advance(601);
    },
    outcome: 'token_signature',
  },
  'its key gets another kid': {
    claims: inOneHour,
    between: ({ issuer }) => {
      const [key = createTestKey()] = issuer.keys;
      issuer.rotate({ ...key, jwk: { ...key.jwk, kid: 'renamed' } });
      issuer.clock.advance(601);
    },
    outcome: 'token_signature',
  },
  'its key is declared to be for encryption': {
    claims: inOneHour,
    between: ({ issuer }) => {
      const [key = createTestKey()] = issuer.keys;
      issuer.rotate({ ...key, jwk: { ...key.jwk, use: 'enc' } }, createTestKey());
      issuer.clock.advance(601);
    },
    outcome: 'token_signature',
  },
  'requests wait for the keys, which still have its own': {
    claims: inOneHour,
    between: ({ issuer }) => issuer.clock.advance(601),
    outcome: 'verified',
  },
  'a key is added to its own': {
    claims: inOneHour,
    between: async ({ issuer, authenticator }) => {
      issuer.keys.push(createTestKey());
      issuer.clock.advance(601);
      await authenticator.warmUp();
    },
    outcome: 'hit',
  },
  'the same keys are fetched again': {
    claims: inOneHour,
    between: async ({ issuer, authenticator }) => {
      issuer.clock.advance(601);
      await authenticator.warmUp();
    },
    outcome: 'hit',
  },
  'the issuer is unreachable for an hour': {
    claims: (issuer) => ({ exp: issuer.clock.seconds() + 36_000 }),
    between: async ({ issuer, authenticator }) => {
      issuer.setDown(true);
      issuer.clock.advance(3_600);
      await authenticator.warmUp();
    },
    outcome: 'hit',
  },
  'the issuer is unreachable for more than a day': {
    claims: (issuer) => ({ exp: issuer.clock.seconds() + 360_000 }),
    between: ({ issuer }) => {
      issuer.setDown(true);
      issuer.clock.advance(86_401);
    },
    outcome: 'keys_unavailable',
  },
  'it is forgotten': {
    between: ({ authenticator }) =>
      authenticator.forgetTokens(({ subject }) => subject === 'auth0|somebody'),
    outcome: 'verified',
  },
  'another one is forgotten': {
    between: ({ authenticator }) =>
      authenticator.forgetTokens(({ subject }) => subject === 'other'),
    outcome: 'hit',
  },
};

describe('a token that was accepted, and is sent again after', () => {
  it.each(Object.entries(rows))('%s', async (_, row) => {
    const environment = setUp(row.options);
    const { issuer, authenticator } = environment;
    const token = issuer.sign({ header: row.header ?? {}, claims: row.claims?.(issuer) ?? {} });
    const first = await authenticator.authenticate(bearer(token));
    await row.between(environment, token);
    const last = await outcomeOf(authenticator.authenticate(bearer(token)));
    const again = last === first ? 'hit' : 'verified';
    expect(last instanceof Error ? last.reason : again).toBe(row.outcome);
  });

  it('it is forgotten while it is verified, is verified again', async () => {
    const { issuer, authenticator } = setUp();
    const token = issuer.sign();
    const first = authenticator.authenticate(bearer(token));
    authenticator.forgetTokens(({ subject }) => subject === 'auth0|somebody');
    expect(await authenticator.authenticate(bearer(token))).not.toBe(await first);
  });

  it('9 minutes, starts a refresh of the keys in the background', async () => {
    const { issuer, authenticator } = setUp();
    const token = issuer.sign();
    const first = await authenticator.authenticate(bearer(token));
    issuer.clock.advance(541);
    expect(await authenticator.authenticate(bearer(token))).toBe(first);
    await vi.waitFor(() => expect(issuer.requests).toMatchObject({ discovery: 1, keys: 2 }));
  });
});

describe('what is not a known token', () => {
  it('a token that differs in one character', async () => {
    const { issuer, authenticator } = setUp();
    const token = issuer.sign();
    await authenticator.authenticate(bearer(token));
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      const outcome = await outcomeOf(authenticator.authenticate(bearer(changed)));
      expect(outcome).toBeInstanceOf(Error);
    }
  });

  it.each([
    ['padding', (token: string) => `${token}=`],
    ['its signature alone', (token: string) => `a.b.${token.split('.')[2]}`],
    ['a fourth part', (token: string) => `${token}.`],
  ])('the token with %s', async (_, change) => {
    const { issuer, authenticator } = setUp();
    const token = issuer.sign();
    await authenticator.authenticate(bearer(token));
    const outcome = await outcomeOf(authenticator.authenticate(bearer(change(token))));
    expect(outcome).toBeInstanceOf(Error);
  });

  it('a token that was refused', async () => {
    const { issuer, authenticator } = setUp({ requiredClaims: ['tenant'] });
    await authenticator.warmUp();
    const token = issuer.sign();
    for (let count = 0; count < 2; count += 1) {
      const outcome = await outcomeOf(authenticator.authenticate(bearer(token)));
      expect(outcome).toMatchObject({ reason: 'token_claim' });
    }
  });

  it('a token of another authenticator', async () => {
    const { issuer, authenticator } = setUp();
    const token = issuer.sign();
    await authenticator.authenticate(bearer(token));
    const other = setUp({ fetch: issuer.fetch, audience: 'https://other.test' });
    const outcome = await outcomeOf(other.authenticator.authenticate(bearer(token)));
    expect(outcome).toMatchObject({ reason: 'token_audience' });
  });
});

describe('a request with a known token', () => {
  const publicUrl = 'https://api.test';
  const key = createTestKey();
  const url = `${publicUrl}/graphql`;

  function dpopRequest(token: string, proof: string) {
    const headers = new Headers({ authorization: `DPoP ${token}`, dpop: proof });
    return { ...bearer(token), headers };
  }

  async function setUpKnown(dpop: 'optional' | 'required') {
    const environment = setUp({ dpop, publicUrl });
    const { issuer } = environment;
    const token = boundToken(issuer, key);
    const prove = (changes: Partial<Parameters<typeof createProof>[0]> = {}) =>
      createProof({ key, token, url, clock: issuer.clock, ...changes });
    await viewerOf(environment, dpopRequest(token, prove()));
    return { ...environment, token, prove };
  }

  it('has the same viewer with each new proof', async () => {
    const { authenticator, token, prove } = await setUpKnown('optional');
    const [one, other] = [
      await authenticator.authenticate(dpopRequest(token, prove())),
      await authenticator.authenticate(dpopRequest(token, prove())),
    ];
    expect(one).toBe(other);
  });

  it.each(['optional', 'required'] as const)(
    'is refused as Bearer if the token is bound, with DPoP %s',
    async (dpop) => {
      const { authenticator, token } = await setUpKnown(dpop);
      const outcome = await outcomeOf(authenticator.authenticate(bearer(token)));
      expect(outcome).toMatchObject({ reason: 'token_bound', scheme: 'Bearer' });
    },
  );

  it('is refused if its proof was used', async () => {
    const { authenticator, token, prove } = await setUpKnown('optional');
    const request = dpopRequest(token, prove());
    await authenticator.authenticate(request);
    const outcome = await outcomeOf(authenticator.authenticate(request));
    expect(outcome).toMatchObject({ reason: 'proof_replayed', scheme: 'DPoP' });
  });

  it.each([
    ['with another key', 'token_other_key', { key: createTestKey() }],
    ['for another token', 'proof_token', { token: 'other' }],
    ['for another method', 'proof_method', { method: 'GET' }],
  ])('is refused if its proof is %s', async (_, reason, changes) => {
    const { authenticator, token, prove } = await setUpKnown('optional');
    const outcome = await outcomeOf(authenticator.authenticate(dpopRequest(token, prove(changes))));
    expect(outcome).toMatchObject({ reason, scheme: 'DPoP' });
  });

  it('is refused by a reason of the token in the scheme that was used', async () => {
    const { issuer, authenticator, token, prove } = await setUpKnown('optional');
    issuer.clock.advance(605);
    const outcome = await outcomeOf(authenticator.authenticate(dpopRequest(token, prove())));
    expect(outcome).toMatchObject({ reason: 'token_expired', scheme: 'DPoP' });
  });

  it('is refused as Bearer with a proof, or where Bearer is not accepted', async () => {
    const optional = setUp({ dpop: 'optional', publicUrl });
    const token = optional.issuer.sign();
    await viewerOf(optional, bearer(token));
    const withProof = {
      ...bearer(token),
      headers: new Headers({ authorization: `Bearer ${token}`, dpop: 'x' }),
    };
    const outcome = await outcomeOf(optional.authenticator.authenticate(withProof));
    expect(outcome).toMatchObject({ reason: 'proof_with_bearer' });

    const required = setUp({ dpop: 'required', publicUrl });
    const unbound = required.issuer.sign();
    const proof = createProof({ key, token: unbound, url, clock: required.issuer.clock });
    for (const [request, reason] of [
      [dpopRequest(unbound, proof), 'token_not_bound'],
      [bearer(unbound), 'bearer_not_accepted'],
    ] as const) {
      const refused = await outcomeOf(required.authenticator.authenticate(request));
      expect(refused).toMatchObject({ reason });
    }
  });
});

describe('a viewer', () => {
  const changes: Readonly<Record<string, (viewer: AuthenticatedViewer) => unknown>> = {
    'a new member': (viewer) => Object.assign(viewer, { isAdmin: true }),
    'another subject': (viewer) => Object.assign(viewer, { subject: 'admin' }),
    'another prototype': (viewer) => Object.setPrototypeOf(viewer, { isAdmin: true }),
    'other scopes': (viewer) => Object.assign(viewer, { scopes: new Set(['admin']) }),
    'another expiry': (viewer) => Object.assign(viewer, { expiresAt: new Date(0) }),
    'a getter replaced': (viewer) =>
      Object.defineProperty(viewer, 'expiresAt', { value: new Date(0) }),
    'a claim': (viewer) => Object.assign(viewer.claims, { sub: 'admin' }),
    'a claim deleted': (viewer) => Reflect.deleteProperty(viewer.claims, 'sub') || fail(),
    'a claim in a list': (viewer) => listOf(viewer, 'roles').push('admin'),
    'a list sorted': (viewer) => listOf(viewer, 'roles').sort(),
    'a claim in an object in a list': (viewer) =>
      Object.assign(Object(listOf(viewer, 'deep')[0]), { a: 1 }),
    'a scope added': (viewer) => Reflect.get(viewer.scopes, 'add').call(viewer.scopes, 'admin'),
    'a scope deleted': (viewer) => Reflect.get(viewer.scopes, 'delete').call(viewer.scopes, 'a'),
    'the scopes cleared': (viewer) => Reflect.get(viewer.scopes, 'clear').call(viewer.scopes),
    'a method of the scopes': (viewer) => Object.assign(viewer.scopes, { has: () => true }),
    'the method that rejects': (viewer) =>
      Object.defineProperty(viewer.scopes, 'add', { value: Set.prototype.add }),
  };

  function fail(): never {
    throw new TypeError('It cannot be deleted.');
  }

  function listOf({ claims }: AuthenticatedViewer, name: string): unknown[] {
    const list = claims[name];
    return Array.isArray(list) ? list : [];
  }

  async function setUpViewer() {
    const environment = setUp();
    const token = environment.issuer.sign({
      claims: { scope: 'a b', roles: ['y', 'x'], deep: [{ b: { c: [] } }] },
    });
    const again = () => viewerOf(environment, bearer(token));
    return { viewer: await again(), again };
  }

  it.each(Object.entries(changes))(
    'cannot be changed for the next request: %s',
    async (_, change) => {
      const { viewer, again } = await setUpViewer();
      const before = structuredClone(viewer);
      expect(() => change(viewer)).toThrow(TypeError);
      expect(structuredClone(await again())).toEqual(before);
    },
  );

  it('has its own date each time', async () => {
    const { viewer, again } = await setUpViewer();
    const time = viewer.expiresAt.getTime();
    viewer.expiresAt.setTime(0);
    Date.prototype.setTime.call(viewer.expiresAt, 0);
    expect(viewer.expiresAt.getTime()).toBe(time);
    expect((await again()).expiresAt).toEqual(new Date(time));
  });

  it('has scopes like any other set', async () => {
    const { viewer } = await setUpViewer();
    const { scopes } = viewer;
    const plain = new Set(['a', 'b']);
    expect(scopes).toBeInstanceOf(Set);
    expect([...scopes]).toEqual(['a', 'b']);
    expect(structuredClone(scopes)).toEqual(plain);
    expect(Object.keys(scopes)).toEqual([]);
    expect(new Set(scopes).add('c').size).toBe(3);
    expect(scopes).toStrictEqual(plain);
  });

  it('can be copied and changed', async () => {
    const { viewer } = await setUpViewer();
    const copy = { ...viewer, scopes: new Set([...viewer.scopes, 'c']) };
    expect(copy.expiresAt).toEqual(viewer.expiresAt);
    expect(copy.scopes.has('c')).toBe(true);
  });

  it('is frozen however deep its claims are', async () => {
    const { issuer, authenticator } = setUp();
    const claims = { deep: nested(63) };
    const viewer = await viewerOf({ authenticator }, bearer(issuer.sign({ claims })));
    let list: unknown = viewer.claims['deep'];
    while (Array.isArray(list)) {
      expect(Object.isFrozen(list)).toBe(true);
      list = list[0];
    }
  });
});

describe('the memory of known tokens', () => {
  async function setUpTokens(claims: Record<string, unknown> = {}) {
    const issuer = createTestIssuer();
    const { clock } = issuer;
    const now = () => clock.now().getTime();
    const { audience, fetch } = issuer;
    const options = { issuer: issuer.issuer, audience, fetch, clock };
    const { issuers } = resolveAuthenticatorOptions(options);
    const text = issuer.sign({ claims });
    const settings = { issuers, tenants: undefined, clockTolerance: 0, maxTokenBytes: 8192, now };
    const token = await verifyAccessToken(text, settings, bearer(text));
    const known = { ...token, viewer: createTokenViewer(token) };
    const tokens = createKnownTokens({ now, clockTolerance: 0 });
    const add = (count: number) => {
      for (let index = 0; index < count; index += 1) tokens.add(`${index}`, text.length, known);
      return [...Array(count).keys()].filter((index) => tokens.find(`${index}`) !== undefined);
    };
    return { tokens, known, text, add };
  }

  it('has 10,000 of them, the most recently used ones', async () => {
    expect([maxKnownTokens, maxKnownBytes]).toEqual([10_000, 20_000_000]);
    const { tokens, known, add } = await setUpTokens();
    expect(add(10_000)).toHaveLength(10_000);
    tokens.find('0');
    tokens.add('10000', 1, known);
    expect(tokens.find('0')).toBe(known);
    expect(tokens.find('1')).toBeUndefined();
    expect(tokens.find('10000')).toBe(known);
  });

  // Bytes of one in the heap: measured, and of many that differ. Node 20.
  it.each<[string, Record<string, unknown>, number]>([
    ['long ones', { text: 'x'.repeat(5_000) }, 6_600],
    ['ones with two bytes per character', { text: `ā${'x'.repeat(5_000)}` }, 11_800],
    ['ones with many empty objects', { list: many(1_700, () => ({})) }, 110_500],
    ['ones with nested arrays', { list: many(40, () => nested(56)) }, 126_600],
    ['ones with many members', Object.fromEntries(many(350, (n) => [`ā${n}`, 1])), 37_500],
    ['ones with many objects of one member', { list: many(350, (n) => ({ [n]: 1 })) }, 67_000],
    ['ones with array indexes', { list: many(350, (n) => ({ [(n - 1e5) * 7]: 1 })) }, 74_500],
    ['ones with nested objects', { list: many(300, (n) => ({ [n]: {} })) }, 74_600],
    ['ones with long names', Object.fromEntries(many(20, (n) => [`${n}`.repeat(42), 1])), 10_200],
    ['ones with many scopes', { scope: many(800, (n) => `${n}`.slice(1)).join(' ') }, 46_100],
  ])('has fewer of %s', async (_, claims, bytes) => {
    const { text, add } = await setUpTokens(claims);
    expect(text.length).toBeLessThanOrEqual(8192);
    const most = maxKnownBytes / bytes;
    const { length } = add(Math.ceil(most));
    expect(length).toBeLessThanOrEqual(most);
    expect(length).toBeGreaterThan(most / 3);
  });
});

function many<Value>(count: number, make: (number: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(100_000 + index));
}

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
