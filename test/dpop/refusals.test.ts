import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-ports.ts';
import { send, type WireResponse } from '../support/http.ts';
import {
  boundToken,
  createProof,
  type ProofOptions,
  publicJwk,
  thumbprintOf,
} from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestKey, encodeJws, type TestKey } from '../support/tokens.ts';

let optional: TestServer;
let required: TestServer;
let off: TestServer;
let withNonces: TestServer;
let withoutStore: TestServer;
beforeAll(async () => {
  optional = await startTestServer();
  required = await startTestServer({ DPOP: 'required' }, optional.issuer);
  off = await startTestServer({ DPOP: 'off' }, optional.issuer);
  withNonces = await startTestServer({ DPOP_NONCE: 'required' }, optional.issuer);
  withoutStore = await startTestServer(
    { REDIS_URL: `redis://localhost:${await freePort()}` },
    optional.issuer,
  );
});
afterAll(() =>
  Promise.all([optional, required, off, withNonces, withoutStore].map((server) => server.stop())),
);

const key = createTestKey('ES256');
const otherKey = createTestKey('ES256');

type Changes = Partial<Omit<ProofOptions, 'token' | 'clock'>> & { readonly forToken?: string };

/** A request to one of the servers, and helpers to create its parts. */
interface Parts {
  readonly bound: () => string;
  readonly unbound: () => string;
  readonly proof: (token: string, changes?: Changes) => string;
}

function partsOf(server: TestServer): Parts {
  const { issuer, endpoint } = server;
  return {
    bound: () => boundToken(issuer, key),
    unbound: () => issuer.sign(),
    proof: (token, { forToken = token, ...changes } = {}) =>
      createProof({ key, url: endpoint, token: forToken, clock: issuer.clock, ...changes }),
  };
}

const authorization = (value: string) => ['Authorization', value];
const dpop = (token: string, ...proofs: string[]) => [
  ...authorization(`DPoP ${token}`),
  ...proofs.flatMap((proof) => ['DPoP', proof]),
];

/** Headers with a bound token and a proof with these differences from a valid one. */
const withProof =
  (changes: Changes | ((parts: Parts, server: TestServer) => Changes)) =>
  (parts: Parts, server: TestServer): string[] => {
    const token = parts.bound();
    return dpop(
      token,
      parts.proof(token, typeof changes === 'function' ? changes(parts, server) : changes),
    );
  };

const withRawProof =
  (make: (valid: string) => string) =>
  (parts: Parts): string[] => {
    const token = parts.bound();
    return dpop(token, make(parts.proof(token)));
  };

interface Row {
  readonly row: number;
  readonly case: string;
  readonly headers: (parts: Parts, server: TestServer) => string[];
  readonly query?: string;
  readonly on?: () => TestServer;
  readonly status: number;
  readonly error?: string;
  readonly reason: string;
  /** The scheme of the challenge. Default `DPoP`. */
  readonly scheme?: 'Bearer' | 'DPoP';
}

const badProof = { status: 401, error: 'invalid_dpop_proof' } as const;
const badToken = { status: 401, error: 'invalid_token' } as const;

const ecPoint = {
  x: Buffer.alloc(32, 1).toString('base64url'),
  y: Buffer.alloc(32, 2).toString('base64url'),
};

/** A proof signed with a key whose type, curve or strength is not accepted. */
const keyCase = (name: string, jwk: Record<string, unknown>, reason = 'proof_key'): Row => ({
  row: 19,
  case: name,
  headers: withProof({ header: { jwk } }),
  ...badProof,
  reason,
});

const table: readonly Row[] = [
  {
    row: 3,
    case: 'DPoP without a token',
    headers: () => authorization('DPoP'),
    status: 400,
    error: 'invalid_request',
    reason: 'authorization_malformed',
  },
  ...['a=b', '=ab', 'a{b'].map(
    (text): Row => ({
      row: 3,
      case: `${text}, which is not a token68`,
      headers: () => dpop(text, 'a.b.c'),
      status: 400,
      error: 'invalid_request',
      reason: 'authorization_malformed',
    }),
  ),
  ...[() => optional, () => required].map(
    (on): Row => ({
      row: 4,
      case: 'two DPoP headers with their proofs',
      on,
      headers: ({ bound, proof }) => {
        const [one, other] = [bound(), bound()];
        return [...dpop(one, proof(one)), ...dpop(other, proof(other))];
      },
      status: 400,
      error: 'invalid_request',
      reason: 'authorization_repeated',
    }),
  ),
  {
    row: 5,
    case: 'a token in the query string, with DPoP required',
    on: () => required,
    headers: () => [],
    query: '?access_token=a',
    status: 400,
    error: 'invalid_request',
    reason: 'token_in_query',
  },
  {
    row: 4,
    case: 'a Bearer and a DPoP header',
    headers: ({ bound, unbound, proof }) => {
      const token = bound();
      return [...authorization(`Bearer ${unbound()}`), ...dpop(token, proof(token))];
    },
    status: 400,
    error: 'invalid_request',
    reason: 'authorization_repeated',
    scheme: 'Bearer',
  },
  {
    row: 12,
    case: 'an expired token with a valid proof',
    headers: ({ proof }, { issuer }) => {
      const token = boundToken(issuer, key, { exp: issuer.clock.seconds() - 60 });
      return dpop(token, proof(token));
    },
    ...badToken,
    reason: 'token_expired',
  },
  {
    row: 18,
    case: 'no proof',
    headers: ({ bound }) => dpop(bound()),
    ...badProof,
    reason: 'proof_missing',
  },
  {
    row: 18,
    case: 'an empty proof',
    headers: ({ bound }) => dpop(bound(), ''),
    ...badProof,
    reason: 'proof_missing',
  },
  {
    row: 18,
    case: 'two proofs',
    headers: ({ bound, proof }) => {
      const token = bound();
      return dpop(token, proof(token), proof(token));
    },
    ...badProof,
    reason: 'proof_repeated',
  },
  {
    row: 18,
    case: 'a proof and an empty one',
    headers: ({ bound, proof }) => {
      const token = bound();
      return dpop(token, proof(token), '');
    },
    ...badProof,
    reason: 'proof_repeated',
  },
  ...(
    [
      ['not a JWT', () => 'opaque'],
      ['a JWE', () => 'a.b.c.d.e'],
      ['JSON serialization', () => '{"payload":"e30"}'],
      ['padded', (valid: string) => `${valid}=`],
      [
        'with spare bits',
        (valid: string) => `${valid.slice(0, -1)}${valid.at(-1) === 'B' ? 'C' : 'B'}`,
      ],
      [
        'a payload with a duplicate member',
        () => encodeJws({ typ: 'dpop+jwt' }, '{"jti":"a","jti":"b"}', key),
      ],
      ['longer than 8 KiB', (valid: string) => valid + 'A'.repeat(8192)],
    ] as const
  ).map(
    ([name, make]): Row => ({
      row: 19,
      case: name,
      headers: withRawProof(make),
      ...badProof,
      reason: 'proof_malformed',
    }),
  ),
  ...['JWT', 'at+jwt', 'jwt', '', undefined, 7].map(
    (typ): Row => ({
      row: 19,
      case: `typ ${typ}`,
      headers: withProof({ header: { typ } }),
      ...badProof,
      reason: 'proof_type',
    }),
  ),
  ...['none', 'HS256', 'ES512', 'RS384', 'es256', undefined].map(
    (alg): Row => ({
      row: 19,
      case: `alg ${alg}`,
      headers: withProof({ header: { alg } }),
      ...badProof,
      reason: 'proof_algorithm',
    }),
  ),
  {
    row: 19,
    case: 'unknown crit',
    headers: withProof({ header: { crit: ['x'], x: 1 } }),
    ...badProof,
    reason: 'proof_algorithm',
  },
  {
    row: 19,
    case: 'no jwk',
    headers: withProof({ header: { jwk: undefined } }),
    ...badProof,
    reason: 'proof_key',
  },
  {
    row: 19,
    case: 'a jwk that is a string',
    headers: withProof({ header: { jwk: 'x' } }),
    ...badProof,
    reason: 'proof_key',
  },
  keyCase('a private key', { ...key.privateKey.export({ format: 'jwk' }) }),
  keyCase('a symmetric key', { kty: 'oct', k: 'AAAA' }),
  keyCase('a key of another algorithm', publicJwk(createTestKey('ES384'))),
  keyCase('a key that names another algorithm', { ...publicJwk(key), alg: 'ES384' }),
  keyCase('a point off the curve', { kty: 'EC', crv: 'P-256', ...ecPoint }),
  keyCase('another key', publicJwk(otherKey), 'proof_signature'),
  ...(['RS256', 'PS256'] as const).flatMap((alg): Row[] =>
    [
      ['RSA of 1024 bits', { n: Buffer.alloc(128, 255).toString('base64url'), e: 'AQAB' }],
      ['RSA with the exponent 1', { n: Buffer.alloc(256, 255).toString('base64url'), e: 'AQ' }],
      ['RSA of 16384 bits', { n: Buffer.alloc(2048, 255).toString('base64url'), e: 'AQAB' }],
    ].map(
      ([name, members]): Row => ({
        row: 19,
        case: `${alg}: ${name}`,
        headers: withProof({ header: { alg, jwk: { kty: 'RSA', ...Object(members) } } }),
        ...badProof,
        reason: 'proof_key',
      }),
    ),
  ),
  {
    row: 19,
    case: 'a bad signature',
    headers: withProof({ signer: () => Buffer.alloc(64, 1) }),
    ...badProof,
    reason: 'proof_signature',
  },
  {
    row: 19,
    case: 'an empty signature',
    headers: withProof({ signer: () => Buffer.alloc(0) }),
    ...badProof,
    reason: 'proof_signature',
  },
  ...(['jti', 'htm', 'htu', 'iat', 'ath'] as const).flatMap((name): Row[] =>
    [undefined, '', null, { a: 1 }].map((value) => ({
      row: 20,
      case: `${name} ${JSON.stringify(value)}`,
      headers: withProof({ claims: { [name]: value } }),
      ...badProof,
      reason: 'proof_claims',
    })),
  ),
  {
    row: 20,
    case: 'a jti of 257 characters',
    headers: withProof({ claims: { jti: 'j'.repeat(257) } }),
    ...badProof,
    reason: 'proof_claims',
  },
  ...['GET', 'post', 'POST '].map(
    (htm): Row => ({
      row: 20,
      case: `htm ${JSON.stringify(htm)}`,
      headers: withProof({ claims: { htm } }),
      ...badProof,
      reason: 'proof_method',
    }),
  ),
  ...[
    (origin: string) => `${origin}/graphql/`,
    (origin: string) => `${origin}/GraphQL`,
    (origin: string) => `${origin}/`,
    () => '/graphql',
    () => 'https://evil.test/graphql',
    (origin: string) => `${origin.replace('localhost', '127.0.0.1')}/graphql`,
    (origin: string) => `${origin.replace('http:', 'https:')}/graphql`,
    (origin: string) => `${origin.replace('//', '//me@')}/graphql`,
    (origin: string) => `${origin}/graphql `,
  ].map(
    (htu): Row => ({
      row: 20,
      case: `htu ${htu('http://localhost:1')}`,
      headers: withProof((_, { origin }) => ({ claims: { htu: htu(origin) } })),
      ...badProof,
      reason: 'proof_url',
    }),
  ),
  {
    row: 20,
    case: 'htu of the Host header',
    headers: (parts, server) => [
      ...withProof({ claims: { htu: 'http://evil.test/graphql' } })(parts, server),
      ...['Host', 'evil.test', 'X-Forwarded-Host', 'evil.test', 'X-Forwarded-Proto', 'http'],
    ],
    ...badProof,
    reason: 'proof_url',
  },
  ...[-301, 31, 1e300].map(
    (seconds): Row => ({
      row: 20,
      case: `iat ${seconds} s from now`,
      headers: withProof((_, { issuer }) => ({
        claims: { iat: issuer.clock.seconds() + seconds },
      })),
      ...badProof,
      reason: 'proof_time',
    }),
  ),
  {
    row: 20,
    case: 'exp in the past',
    headers: withProof((_, { issuer }) => ({ claims: { exp: issuer.clock.seconds() - 6 } })),
    ...badProof,
    reason: 'proof_time',
  },
  {
    row: 20,
    case: 'ath of another token',
    headers: withProof({ forToken: 'another' }),
    ...badProof,
    reason: 'proof_token',
  },
  {
    row: 22,
    case: 'no nonce',
    on: () => withNonces,
    headers: withProof({}),
    status: 401,
    error: 'use_dpop_nonce',
    reason: 'nonce_needed',
  },
  ...['', 'x', null, 7].map(
    (nonce): Row => ({
      row: 22,
      case: `the nonce ${JSON.stringify(nonce)}`,
      on: () => withNonces,
      headers: withProof({ claims: { nonce } }),
      status: 401,
      error: 'use_dpop_nonce',
      reason: 'nonce_needed',
    }),
  ),
  {
    row: 22,
    case: 'no nonce, and too old: the nonce comes first (RFC 9449 §4.3)',
    on: () => withNonces,
    headers: withProof({ claims: { iat: 0 } }),
    status: 401,
    error: 'use_dpop_nonce',
    reason: 'nonce_needed',
  },
  {
    row: 23,
    case: 'a proof of another key',
    headers: withProof({ key: otherKey }),
    ...badToken,
    reason: 'token_other_key',
  },
  {
    row: 23,
    case: 'an unbound token as DPoP',
    headers: ({ unbound, proof }) => {
      const token = unbound();
      return dpop(token, proof(token));
    },
    ...badToken,
    reason: 'token_not_bound',
  },
  ...[() => optional, () => required, () => off].flatMap((on): Row[] => [
    {
      row: 24,
      case: 'a bound token as Bearer',
      on,
      headers: ({ bound }) => authorization(`Bearer ${bound()}`),
      ...badToken,
      reason: 'token_bound',
      scheme: 'Bearer',
    },
    {
      row: 24,
      case: 'a bound token as Bearer, with a proof',
      on,
      headers: ({ bound, proof }) => {
        const token = bound();
        return [...authorization(`Bearer ${token}`), 'DPoP', proof(token)];
      },
      ...badToken,
      reason: 'token_bound',
      scheme: 'Bearer',
    },
    {
      row: 26,
      case: 'jkt beside an unknown method',
      on,
      headers: (_, { issuer }) =>
        authorization(
          `Bearer ${issuer.sign({ claims: { cnf: { jkt: thumbprintOf(key), 'x5t#S256': 'x' } } })}`,
        ),
      ...badToken,
      reason: 'token_confirmation',
      scheme: 'Bearer',
    },
  ]),
  {
    row: 25,
    case: 'an unbound Bearer token with a proof',
    headers: ({ unbound, proof }) => {
      const token = unbound();
      return [...authorization(`Bearer ${token}`), 'DPoP', proof(token)];
    },
    status: 400,
    error: 'invalid_request',
    reason: 'proof_with_bearer',
    scheme: 'Bearer',
  },
  {
    row: 26,
    case: 'as DPoP, a token with an unknown confirmation method',
    headers: ({ proof }, { issuer }) => {
      const token = issuer.sign({ claims: { cnf: { 'x5t#S256': 'x' } } });
      return dpop(token, proof(token));
    },
    ...badToken,
    reason: 'token_confirmation',
  },
  ...(
    [
      ['a valid token', ({ unbound }) => unbound()],
      ['an unverified token', () => 'b3BhcXVl'],
      ['an unverified token, with a proof', ({ unbound }) => unbound().slice(0, -4)],
    ] satisfies [string, (parts: Parts) => string][]
  ).map(
    ([name, token]): Row => ({
      row: 27,
      case: `${name} as Bearer, with DPoP required`,
      on: () => required,
      headers: (parts) => authorization(`Bearer ${token(parts)}`),
      status: 401,
      reason: 'bearer_not_accepted',
    }),
  ),
];

const post = (server: TestServer, headers: readonly string[], field = 'private', query = '') =>
  send(`${server.endpoint}${query}`, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...headers],
    body: JSON.stringify({ query: `{ ${field} { message } }` }),
  });

const codes: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  503: 'SERVICE_UNAVAILABLE',
};

function expectRefusal(response: WireResponse, row: Omit<Row, 'row' | 'case' | 'headers'>): void {
  const body = JSON.parse(response.text);
  expect(body).not.toHaveProperty('data');
  const [error] = body.errors;
  expect([response.status, error.extensions]).toEqual([
    row.status,
    { code: codes[row.status], reason: row.reason },
  ]);
  expect(response.headers['cache-control']).toBe('no-store');
  const challenge = response.headers['www-authenticate'] ?? '';
  expect(challenge).toMatch(new RegExp(`^${row.scheme ?? 'DPoP'} realm="graphql", `));
  // A single challenge: one scheme, and the error if there is one.
  expect(challenge.match(/realm=/g)).toHaveLength(1);
  expect(challenge.includes('algs="')).toBe((row.scheme ?? 'DPoP') === 'DPoP');
  expect(/ error="([^"]*)"/.exec(challenge)?.[1]).toBe(row.error);
  if (row.error) expect(challenge).toContain(`error_description="${error.message}"`);
}

describe.each(table)('row $row: $case', (row) => {
  it.each(['private', 'public'])('is rejected for a %s field', async (field) => {
    const server = row.on?.() ?? optional;
    const headers = row.headers(partsOf(server), server);
    const response = await post(server, headers, field, row.query);
    expectRefusal(response, row);
    const hasNonce = row.error === 'use_dpop_nonce';
    expect(response.headers['dpop-nonce'] !== undefined).toBe(hasNonce);
  });
});

describe('row 21: a proof that was used before', () => {
  const replayed = { ...badProof, reason: 'proof_replayed' };
  const setUp = () => {
    const parts = partsOf(optional);
    const token = parts.bound();
    return { ...parts, token, first: parts.proof(token, { claims: { jti: 'the same' } }) };
  };

  it('is rejected: unchanged, signed again, and at another path with the same key', async () => {
    const { token, proof, first } = setUp();
    expect((await post(optional, dpop(token, first))).status).toBe(200);
    expectRefusal(await post(optional, dpop(token, first)), replayed);
    const again = proof(token, {
      claims: { jti: 'the same', iat: optional.issuer.clock.seconds() - 1 },
    });
    expect(again).not.toBe(first);
    expectRefusal(await post(optional, dpop(token, again)), replayed);
  });

  it('is not the proof of another key with the same jti', async () => {
    const { proof } = setUp();
    const token = boundToken(optional.issuer, otherKey);
    const theirs = proof(token, { key: otherKey, claims: { jti: 'the same' } });
    expect((await post(optional, dpop(token, theirs))).status).toBe(200);
  });

  it('is remembered for as long as it would be valid', async () => {
    const parts = partsOf(optional);
    const { clock } = optional.issuer;
    // The one with the latest accepted iat is valid the longest.
    const from = clock.seconds() + 30;
    const proof = (token: string) => parts.proof(token, { claims: { jti: 'late', iat: from } });
    const token = parts.bound();
    expect((await post(optional, dpop(token, proof(token)))).status).toBe(200);
    clock.advance(330);
    expectRefusal(await post(optional, dpop(token, proof(token))), replayed);
    clock.advance(1);
    expectRefusal(await post(optional, dpop(token, proof(token))), {
      ...badProof,
      reason: 'proof_time',
    });
  });

  it('is recorded last: a proof that is rejected for another reason is not used up', async () => {
    const { token, proof } = partsOfToken(optional);
    const good = proof(token);
    const expired = boundToken(optional.issuer, key, { exp: 0 });
    expect((await post(optional, dpop(expired, good))).status).toBe(401);
    const wrongMethod = await send(`${optional.endpoint}?query={private{message}}`, {
      headers: dpop(token, good),
    });
    expect(wrongMethod.status).toBe(401);
    expect((await post(optional, dpop(token, good))).status).toBe(200);
  });

  const partsOfToken = (server: TestServer) => {
    const parts = partsOf(server);
    return { ...parts, token: parts.bound() };
  };

  it('exactly one of 50 concurrent requests succeeds', async () => {
    const { token, proof } = partsOfToken(optional);
    const one = proof(token);
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => post(optional, dpop(token, one))),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(49);
  });
});

describe('row 22: nonces', () => {
  const nonceAt = async () => {
    const parts = partsOf(withNonces);
    const token = parts.bound();
    const refused = await post(withNonces, dpop(token, parts.proof(token)));
    return { ...parts, nonce: refused.headers['dpop-nonce'] ?? '' };
  };
  const postWith = (parts: Parts, nonce: string, field?: string) => {
    const token = parts.bound();
    return post(withNonces, dpop(token, parts.proof(token, { claims: { nonce } })), field);
  };

  it('are accepted with another proof, and sent with every response', async () => {
    const { nonce, ...parts } = await nonceAt();
    for (const [field, status] of [
      ['private', 200],
      ['admin', 403],
    ] as const) {
      const response = await postWith(parts, nonce, field);
      expect([response.status, response.headers['dpop-nonce']]).toEqual([status, nonce]);
    }
  });

  it('rotate: the next one is sent, the last one accepted for one period, then rejected', async () => {
    const { nonce, ...parts } = await nonceAt();
    const { clock } = withNonces.issuer;
    clock.advance(300);
    const accepted = await postWith(parts, nonce);
    const next = accepted.headers['dpop-nonce'] ?? '';
    expect(accepted.status).toBe(200);
    expect(next).not.toBe(nonce);
    clock.advance(300);
    const refused = await postWith(parts, nonce);
    expectRefusal(refused, { status: 401, error: 'use_dpop_nonce', reason: 'nonce_needed' });
    expect((await postWith(parts, next)).status).toBe(200);
    expect((await postWith(parts, refused.headers['dpop-nonce'] ?? '')).status).toBe(200);
  });

  it('are not sent for Bearer, nor without a token', async () => {
    const { unbound } = partsOf(withNonces);
    for (const headers of [[], authorization(`Bearer ${unbound()}`)]) {
      expect((await post(withNonces, headers)).headers['dpop-nonce']).toBeUndefined();
    }
  });

  it('are ignored if they are not required', async () => {
    const { bound, proof } = partsOf(optional);
    const token = bound();
    const response = await post(optional, dpop(token, proof(token, { claims: { nonce: 'mine' } })));
    expect([response.status, response.headers['dpop-nonce']]).toEqual([200, undefined]);
  });
});

describe('row 28: the replay store is unreachable', () => {
  it('responds to proofs with 503, and serves Bearer and anonymous requests', async () => {
    const { bound, unbound, proof } = partsOf(withoutStore);
    const token = bound();
    for (const field of ['private', 'public']) {
      const response = await post(withoutStore, dpop(token, proof(token)), field);
      const [error] = JSON.parse(response.text).errors;
      expect([response.status, error.extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      expect(response.headers['www-authenticate']).toBeUndefined();
      expect(response.headers['cache-control']).toBe('no-store');
    }
    const bearer = await post(withoutStore, authorization(`Bearer ${unbound()}`));
    expect([bearer.status, (await post(withoutStore, [], 'public')).status]).toEqual([200, 200]);
    expect(withoutStore.logged.filter((line) => line.includes('replay'))).toHaveLength(1);
    expect(withoutStore.logged.join('')).not.toContain(token.slice(0, 20));
  });

  it('does not hide a problem of the proof', async () => {
    const { bound, proof } = partsOf(withoutStore);
    const token = bound();
    const response = await post(
      withoutStore,
      dpop(token, proof(token, { claims: { htm: 'GET' } })),
    );
    expectRefusal(response, { ...badProof, reason: 'proof_method' });
  });
});

describe('with DPoP off', () => {
  it('the scheme is unknown, and a proof is ignored (row 2)', async () => {
    const { bound, unbound, proof } = partsOf(off);
    const token = bound();
    const refused = await post(off, dpop(token, proof(token)));
    expect([refused.status, refused.headers['www-authenticate']?.split(' ')[0]]).toEqual([
      401,
      'Bearer',
    ]);
    expect(refused.headers['www-authenticate']).not.toContain('DPoP');
    expect((await post(off, dpop(token, proof(token)), 'public')).status).toBe(200);
    const bearer = unbound();
    const served = await post(off, [...authorization(`Bearer ${bearer}`), 'DPoP', 'nonsense']);
    expect(served.status).toBe(200);
  });
});

describe('accepted', () => {
  const algorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;
  const serve = async (key_: TestKey, changes: Changes = {}, scheme = 'DPoP ') => {
    const token = boundToken(optional.issuer, key_);
    const proof = partsOf(optional).proof(token, { key: key_, ...changes });
    const response = await post(optional, [...authorization(`${scheme}${token}`), 'DPoP', proof]);
    return response.status;
  };

  it.each(algorithms)('the algorithm %s', async (algorithm) => {
    expect(await serve(createTestKey(algorithm))).toBe(200);
  });

  it('are the advertised algorithms', async () => {
    const response = await post(required, []);
    expect(response.headers['www-authenticate']).toBe(
      `DPoP realm="graphql", algs="${algorithms.join(' ')}", resource_metadata="${required.origin}/.well-known/oauth-protected-resource/graphql"`,
    );
  });

  it.each(['dpop ', 'DPOP   '])('the scheme as %j', async (scheme) => {
    expect(await serve(key, {}, scheme)).toBe(200);
  });

  it.each([
    ['iat 300 s ago', () => ({ iat: optional.issuer.clock.seconds() - 300 })],
    ['iat in 30 s', () => ({ iat: optional.issuer.clock.seconds() + 30 })],
    ['a jti of 256 characters', () => ({ jti: 'j'.repeat(256) })],
    ['an equivalent htu', () => ({ htu: optional.endpoint.replace('http://l', 'HTTP://L') })],
    ['htu with a query and a fragment', () => ({ htu: `${optional.endpoint}?a=b#c` })],
    ['an unknown claim', () => ({ purpose: 'none' })],
  ])('%s', async (_case, claims) => {
    expect(await serve(key, { claims: claims() })).toBe(200);
  });

  it.each(['DPOP+JWT', 'application/dpop+jwt'])('typ %s, a media type', async (typ) => {
    expect(await serve(key, { header: { typ } })).toBe(200);
  });

  it('GET, with a query that is not part of htu', async () => {
    const token = boundToken(optional.issuer, key);
    const proof = partsOf(optional).proof(token, { method: 'GET' });
    const response = await send(`${optional.endpoint}?query={private{message}}`, {
      headers: dpop(token, proof),
    });
    expect(response.status).toBe(200);
  });

  it('an empty DPoP header beside an unbound Bearer token', async () => {
    const token = optional.issuer.sign();
    const response = await post(optional, [...authorization(`Bearer ${token}`), 'DPoP', '']);
    expect(response.status).toBe(200);
  });

  it('a cnf of null as no binding', async () => {
    const token = optional.issuer.sign({ claims: { cnf: null } });
    const response = await post(optional, authorization(`Bearer ${token}`), 'admin');
    expect([response.status, response.headers['www-authenticate']?.split(' ')[0]]).toEqual([
      403,
      'Bearer',
    ]);
  });

  it('a missing scope: the challenge has the scheme that was used', async () => {
    const token = boundToken(optional.issuer, key);
    const proof = partsOf(optional).proof(token);
    const response = await post(optional, dpop(token, proof), 'admin');
    expect([response.status, response.headers['www-authenticate']?.slice(0, 5)]).toEqual([
      403,
      'DPoP ',
    ]);
    expect(response.headers['www-authenticate']).toContain('error="insufficient_scope"');
  });
});
