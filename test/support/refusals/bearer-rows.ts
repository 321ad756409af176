import { createTestKey, encodeJws, type TestIssuer } from '../tokens.ts';
import { authorization, type RefusalRow } from './refusal-row.ts';

const bearer = (token: string) => authorization(`Bearer ${token}`);

const changed = (
  issuer: TestIssuer,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
) => issuer.sign({ claims, header });

/** Rows with the Bearer scheme, or without credentials. */
export const bearerRows: readonly RefusalRow[] = [
  { row: 1, case: 'no Authorization header', status: 401 },
  { row: 1, case: 'an empty one', headers: () => authorization(''), status: 401 },
  { row: 2, case: 'Basic', headers: () => authorization('Basic dTpw'), status: 401 },
  {
    row: 2,
    case: 'DPoP, where it is off',
    headers: ({ issuer }) => authorization(`DPoP ${issuer.sign()}`),
    status: 401,
    on: 'off',
  },
  {
    row: 3,
    case: 'the scheme alone',
    headers: () => authorization('Bearer'),
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 3,
    case: 'two tokens',
    headers: ({ issuer }) => bearer(`${issuer.sign()} ${issuer.sign()}`),
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 3,
    case: 'a character outside token68',
    headers: () => bearer('a,b'),
    status: 400,
    error: 'invalid_request',
  },
  ...['a=b', '=ab', 'a{b', 'a}', 'a%20b'].map(
    (text): RefusalRow => ({
      row: 3,
      case: `${text}, which is no token68`,
      headers: () => bearer(text),
      status: 400,
      error: 'invalid_request',
    }),
  ),
  {
    row: 4,
    case: 'two headers',
    headers: ({ issuer }) => [...bearer(issuer.sign()), ...bearer(issuer.sign())],
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 4,
    case: 'two headers, the first of them Basic',
    headers: ({ issuer }) => [...authorization('Basic dTpw'), ...bearer(issuer.sign())],
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 5,
    case: 'a token in the query string',
    query: '?access_token=x',
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 5,
    case: 'the same beside a good header',
    query: '?access%5Ftoken=',
    headers: ({ issuer }) => bearer(issuer.sign()),
    status: 400,
    error: 'invalid_request',
  },
  {
    row: 6,
    case: 'an opaque token',
    headers: () => bearer('b3BhcXVl'),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 6,
    case: 'a JWE',
    headers: () => bearer('a.b.c.d.e'),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 6,
    case: 'JSON serialization',
    headers: () => bearer('{"payload":"e30"}'),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 7,
    case: 'padding inside',
    headers: ({ issuer }) => {
      const [head, body, signature] = issuer.sign().split('.');
      return bearer(`${head}=.${body}.${signature}`);
    },
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 8,
    case: 'alg none',
    headers: () => bearer(encodeJws({ alg: 'none' }, { sub: 'x' }, () => Buffer.alloc(0))),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 8,
    case: 'unknown crit',
    headers: ({ issuer }) => bearer(changed(issuer, {}, { crit: ['x'], x: 1 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 9,
    case: 'a bad signature',
    headers: ({ issuer }) => {
      const [head, body] = issuer.sign().split('.');
      return bearer(`${head}.${body}.AAAA`);
    },
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 9,
    case: 'another key of that name',
    headers: ({ issuer }) =>
      bearer(issuer.sign({ key: createTestKey('ES256', issuer.keys[0]?.kid) })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 10,
    case: 'a claim twice',
    headers: ({ issuer }) =>
      bearer(
        encodeJws(
          { alg: 'ES256', kid: issuer.keys[0]?.kid ?? '' },
          '{"sub":"a","sub":"b"}',
          issuer.keys[0] ?? createTestKey(),
        ),
      ),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 11,
    case: 'typ of a logout token',
    headers: ({ issuer }) => bearer(changed(issuer, {}, { typ: 'logout+jwt' })),
    status: 401,
    error: 'invalid_token',
  },
  ...[
    { token_use: 'id' },
    { token_use: 'ID' },
    { typ: 'ID' },
    { typ: 'refresh' },
    { typ: 'Logout' },
    { typ: 'Offline' },
    { events: {} },
  ].map(
    (claims): RefusalRow => ({
      row: 11,
      case: JSON.stringify(claims),
      headers: ({ issuer }) => bearer(changed(issuer, claims)),
      status: 401,
      error: 'invalid_token',
    }),
  ),
  {
    row: 12,
    case: 'issued in 2050',
    headers: ({ issuer }) => bearer(changed(issuer, { iat: 2_524_608_000, exp: 2_524_608_600 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'another issuer',
    headers: ({ issuer }) => bearer(changed(issuer, { iss: 'https://evil.test/' })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'another audience',
    headers: ({ issuer }) => bearer(changed(issuer, { aud: 'https://other.test' })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'no exp',
    headers: ({ issuer }) => bearer(changed(issuer, { exp: undefined })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'expired',
    headers: ({ issuer }) => bearer(changed(issuer, { exp: issuer.clock.seconds() - 6 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 12,
    case: 'not yet valid',
    headers: ({ issuer }) => bearer(changed(issuer, { nbf: issuer.clock.seconds() + 6 })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 13,
    case: 'a required claim is missing',
    headers: ({ issuer }) => bearer(issuer.sign()),
    on: 'strict',
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 24,
    case: 'a token bound to a key',
    headers: ({ issuer }) => bearer(changed(issuer, { cnf: { jkt: 'x' } })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 26,
    case: 'a token bound in another way',
    headers: ({ issuer }) => bearer(changed(issuer, { cnf: { 'x5t#S256': 'x' } })),
    status: 401,
    error: 'invalid_token',
  },
  {
    row: 29,
    case: 'a token of more than 8 KiB',
    headers: () => bearer('a'.repeat(8193)),
    status: 401,
    error: 'invalid_token',
  },
];
