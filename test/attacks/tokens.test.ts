import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/index.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { operate, send } from '../support/http.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey, fetchOf, type TestIssuer } from '../support/tokens.ts';

const key = createTestKey();
const publicUrl = 'https://api.example.com';
const query = '{ private { message } }';

/** What an attacker recorded, or made in advance: a token and a proof for it. */
function record(issuer: TestIssuer, claims: Readonly<Record<string, unknown>> = {}): string[] {
  const token = boundToken(issuer, key);
  const url = `${publicUrl}/graphql`;
  const proof = createProof({ key, token, url, clock: issuer.clock, claims });
  return ['Authorization', `DPoP ${token}`, 'DPoP', proof];
}

async function sendRecorded({ endpoint }: TestServer, headers: readonly string[]) {
  const answer = await operate(endpoint, query, { headers });
  const reason = answer.body.errors?.[0]?.extensions['reason'];
  return { status: answer.status, reason, nonce: answer.headers['dpop-nonce'] ?? '' };
}

describe('a recorded proof, after the clock of the server was set back', () => {
  // Seconds that pass before, and what becomes of the proof afterwards.
  it.each([
    [10, 'proof_replayed'],
    [300, 'proof_replayed'],
    [400, 'proof_replayed'],
    [3_000, 'proof_replayed'],
    [7_200, 'replay_unavailable'],
    [80_000, 'replay_unavailable'],
  ])('by %i s: %s', async (seconds, reason) => {
    const server = await startTestServer({ PUBLIC_URL: publicUrl });
    const { issuer } = server;
    try {
      const recorded = record(issuer);
      expect((await sendRecorded(server, recorded)).status).toBe(200);
      issuer.clock.advance(seconds);
      // What has expired goes when others come.
      for (let count = 0; count < 3; count += 1) {
        expect((await sendRecorded(server, record(issuer))).status).toBe(200);
      }
      issuer.clock.advance(-seconds);
      expect(await sendRecorded(server, recorded)).toMatchObject({ reason });
      if (reason === 'proof_replayed') {
        expect((await sendRecorded(server, record(issuer))).status).toBe(200);
      }
      // Until all that may have been used is too old anyway.
      issuer.clock.advance(391);
      expect((await sendRecorded(server, record(issuer))).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

describe('a recorded proof with a nonce', () => {
  const secret = 'b7e151628aed2a6abf7158809cf4f3c762e7160f';
  const environment = { PUBLIC_URL: publicUrl, DPOP_NONCE: 'required' };

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a shared secret', { DPOP_NONCE_SECRET: secret }],
    ['no secret', {}],
  ])('is refused by the next process, with %s', async (_, more) => {
    const issuer = createTestIssuer();
    const one = await startTestServer({ ...environment, ...more }, issuer);
    const { nonce } = await sendRecorded(one, record(issuer));
    const recorded = record(issuer, { nonce });
    expect((await sendRecorded(one, recorded)).status).toBe(200);
    await one.stop();

    const next = await startTestServer({ ...environment, ...more }, issuer);
    try {
      const refused = await sendRecorded(next, recorded);
      expect(refused).toMatchObject({ status: 401, reason: 'nonce_needed' });
      const served = await sendRecorded(next, record(issuer, { nonce: refused.nonce }));
      expect(served.status).toBe(200);
    } finally {
      await next.stop();
    }
  });

  it('made for later is refused when the clock comes back to its time', async () => {
    const server = await startTestServer({ ...environment, DPOP_NONCE_SECRET: secret });
    const { issuer } = server;
    try {
      const { nonce } = await sendRecorded(server, record(issuer));
      const made = record(issuer, { nonce });
      issuer.clock.advance(1_200);
      await sendRecorded(server, record(issuer));
      issuer.clock.advance(-1_200);
      const refused = await sendRecorded(server, made);
      expect(refused).toMatchObject({ status: 401, reason: 'nonce_needed' });
      const served = await sendRecorded(server, record(issuer, { nonce: refused.nonce }));
      expect(served.status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

describe('one proof, used at the same time', () => {
  it('is accepted once, whichever ways the requests take', async () => {
    const server = await startTestServer({ PUBLIC_URL: publicUrl });
    try {
      const recorded = record(server.issuer);
      const body = JSON.stringify({ query });
      const ways = [
        ['Content-Type', 'application/json', 'Accept', 'application/json'],
        ['Content-Type', 'application/json', 'Transfer-Encoding', 'chunked'],
        ['Content-Type', 'application/json; charset=Utf-8', 'Accept', '*/*'],
      ];
      const statuses = await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const headers = [...(ways[index % ways.length] ?? []), ...recorded];
          return (await send(server.endpoint, { method: 'POST', headers, body })).status;
        }),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(59);
    } finally {
      await server.stop();
    }
  });
});

describe('two issuers that publish the same key', () => {
  const [sharedKey, clock] = [createTestKey(), createTestClock()];
  const named = (issuer: string, audience: string) =>
    createTestIssuer({ issuer, audience, clock, key: sharedKey });
  const one = named('https://one.test/', 'https://api.test');
  const two = named('https://two.test/', 'https://other.test');
  const authenticator = createAuthenticator({
    issuers: [
      { issuer: one.issuer, audience: one.audience },
      { issuer: two.issuer, audience: two.audience },
    ],
    fetch: fetchOf(one, two),
    clock,
  });
  const authenticate = (token: string) => outcomeOf(authenticator.authenticate(bearer(token)));

  it('are still two: their tokens have their own subjects and audiences', async () => {
    const viewers = [await authenticate(one.sign()), await authenticate(two.sign())];
    expect(viewers).toMatchObject([{ issuer: one.issuer }, { issuer: two.issuer }]);
    expect(new Set(viewers.map((viewer) => 'id' in viewer && viewer.id)).size).toBe(2);
    const crossed = await authenticate(one.sign({ claims: { aud: two.audience } }));
    expect(crossed).toMatchObject({ reason: 'token_audience' });
  });

  it('and what one withdraws is worth nothing in its name', async () => {
    await authenticate(one.sign());
    one.rotate();
    clock.advance(601);
    expect(await authenticate(one.sign({ key: sharedKey }))).toMatchObject({
      reason: 'token_signature',
    });
    expect(await authenticate(two.sign())).toMatchObject({ issuer: two.issuer });
  });
});

describe('a stolen signing key', () => {
  it.each([11 * 60, 3_600, 23 * 3_600])(
    'is worth nothing %i s after the last request, when the issuer has withdrawn it',
    async (idle) => {
      const server = await startTestServer();
      const { issuer, endpoint } = server;
      const [stolen = createTestKey()] = issuer.keys;
      try {
        expect((await operate(endpoint, query, { token: issuer.sign() })).status).toBe(200);
        issuer.rotate();
        issuer.clock.advance(idle);
        const forged = issuer.sign({ key: stolen });
        expect((await operate(endpoint, query, { token: forged })).status).toBe(401);
        expect((await operate(endpoint, query, { token: issuer.sign() })).status).toBe(200);
      } finally {
        await server.stop();
      }
    },
  );
});

describe('a flood of forged tokens', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  it('costs the issuer one fetch in 30 s, and lets its new key in', async () => {
    const { issuer, endpoint } = server;
    const [known = createTestKey()] = issuer.keys;
    await operate(endpoint, query, { token: issuer.sign() });
    const before = issuer.requests.keys;
    const forgers = [createTestKey('ES256', known.kid), createTestKey()];
    const flood = () =>
      Promise.all(
        [...Array(10).keys()].flatMap(() =>
          forgers.map((forger) =>
            operate(endpoint, query, { token: issuer.sign({ key: forger }) }),
          ),
        ),
      );
    for (const { status } of await flood()) expect(status).toBe(401);
    for (const { status } of await flood()) expect(status).toBe(401);
    expect(issuer.requests.keys).toBe(before + 1);
    issuer.rotate(createTestKey('ES256', known.kid));
    issuer.clock.advance(30);
    expect((await operate(endpoint, query, { token: issuer.sign() })).status).toBe(200);
    expect(issuer.requests.keys).toBe(before + 2);
  });

  it('does not touch the issuer where the signature need not be looked at', async () => {
    const { issuer, origin, endpoint } = server;
    const before = { ...issuer.requests };
    for (const value of ['Bearer a.b.c', 'Bearer a=b', 'Bearer {}', 'DPoP x', 'Basic eA==']) {
      const answer = await operate(endpoint, query, { headers: ['Authorization', value] });
      expect([400, 401]).toContain(answer.status);
    }
    expect((await send(`${origin}/livez`)).status).toBe(200);
    expect(issuer.requests).toEqual(before);
  });
});
