import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generatedCases } from '../../support/generated-cases.ts';
import { boundToken, createProof } from '../../support/proofs.ts';
import { createTestKey, type TestIssuer, type TestKey } from '../../support/tokens.ts';
import { type GeneratedRequest, generateRequests } from './generated-request.ts';
import { post, publicUrl, startTwoFronts, type TwoFronts } from './two-fronts.ts';

/** Each run is four requests. Longer and other runs: GENERATED_CASES=600 FRONTS_SEED=1. */
const numRuns = generatedCases(85);
const seed = Number(process.env['FRONTS_SEED'] ?? 20_261_126);

let fronts: TwoFronts;
beforeAll(async () => {
  fronts = await startTwoFronts();
});
afterAll(() => fronts.stop());

const key = createTestKey();
const otherKey = createTestKey();

const tokens = new Map<string, string>();

/** A token that is signed when it is first sent: from then on, the server knows it. */
function once(name: string, sign: () => string): string {
  const token = tokens.get(name) ?? sign();
  tokens.set(name, token);
  return token;
}

/** The header lines of credentials. Each proof is new. */
function credentialLines(
  name: GeneratedRequest['credentials'],
  issuer: TestIssuer,
): readonly string[] {
  const bound = () => once('bound', () => boundToken(issuer, key, { scope: 'read:messages' }));
  const proved = (changes: Partial<Parameters<typeof createProof>[0]> = {}) => {
    const token = bound();
    const proof = createProof({
      key,
      token,
      clock: issuer.clock,
      url: `${publicUrl}/graphql`,
      ...changes,
    });
    return [`Authorization: DPoP ${token}`, `DPoP: ${proof}`];
  };
  const bearer = (claims: Readonly<Record<string, unknown>>, signer?: TestKey) => {
    const token = once(name, () => issuer.sign({ claims, ...(signer ? { key: signer } : {}) }));
    return [`Authorization: Bearer ${token}`];
  };
  switch (name) {
    case 'none':
      return [];
    case 'valid':
      return bearer({});
    case 'reader':
      return bearer({ scope: 'read:messages read:things' });
    case 'admin':
      return bearer({ scope: 'read:messages admin:write', acr: 'gold', email: 'me@example.com' });
    case 'expired':
      return bearer({ exp: 1 });
    case 'other audience':
      return bearer({ aud: 'https://other.test' });
    case 'unknown key':
      return bearer({}, otherKey);
    case 'opaque':
      return ['Authorization: Bearer b3BhcXVl'];
    case 'Basic':
      return ['Authorization: Basic dTpw'];
    case 'bound':
      return proved();
    case 'bound with a used proof':
      return proved({ claims: { jti: 'used' } });
    case 'bound with a proof of another key':
      return proved({ key: otherKey });
    case 'bound with a proof for another URL':
      return proved({ claims: { htu: 'http://other.example/graphql' } });
    case 'bound as Bearer':
      return [`Authorization: Bearer ${bound()}`];
  }
}

it(`responds the same to ${numRuns} generated requests, each sent twice, with the seed ${seed}`, async () => {
  const served = { listener: 0, Yoga: 0 };
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      generateRequests(200, seed),
      async ({ credentials, headers, target, body, cuts }) => {
        for (const isSecond of [false, true]) {
          const lines = [...credentialLines(credentials, fronts.issuer), ...headers];
          const bytes = post(body, { target, headers: lines });
          const ends = [...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length];
          const packets = ends
            .sort((one, other) => one - other)
            .map((end, index, all) => bytes.subarray(all[index - 1] ?? 0, end));
          const { servedBy, status } = await fronts.exchange(packets);
          statuses.add(status);
          if (isSecond) served[servedBy] += 1;
        }
      },
    ),
    { numRuns, seed },
  );
  // Most of them are plain, and there are responses of many kinds.
  expect(served.listener).toBeGreaterThan(served.Yoga);
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 415]));
}, 600_000);
