import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AuthError } from '../../src/authentication/auth-error.ts';
import { verifyDpopProof } from '../../src/authentication/dpop/dpop-proof.ts';
import { createProofKeyCache, dpopAlgorithms } from '../../src/authentication/dpop/proof-key.ts';

/** The examples of RFC 9449: the proof and token of §7.1, and the thumbprint of §6.1. */
const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
const ath = 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo';
const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
const proof = [
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19',
  'eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9',
  '2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
].join('.');
const issuedAt = 1562262618;

const request = {
  method: 'GET',
  url: '/protectedresource',
  tokenHash: ath,
  confirmation: { kind: 'key', thumbprint },
} as const;
const settings = {
  publicUrl: 'https://resource.example.org',
  nonces: undefined,
  proofKeys: createProofKeyCache(),
  dpopAlgorithms,
  clockTolerance: 5_000,
  now: () => issuedAt * 1000,
};

describe('the examples of RFC 9449', () => {
  it('§7.1: the proof is valid for its request and token, and has the key of §6.1', async () => {
    expect(await verifyDpopProof(proof, request, settings)).toEqual({
      thumbprint,
      id: 'e1j3V_bKic8-LAEB',
    });
  });

  it('§7.1: ath is the hash of the token', () => {
    expect(createHash('sha256').update(token).digest('base64url')).toBe(ath);
  });

  it.each([
    ['another token', { ...request, tokenHash: thumbprint }, settings, 'proof_token'],
    ['another method', { ...request, method: 'POST' }, settings, 'proof_method'],
    ['another path', { ...request, url: '/other' }, settings, 'proof_url'],
    ['another host', request, { ...settings, publicUrl: 'https://other.example.org' }, 'proof_url'],
    ['300 s later', request, { ...settings, now: () => (issuedAt + 300) * 1000 }, undefined],
    ['301 s later', request, { ...settings, now: () => (issuedAt + 301) * 1000 }, 'proof_time'],
    ['30 s before', request, { ...settings, now: () => (issuedAt - 30) * 1000 }, undefined],
    ['31 s before', request, { ...settings, now: () => (issuedAt - 31) * 1000 }, 'proof_time'],
    [
      'a token of another key',
      { ...request, confirmation: { kind: 'key', thumbprint: ath } } as const,
      settings,
      'token_other_key',
    ],
  ])('%s', async (_case, changedRequest, changedRules, reason) => {
    const outcome = await verifyDpopProof(proof, changedRequest, changedRules).then(
      () => undefined,
      (error: unknown) => (error instanceof AuthError ? error.reason : error),
    );
    expect(outcome).toBe(reason);
  });
});
