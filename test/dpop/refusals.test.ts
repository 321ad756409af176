import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-ports.ts';
import { send, type WireResponse } from '../support/http.ts';
import { boundToken } from '../support/proofs.ts';
import { dpopRows } from '../support/refusals/dpop-rows.ts';
import {
  authorization,
  badProof,
  dpop,
  key,
  otherKey,
  type ProofChanges,
  partsOf,
  type RefusalMode,
  type RefusalRow,
  type RequestParts,
} from '../support/refusals/refusal-row.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestKey, type TestKey } from '../support/tokens.ts';

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

const servers = (): Readonly<Record<RefusalMode, TestServer>> => ({
  optional,
  required,
  off,
  strict: optional,
  nonces: withNonces,
});

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

function expectRefusal(
  response: WireResponse,
  row: Omit<RefusalRow, 'row' | 'case' | 'headers'>,
): void {
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

describe.each(dpopRows)('row $row: $case', (row) => {
  it.each(['private', 'public'])('is rejected for a %s field', async (field) => {
    const server = servers()[row.on ?? 'optional'];
    const headers = row.headers?.(partsOf(server)) ?? [];
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
  const postWith = (parts: RequestParts, nonce: string, field?: string) => {
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
    expect(withoutStore.logged.filter((line) => line.includes('for replay'))).toHaveLength(1);
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
  const serve = async (key_: TestKey, changes: ProofChanges = {}, scheme = 'DPoP ') => {
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

  it('and advertised are only those of DPOP_ALGORITHMS', async () => {
    const narrow = await startTestServer({ DPOP_ALGORITHMS: 'PS256,ES256' }, optional.issuer);
    const outcomes: unknown[] = [];
    for (const algorithm of algorithms) {
      const own = createTestKey(algorithm);
      const token = boundToken(narrow.issuer, own);
      const proof = partsOf(narrow).proof(token, { key: own });
      const { status, text } = await post(narrow, dpop(token, proof));
      outcomes.push([algorithm, status, /"reason":"(\w+)"/.exec(text)?.[1]]);
    }
    const { headers } = await post(narrow, []);
    const path = '/.well-known/oauth-protected-resource/graphql';
    const metadata = await (await fetch(`${narrow.origin}${path}`)).json();
    await narrow.stop();
    expect(outcomes).toEqual([
      ['ES256', 200, undefined],
      ['ES384', 401, 'proof_algorithm'],
      ['EdDSA', 401, 'proof_algorithm'],
      ['Ed25519', 401, 'proof_algorithm'],
      ['PS256', 200, undefined],
      ['RS256', 401, 'proof_algorithm'],
    ]);
    expect(headers['www-authenticate']).toContain('algs="PS256 ES256"');
    expect(metadata.dpop_signing_alg_values_supported).toEqual(['PS256', 'ES256']);
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
