import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-ports.ts';
import { boundToken, createProof, type ProofOptions } from '../../support/proofs.ts';
import {
  createTestIssuer,
  createTestKey,
  encodeJws,
  type TestIssuer,
} from '../../support/tokens.ts';
import { post, publicUrl, startTwoFronts, type TwoFronts } from './two-fronts.ts';

const servers = {
  default: {},
  required: { DPOP: 'required' },
  off: { DPOP: 'off' },
  strict: { REQUIRED_CLAIMS: 'email' },
} as const;

const running = new Map<string, TwoFronts>();
const withPublic = { query: '{ public { message } private { message } }' };
const onlyPrivate = { query: '{ private { message } }' };

beforeAll(async () => {
  for (const [name, environment] of Object.entries(servers)) {
    const fronts = await startTwoFronts({ environment });
    await fronts.exchange(post(withPublic));
    await fronts.exchange(post(onlyPrivate));
    running.set(name, fronts);
  }
});
afterAll(() => Promise.all([...running.values()].map((fronts) => fronts.stop())));

const key = createTestKey();
const otherKey = createTestKey();
const bearer = (token: string) => [`Authorization: Bearer ${token}`];
const signed =
  (claims: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>> = {}) =>
  (issuer: TestIssuer) =>
    bearer(issuer.sign({ claims, header }));

type ProofChanges = Partial<Omit<ProofOptions, 'token' | 'clock'>>;
const proofFor = (issuer: TestIssuer, token: string, changes: ProofChanges = {}): string =>
  createProof({ key, token, clock: issuer.clock, url: `${publicUrl}/graphql`, ...changes });
const proved =
  (changes: ProofChanges = {}, claims: Readonly<Record<string, unknown>> = {}) =>
  (issuer: TestIssuer) => {
    const token = boundToken(issuer, key, claims);
    return [`Authorization: DPoP ${token}`, `DPoP: ${proofFor(issuer, token, changes)}`];
  };

/** The rows are those of the table of refusals; without one, the request is not refused. */
type Row = readonly [
  row: number | undefined,
  name: string,
  headers: (issuer: TestIssuer) => readonly string[],
  status: number,
  on?: keyof typeof servers,
];

const table: readonly Row[] = [
  [undefined, 'a valid token', (issuer) => bearer(issuer.sign()), 200],
  [
    undefined,
    'the scheme in capitals',
    (issuer) => [`authorization:  BEARER   ${issuer.sign()}`],
    200,
  ],
  [undefined, 'a valid proof', proved(), 200],
  [undefined, 'a valid proof, where it is required', proved(), 200, 'required'],
  [
    undefined,
    'a token that is sent again',
    signed({ jti: 'same', iat: 1, exp: 2_000_000_000 }),
    200,
  ],
  [1, 'no credentials', () => [], 401],
  [1, 'no credentials, with DPoP required', () => [], 401, 'required'],
  [1, 'no credentials, with DPoP off', () => [], 401, 'off'],
  [1, 'an empty header', () => ['Authorization:'], 401],
  [2, 'another scheme', () => ['Authorization: Basic dTpw'], 401],
  [2, 'DPoP, which is off', proved(), 401, 'off'],
  [3, 'the scheme alone', () => ['Authorization: Bearer'], 400],
  [3, 'DPoP alone', () => ['Authorization: DPoP'], 400],
  [3, 'two tokens', () => bearer('a b'), 400],
  [3, 'bytes that are not ASCII', () => bearer('ä'), 400],
  [4, 'two headers', (issuer) => [...bearer(issuer.sign()), ...bearer(issuer.sign())], 400],
  [
    4,
    'two headers of other schemes',
    (issuer) => [...bearer(issuer.sign()), ...proved()(issuer)],
    400,
  ],
  [6, 'an opaque token', () => bearer('b3BhcXVl'), 401],
  [7, 'padding', (issuer) => bearer(issuer.sign().replace('.', '=.')), 401],
  [
    8,
    'alg none',
    () => bearer(encodeJws({ alg: 'none' }, { sub: 'x' }, () => Buffer.alloc(0))),
    401,
  ],
  [9, 'a key that is not known', (issuer) => bearer(issuer.sign({ key: createTestKey() })), 401],
  [
    10,
    'a payload that is a list',
    (issuer) => bearer(encodeJws({ alg: 'ES256' }, '[]', issuer.keys[0] ?? key)),
    401,
  ],
  [11, 'an ID token', signed({ token_use: 'id' }), 401],
  [12, 'another issuer', signed({ iss: 'https://evil.test/' }), 401],
  [12, 'another audience', signed({ aud: 'https://other.test' }), 401],
  [12, 'expired', signed({ exp: 1 }), 401],
  [12, 'not valid yet', signed({ nbf: 4_000_000_000 }), 401],
  [13, 'a missing claim', (issuer) => bearer(issuer.sign()), 401, 'strict'],
  [18, 'no proof', (issuer) => [`Authorization: DPoP ${boundToken(issuer, key)}`], 401],
  [18, 'two proofs', (issuer) => [...proved()(issuer), 'DPoP: a.b.c'], 401],
  [
    19,
    'a proof that is no JWT',
    (issuer) => [`Authorization: DPoP ${boundToken(issuer, key)}`, 'DPoP: a'],
    401,
  ],
  [20, 'a proof of another method', proved({ claims: { htm: 'GET' } }), 401],
  [20, 'a proof for another URL', proved({ claims: { htu: 'http://evil.test/graphql' } }), 401],
  [20, 'an old proof', proved({ claims: { iat: 1 } }), 401],
  [23, 'a proof of another key', proved({ key: otherKey }), 401],
  [24, 'a bound token as Bearer', (issuer) => bearer(boundToken(issuer, key)), 401],
  [
    25,
    'a proof beside an unbound token',
    (issuer) => {
      const token = issuer.sign();
      return [...bearer(token), `DPoP: ${proofFor(issuer, token)}`];
    },
    400,
  ],
  [26, 'a token bound in another way', signed({ cnf: { 'x5t#S256': 'x' } }), 401],
  [27, 'Bearer, with DPoP required', (issuer) => bearer(issuer.sign()), 401, 'required'],
  [29, 'a token of more than 8 KiB', () => bearer('a'.repeat(8193)), 401],
];

describe.each(table.map((row) => [row[0], row[1], row] as const))(
  'row %s: %s',
  (_row, name, [, , headersFor, status, on = 'default']) => {
    it.each(['application/json', 'application/graphql-response+json'])('as %s', async (accept) => {
      const fronts = running.get(on);
      if (fronts === undefined) throw new Error(`No server ${on}.`);
      const send = (body: object) =>
        fronts.exchange(
          post(body, { headers: [...headersFor(fronts.issuer), `Accept: ${accept}`] }),
        );
      const alone = await send(onlyPrivate);
      const mixed = await send(withPublic);
      expect([alone.status, alone.servedBy, mixed.servedBy]).toEqual([
        status,
        'listener',
        'listener',
      ]);
      const isCredential = !/^no credentials|^an empty header|^another scheme|which is off$/.test(
        name,
      );
      expect(mixed.status).toBe(isCredential ? status : 200);
    });
  },
);

it('row 21: a proof that was used before', async () => {
  const fronts = running.get('default');
  const headers = proved({ claims: { jti: 'used' } })(fronts?.issuer ?? never());
  const first = await fronts?.exchange(post(onlyPrivate, { headers }));
  const second = await fronts?.exchange(post(onlyPrivate, { headers }));
  expect([first?.status, second?.status, second?.servedBy]).toEqual([200, 401, 'listener']);
});

it('row 17: the keys are unavailable', async () => {
  const issuer = createTestIssuer();
  issuer.setDown(true);
  const fronts = await startTwoFronts({ issuer });
  await fronts.exchange(post(withPublic));
  const refused = await fronts.exchange(
    post(withPublic, { headers: bearer(fronts.issuer.sign()) }),
  );
  const anonymous = await fronts.exchange(post(withPublic));
  await fronts.stop();
  expect(refused).toMatchObject({ status: 503, servedBy: 'listener' });
  expect(anonymous).toMatchObject({ status: 200, servedBy: 'listener' });
});

it('row 28: the replay store is unavailable', async () => {
  const environment = { REDIS_URL: `redis://localhost:${await freePort()}` };
  const fronts = await startTwoFronts({ environment });
  const refused = await fronts.exchange(post(withPublic, { headers: proved()(fronts.issuer) }));
  await fronts.stop();
  expect(refused).toMatchObject({ status: 503, servedBy: 'listener' });
});

function never(): never {
  throw new Error('The server did not start.');
}
