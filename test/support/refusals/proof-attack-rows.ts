// cspell:ignore secp AQAAAAE phql
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  verify,
} from 'node:crypto';
import { publicJwk } from '../proofs.ts';
import { createTestKey } from '../tokens.ts';
import {
  badProof,
  badToken,
  dpop,
  key,
  otherKey,
  type ProofChanges,
  type RefusalRow,
  type RequestParts,
  withProof,
} from './refusal-row.ts';

const row =
  (reason: string, number: number) =>
  (name: string, changes: ProofChanges | ((parts: RequestParts) => ProofChanges)): RefusalRow => ({
    row: number,
    case: name,
    headers: withProof(changes),
    ...badProof,
    reason,
  });

const typeRow = row('proof_type', 19);
const algorithmRow = row('proof_algorithm', 19);
const keyRow = row('proof_key', 19);
const signatureRow = row('proof_signature', 19);
const claimsRow = row('proof_claims', 20);
const methodRow = row('proof_method', 20);
const urlRow = row('proof_url', 20);
const timeRow = row('proof_time', 20);
const tokenRow = row('proof_token', 20);

const jwk = publicJwk(key);
const privateJwk = { ...key.privateKey.export({ format: 'jwk' }) };
const rsa = createTestKey('RS256');
const rsaPrivate = { ...rsa.privateKey.export({ format: 'jwk' }) };
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });

/** A key for which anyone can make signatures: its point is the neutral one. */
const neutralPoint = { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` };
/** S = 0, R the neutral point. */
const neutralSignature = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]);
/** OpenSSL 3.5, of Node 24, rejects such signatures itself. */
const isNeutralAccepted = verify(
  null,
  Buffer.from('any'),
  createPublicKey({ key: neutralPoint, format: 'jwk' }),
  neutralSignature,
);

const lengthened = (coordinate: unknown): string =>
  Buffer.concat([Buffer.alloc(1), Buffer.from(String(coordinate), 'base64url')]).toString(
    'base64url',
  );

/** The private key again, whose proofs are then made as those of the public one. */
const withJwk = (changed: unknown): ProofChanges => ({ header: { jwk: changed } });

const symmetric =
  (secret: string | Buffer): NonNullable<ProofChanges['signer']> =>
  (bytes) =>
    createHmac('sha256', secret).update(bytes).digest();

/** Attacks on proofs that other tables do not have, each with its reason. */
export const proofAttackRows: readonly RefusalRow[] = [
  ...['dpop+jwt ', ' dpop+jwt', 'dpop', 'dpop+JSON', 'application/', 'dpop+jwt;a=b', null, []].map(
    (typ) => typeRow(`typ ${JSON.stringify(typ)}`, { header: { typ } }),
  ),
  ...['nOnE', 'none\u0000', 'ES256 ', 'HS256', 'ES256K', 'PS384', 'RS512', 'dir', '__proto__', []]
    .map((alg) => [alg, { header: { alg } }] as const)
    .map(([alg, changes]) => algorithmRow(`alg ${JSON.stringify(alg)}`, changes)),
  algorithmRow('none, without a signature', {
    header: { alg: 'none' },
    signer: () => Buffer.alloc(0),
  }),
  algorithmRow('HS256 with a symmetric key in jwk', {
    header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } },
    signer: symmetric('secret'),
  }),
  algorithmRow('HS256 with the public key as the secret', {
    header: { alg: 'HS256' },
    signer: symmetric(key.publicKey.export({ type: 'spki', format: 'der' })),
  }),
  ...[['exp'], [], ['jwk'], 'jwk', null].map((crit) =>
    algorithmRow(`crit ${JSON.stringify(crit)}`, { header: { crit } }),
  ),
  ...[false, 0, 'true', null].map((b64) =>
    algorithmRow(`b64 ${JSON.stringify(b64)}`, { header: { b64 } }),
  ),

  ...(['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'] as const).map((name) =>
    keyRow(`a jwk with the private member ${name}`, withJwk({ ...jwk, [name]: 'AQ' })),
  ),
  keyRow('the private key', withJwk(privateJwk)),
  keyRow('a private member that is null', withJwk({ ...jwk, d: null })),
  keyRow('a private RSA key', {
    key: rsa,
    ...withJwk(rsaPrivate),
  }),
  keyRow('a private key in PEM', withJwk(key.privateKey.export({ type: 'pkcs8', format: 'pem' }))),
  keyRow('a symmetric key beside the public one', withJwk({ ...jwk, kty: 'oct', k: 'AAAA' })),
  ...['ec', 'EC ', 'OKP', 'RSA', 'oct', '', null, undefined].map((kty) =>
    keyRow(`kty ${JSON.stringify(kty)}`, withJwk({ ...jwk, kty })),
  ),
  ...['P-384', 'P-521', 'p-256', 'secp256r1', 'secp256k1', 'Ed25519', '', null].map((crv) =>
    keyRow(`crv ${JSON.stringify(crv)}`, withJwk({ ...jwk, crv })),
  ),
  ...[
    ['x as y', { x: jwk['y'], y: jwk['x'] }],
    ['x of zero', { x: Buffer.alloc(32).toString('base64url') }],
    ['x and y of zero', { x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['x beyond the field', { x: Buffer.alloc(32, 255).toString('base64url') }],
    ['x of one byte', { x: 'AQ' }],
    ['x with a zero in front', { x: lengthened(jwk['x']) }],
    ['x empty', { x: '' }],
    ['x a list', { x: [jwk['x']] }],
    ['x of 3 KB', { x: 'A'.repeat(3_000) }],
    ['no y', { y: undefined }],
    ['y of another key', { y: otherKey.jwk['y'] }],
  ].map(([name, members]) => keyRow(`a jwk with ${name}`, withJwk({ ...jwk, ...Object(members) }))),
  keyRow('a key on secp256k1', {
    ...withJwk(secp256k1.publicKey.export({ format: 'jwk' })),
    signer: {
      ...key,
      privateKey: createPrivateKey(secp256k1.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    },
  }),
  keyRow('X25519 as EdDSA', { header: { alg: 'EdDSA', jwk: x25519 } }),
  keyRow('Ed448 as EdDSA', { header: { alg: 'EdDSA', jwk: ed448 } }),
  keyRow('a list of keys', withJwk([jwk])),
  keyRow('a key set', withJwk({ keys: [jwk] })),
  keyRow('a key that only inherits its members', withJwk({ ['__proto__']: jwk, constructor: jwk })),
  keyRow('the key in x5c', { header: { jwk: undefined, x5c: ['MIIB'] } }),
  keyRow('the key behind jku', { header: { jwk: undefined, jku: 'http://127.0.0.1:9/keys' } }),
  keyRow('the key by its ID', { header: { jwk: undefined, kid: 'client' } }),
  ...['AQ', 'Ag', 'AA', 'BA', 'AQAAAAE', ''].map((e) =>
    keyRow(`RSA with e = ${JSON.stringify(e)}`, {
      key: rsa,
      ...withJwk({ ...publicJwk(rsa), e }),
    }),
  ),
  keyRow('RSA with a modulus of many zeros in front', {
    key: rsa,
    ...withJwk({ kty: 'RSA', e: 'AQAB', n: `${'A'.repeat(2_000)}AQ` }),
  }),
  signatureRow('RSA with an even modulus', {
    key: rsa,
    ...withJwk({ ...publicJwk(rsa), n: Buffer.alloc(256, 254).toString('base64url') }),
  }),

  ...['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'].flatMap((algorithm) => {
    const own = createTestKey(algorithm);
    const size = algorithm === 'ES384' ? 96 : /^[EP]/.test(algorithm) ? 64 : 256;
    return [0, 1, 255].map((filling) =>
      signatureRow(`${algorithm}: a signature of bytes ${filling}`, {
        key: own,
        signer: () => Buffer.alloc(size, filling),
      }),
    );
  }),
  signatureRow('a signature in DER', { signer: () => Buffer.alloc(71, 48) }),
  signatureRow('the signature of another key', { signer: otherKey }),

  ...(['jti', 'htm', 'htu', 'ath'] as const).flatMap((name) =>
    [[], ['x'], 7, true, { toString: 'x' }].map((value) =>
      claimsRow(`${name} ${JSON.stringify(value)}`, { claims: { [name]: value } }),
    ),
  ),
  ...['', '0', 'now', [], true, null, [1]].map((iat) =>
    claimsRow(`iat ${JSON.stringify(iat)}`, { claims: { iat } }),
  ),
  ...(['exp', 'nbf'] as const).flatMap((name) =>
    [null, '0', [], true].map((value) =>
      claimsRow(`${name} ${JSON.stringify(value)}`, { claims: { [name]: value } }),
    ),
  ),
  claimsRow('a jti of 7 KB', { claims: { jti: 'j'.repeat(5_000) } }),
  claimsRow('an empty payload', { payload: {} }),

  ...['Post', 'POST\u0000', 'P\u041eST', '*', 'POST,GET', 'POST\r\n', 'PUT', 'CONNECT'].map((htm) =>
    methodRow(`htm ${JSON.stringify(htm)}`, { claims: { htm } }),
  ),
  ...[
    (origin: string) => `${origin}//graphql`,
    (origin: string) => `${origin}/graphql/..`,
    (origin: string) => `${origin}/graphql/x`,
    (origin: string) => `${origin}/graphql;a=b`,
    (origin: string) => `${origin}/graphql%00`,
    (origin: string) => `${origin}/graphql%2F`,
    (origin: string) => `${origin}/graphql%`,
    (origin: string) => `${origin}/GRAPHQL`,
    (origin: string) => `${origin}/gr\u0430phql`,
    (origin: string) => `${origin}\\graphql`,
    (origin: string) => `${origin}/graphql\t`,
    (origin: string) => `\t${origin}/graphql`,
    (origin: string) => `${origin}.evil.test/graphql`,
    (origin: string) => `${origin}@evil.test/graphql`,
    (origin: string) => `${origin.replace('//', '//evil.test#')}/graphql`,
    (origin: string) => `${origin.replace('//', '//evil.test?')}/graphql`,
    (origin: string) => `${origin.replace('localhost', 'localhost.')}/graphql`,
    (origin: string) => `${origin.replace('localhost', '[::1]')}/graphql`,
    (origin: string) => `${origin.replace('localhost', '2130706433')}/graphql`,
    (origin: string) => `${origin.replace(/:\d+$/, '')}/graphql`,
    (origin: string) => `${origin.replace(/:\d+$/, ':0')}/graphql`,
    (origin: string) => `${origin.replace('http:', 'ws:')}/graphql`,
    (origin: string) => `${origin.replace('http:', 'javascript:')}/graphql`,
    (origin: string) => `${origin.replace('http://', '//')}/graphql`,
    (origin: string) => `${origin.replace('http://', 'http:')}/graphql`,
    (origin: string) => `${origin.replace('http://', 'http:///')}/graphql`,
    () => '*',
    () => `http://${'a'.repeat(4_000)}/graphql`,
  ].map((htu) =>
    urlRow(`htu ${JSON.stringify(htu('http://localhost:1').slice(0, 60))}`, ({ origin }) => ({
      claims: { htu: htu(origin) },
    })),
  ),
  ...[0, -1, 1e15, -1e300, 1e308].map((iat) => timeRow(`iat ${iat}`, { claims: { iat } })),
  timeRow('iat in milliseconds', ({ issuer }) => ({
    claims: { iat: issuer.clock.seconds() * 1_000 },
  })),
  timeRow('valid later', ({ issuer }) => ({ claims: { nbf: issuer.clock.seconds() + 60 } })),

  ...(
    [
      ['in hexadecimal', (token) => createHash('sha256').update(token).digest('hex')],
      ['in base64', (token) => createHash('sha256').update(`${token}`).digest('base64')],
      ['of SHA-512', (token) => createHash('sha512').update(token).digest('base64url')],
      [
        'of the claims',
        (token) =>
          createHash('sha256')
            .update(token.split('.')[1] ?? '')
            .digest('base64url'),
      ],
      [
        'of the header',
        (token) => createHash('sha256').update(`DPoP ${token}`).digest('base64url'),
      ],
      ['cut', (token) => createHash('sha256').update(token).digest('base64url').slice(0, -1)],
      ['that is the token', (token) => token],
    ] satisfies [string, (token: string) => string][]
  ).map(
    ([name, hash]): RefusalRow => ({
      row: 20,
      case: `ath ${name}`,
      headers: (parts) => {
        const token = parts.bound();
        return dpop(token, parts.proof(token, { claims: { ath: hash(token) } }));
      },
      ...badProof,
      reason: 'proof_token',
    }),
  ),
  tokenRow('a proof for the token of someone else', { forToken: 'a.b.c' }),
  {
    row: 23,
    case: 'a proof by the neutral point, which anyone can sign for',
    headers: withProof({
      header: { alg: 'EdDSA', jwk: neutralPoint },
      signer: () => neutralSignature,
    }),
    ...(isNeutralAccepted
      ? { ...badToken, reason: 'token_other_key' }
      : { ...badProof, reason: 'proof_signature' }),
  },
];
