import { publicJwk } from '../proofs.ts';
import { createTestKey, encodeJws } from '../tokens.ts';
import {
  badProof,
  dpop,
  key,
  otherKey,
  type RefusalRow,
  withProof,
  withRawProof,
} from './refusal-row.ts';

const ecPoint = {
  x: Buffer.alloc(32, 1).toString('base64url'),
  y: Buffer.alloc(32, 2).toString('base64url'),
};

/** A proof signed with a key whose type, curve or strength is not accepted. */
const keyCase = (name: string, jwk: Record<string, unknown>, reason = 'proof_key'): RefusalRow => ({
  row: 19,
  case: name,
  headers: withProof({ header: { jwk } }),
  ...badProof,
  reason,
});

/** Rows about the proof itself. */
export const proofRows: readonly RefusalRow[] = [
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
    ([name, make]): RefusalRow => ({
      row: 19,
      case: name,
      headers: withRawProof(make),
      ...badProof,
      reason: 'proof_malformed',
    }),
  ),
  ...['JWT', 'at+jwt', 'jwt', '', undefined, 7].map(
    (typ): RefusalRow => ({
      row: 19,
      case: `typ ${typ}`,
      headers: withProof({ header: { typ } }),
      ...badProof,
      reason: 'proof_type',
    }),
  ),
  ...['none', 'HS256', 'ES512', 'RS384', 'es256', undefined].map(
    (alg): RefusalRow => ({
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
  ...(['RS256', 'PS256'] as const).flatMap((alg): RefusalRow[] =>
    [
      ['RSA of 1024 bits', { n: Buffer.alloc(128, 255).toString('base64url'), e: 'AQAB' }],
      ['RSA with the exponent 1', { n: Buffer.alloc(256, 255).toString('base64url'), e: 'AQ' }],
      ['RSA of 16384 bits', { n: Buffer.alloc(2048, 255).toString('base64url'), e: 'AQAB' }],
    ].map(
      ([name, members]): RefusalRow => ({
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
  ...(['jti', 'htm', 'htu', 'iat', 'ath'] as const).flatMap((name): RefusalRow[] =>
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
    (htm): RefusalRow => ({
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
    (htu): RefusalRow => ({
      row: 20,
      case: `htu ${htu('http://localhost:1')}`,
      headers: withProof(({ origin }) => ({ claims: { htu: htu(origin) } })),
      ...badProof,
      reason: 'proof_url',
    }),
  ),
  {
    row: 20,
    case: 'htu of the Host header',
    headers: (parts) => [
      ...withProof({ claims: { htu: 'http://evil.test/graphql' } })(parts),
      ...['Host', 'evil.test', 'X-Forwarded-Host', 'evil.test', 'X-Forwarded-Proto', 'http'],
    ],
    ...badProof,
    reason: 'proof_url',
  },
  ...[-301, 31, 1e300].map(
    (seconds): RefusalRow => ({
      row: 20,
      case: `iat ${seconds} s from now`,
      headers: withProof(({ issuer }) => ({
        claims: { iat: issuer.clock.seconds() + seconds },
      })),
      ...badProof,
      reason: 'proof_time',
    }),
  ),
  {
    row: 20,
    case: 'exp in the past',
    headers: withProof(({ issuer }) => ({ claims: { exp: issuer.clock.seconds() - 6 } })),
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
];
