import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import * as oauth from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { authenticatorFor, outcomeOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createProof, type ProofOptions, thumbprintOf } from '../support/proofs.ts';
import { createTestIssuer, createTestKey, type TokenOverrides } from '../support/tokens.ts';

// oauth4webapi uses the real time, at which this clock stands still.
const clock = createTestClock(new Date());
const issuer = createTestIssuer({ clock });
const [key, otherKey] = [createTestKey(), createTestKey()];
const privateJwk = { ...key.privateKey.export({ format: 'jwk' }) };
const url = 'https://api.test/graphql';
const at = (seconds: number) => Math.floor(clock.seconds()) + seconds;
const bound = { cnf: { jkt: thumbprintOf(key) } };

/** What can differ from a valid request with a bound token and a proof. */
const tokenChanges = {
  'valid token': {},
  'token unbound': { claims: { cnf: undefined } },
  'token bound to another key': { claims: { cnf: { jkt: thumbprintOf(otherKey) } } },
  'token bound by a method that is not known': { claims: { cnf: { 'x5t#S256': 'x' } } },
  'token bound by two methods': { claims: { cnf: { ...bound.cnf, kid: 'x' } } },
  'token with a cnf of null': { claims: { cnf: null } },
  'token with an empty cnf': { claims: { cnf: {} } },
  'token expired': { claims: { exp: at(-60) } },
  'token expired 3 s ago': { claims: { exp: at(-3) } },
  'token not valid yet': { claims: { nbf: at(60) } },
  'token from the future': { claims: { iat: at(60) } },
  'token without exp': { claims: { exp: undefined } },
  'token for another audience': { claims: { aud: 'https://other.test' } },
  'token for two audiences': { claims: { aud: ['https://other.test', issuer.audience] } },
  'token of another issuer': { claims: { iss: 'https://evil.test/' } },
  'token without sub': { claims: { sub: undefined } },
  'token without client_id': { claims: { client_id: undefined } },
  'token without jti': { claims: { jti: undefined } },
  'token without iat': { claims: { iat: undefined } },
  'token of typ JWT': { header: { typ: 'JWT' } },
  'token of typ application/at+jwt': { header: { typ: 'application/at+jwt' } },
  'token with crit': { header: { crit: ['x'], x: 1 } },
  'token signed by another key': { key: createTestKey('ES256', issuer.keys[0]?.kid) },
} satisfies Record<string, TokenOverrides>;

type ProofChange = Partial<Omit<ProofOptions, 'token' | 'clock'>>;
const proofChanges = {
  'valid proof': {},
  'proof of another key': { key: otherKey },
  'proof with another method': { claims: { htm: 'GET' } },
  'proof with the method in lower case': { claims: { htm: 'post' } },
  'proof for another host': { claims: { htu: 'https://evil.test/graphql' } },
  'proof for another path': { claims: { htu: `${url}/` } },
  'proof for the URL with a query': { claims: { htu: `${url}?a=b` } },
  'proof for the URL in capitals': { claims: { htu: 'HTTPS://API.TEST/graphql' } },
  'proof for the URL with its port': { claims: { htu: 'https://api.test:443/graphql' } },
  'proof for the URL with an escape': { claims: { htu: 'https://api.test/graphq%6C' } },
  'proof for the URL with dots': { claims: { htu: 'https://api.test/a/../graphql' } },
  'proof for the URL with a user': { claims: { htu: 'https://me@api.test/graphql' } },
  'proof for the URL with a blank': { claims: { htu: ' https://api.test/graphql' } },
  'proof for no URL': { claims: { htu: '/graphql' } },
  'proof 200 s old': { claims: { iat: at(-200) } },
  'proof 400 s old': { claims: { iat: at(-400) } },
  'proof 20 s ahead': { claims: { iat: at(20) } },
  'proof 60 s ahead': { claims: { iat: at(60) } },
  'proof 400 s ahead': { claims: { iat: at(400) } },
  'proof that has expired': { claims: { exp: at(-60) } },
  'proof not valid yet': { claims: { nbf: at(60) } },
  'proof without ath': { claims: { ath: undefined } },
  'proof with another ath': { claims: { ath: createHash('sha256').digest('base64url') } },
  'proof without jti': { claims: { jti: undefined } },
  'proof with an empty jti': { claims: { jti: '' } },
  'proof with a jti that is a number': { claims: { jti: 7 } },
  'proof with a jti of 300 characters': { claims: { jti: randomUUID().padEnd(300, 'j') } },
  'proof without iat': { claims: { iat: undefined } },
  'proof with a nonce': { claims: { nonce: 'mine' } },
  'proof of typ JWT': { header: { typ: 'JWT' } },
  'proof of typ DPOP+JWT': { header: { typ: 'DPOP+JWT' } },
  'proof of alg none': { header: { alg: 'none' } },
  'proof with crit': { header: { crit: ['x'], x: 1 } },
  'proof without jwk': { header: { jwk: undefined } },
  'proof with the private key': { header: { jwk: privateJwk } },
  'proof signed by another key': { signer: otherKey },
} satisfies Record<string, ProofChange>;

const presentations = {
  'valid request': (_token: string, proof: string) => ({ proof }),
  'sent with a scheme in lower case': (token: string, proof: string) => ({
    proof,
    authorization: `dpop ${token}`,
  }),
  'sent as Bearer': (token: string, proof: string) => ({
    proof,
    authorization: `Bearer ${token}`,
  }),
  'sent as Bearer without the proof': (token: string) => ({ authorization: `Bearer ${token}` }),
  'sent without the proof': () => ({}),
  'sent with two proofs': (_token: string, proof: string) => ({ proof: `${proof}, ${proof}` }),
  'sent with a padded proof': (_token: string, proof: string) => ({ proof: `${proof}=` }),
  'sent with a proof of other spare bits': (_token: string, proof: string) => {
    const bits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = bits.indexOf(proof.at(-1) ?? '');
    return { proof: `${proof.slice(0, -1)}${bits.charAt(last ^ 1)}` };
  },
  'sent twice': (_token: string, proof: string) => ({ proof, isRepeated: true }),
} satisfies Record<
  string,
  (token: string, proof: string) => { proof?: string; authorization?: string; isRepeated?: true }
>;

/** Where the two differ, and why. Each difference is caused by one of these. */
const differences: Readonly<Record<string, { result: 'accepted' | 'refused'; reason: string }>> = {
  'proof 60 s ahead': {
    result: 'refused',
    reason: 'We accept proofs up to 30 s in the future; oauth4webapi 300 s in both directions.',
  },
  'proof with an empty jti': {
    result: 'refused',
    reason: 'An empty jti does not identify a proof.',
  },
  'proof with a jti of 300 characters': {
    result: 'refused',
    reason: 'The length of what we remember is bounded.',
  },
  'proof for the URL with an escape': {
    result: 'accepted',
    reason: 'RFC 3986 §6.2.2.2: an escaped letter equals that letter.',
  },
  'proof for the URL with a blank': {
    result: 'refused',
    reason: 'RFC 3986 allows no white space; URL parsers drop it.',
  },
  'token expired 3 s ago': {
    result: 'accepted',
    reason:
      'We tolerate 5 s between the clocks of issuer and API; the tolerance of oauth4webapi is for other checks.',
  },
  'token from the future': {
    result: 'refused',
    reason: 'A token is not valid before it was issued. oauth4webapi does not check iat.',
  },
  'token with a cnf of null': {
    result: 'accepted',
    reason: 'A claim that is null is absent. oauth4webapi rejects every cnf that is not an object.',
  },
  'token with an empty cnf': {
    result: 'refused',
    reason: 'It binds the token to an unknown kind of key.',
  },
  'sent with a proof of other spare bits': {
    result: 'refused',
    reason: 'RFC 4648 §3.5: each signature has one canonical encoding.',
  },
  'sent twice': { result: 'refused', reason: 'oauth4webapi has no replay store.' },
};

type Names = readonly [
  keyof typeof tokenChanges,
  keyof typeof proofChanges,
  keyof typeof presentations,
];

async function compare([tokenName, proofName, sendingName]: Names) {
  const change: TokenOverrides = tokenChanges[tokenName];
  const token = issuer.sign({ ...change, claims: { ...bound, ...change.claims } });
  const proofChange: ProofChange = proofChanges[proofName];
  const claims = { iat: at(0), ...proofChange.claims };
  const created = createProof({ key, url, token, clock, ...proofChange, claims });
  const presentation: { proof?: string; authorization?: string; isRepeated?: true } = presentations[
    sendingName
  ](token, created);
  const headers = new Headers({ authorization: presentation.authorization ?? `DPoP ${token}` });
  if (presentation.proof !== undefined) headers.set('dpop', presentation.proof);
  const request = () => new Request(url, { method: 'POST', headers });

  const { authenticate } = authenticatorFor(issuer, {
    profile: 'rfc9068',
    dpop: 'optional',
    publicUrl: 'https://api.test',
  });
  const as = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}.well-known/jwks.json` };
  const validate = () =>
    oauth.validateJwtAccessToken(as, request(), issuer.audience, {
      [oauth.customFetch]: (target, init) => issuer.fetch(target, { method: init.method }),
    });
  if (presentation.isRepeated) {
    await outcomeOf(authenticate(request()));
    await validate().catch(() => {});
  }
  const result = await outcomeOf(authenticate(request()));
  const reference = await validate().catch((error: unknown) => error);
  return {
    result: result instanceof Error ? 'refused' : 'accepted',
    reference: reference instanceof Error ? 'refused' : 'accepted',
  } as const;
}

const namesOf = <Name extends string>(changes: Readonly<Record<Name, unknown>>) =>
  Object.keys(changes).filter((name): name is Name => Object.hasOwn(changes, name));

const [tokens, proofs, ways] = [
  namesOf(tokenChanges),
  namesOf(proofChanges),
  namesOf(presentations),
];
const [goodToken, goodProof, goodWay] = ['valid token', 'valid proof', 'valid request'] as const;

/** Every change alone, and several hundred combinations of two or three. */
const requests: readonly Names[] = [
  ...tokens.map((name): Names => [name, goodProof, goodWay]),
  ...tokens.map((name): Names => [name, goodProof, 'sent as Bearer without the proof']),
  ...proofs.map((name): Names => [goodToken, name, goodWay]),
  ...ways.map((name): Names => [goodToken, goodProof, name]),
  ...fc.sample(
    fc.tuple(fc.constantFrom(...tokens), fc.constantFrom(...proofs), fc.constantFrom(...ways)),
    { numRuns: 400, seed: 9449 },
  ),
];

describe(`${requests.length} requests, here and at oauth4webapi's validateJwtAccessToken`, () => {
  it('have the same result, except for the listed differences', async () => {
    const witnessed = new Set<string>();
    const unexplained: string[] = [];
    let accepted = 0;
    for (const names of requests) {
      const { result, reference } = await compare(names);
      if (result === 'accepted') accepted += 1;
      if (result === reference) continue;
      const known = names.filter((name) => differences[name]?.result === result);
      for (const name of known) witnessed.add(name);
      if (known.length === 0)
        unexplained.push(`${names.join(', ')}: ${result}, oauth4webapi ${reference}`);
    }
    expect(unexplained).toEqual([]);
    expect([...witnessed].sort()).toEqual(Object.keys(differences).sort());
    expect(accepted).toBeGreaterThan(10);
  });
});
