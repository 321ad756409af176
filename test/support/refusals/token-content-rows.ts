// cspell:ignore statuslist
import { deflateRawSync } from 'node:zlib';
import { encodeJws, validParts } from '../tokens.ts';
import type { RefusalRow } from './refusal-row.ts';
import { tokenRow, withHeader, withPayload } from './token-row.ts';

const jsonRow = tokenRow('token_json', 10);
const typeRow = tokenRow('token_type', 11);
const issuerRow = tokenRow('token_issuer', 12);
const audienceRow = tokenRow('token_audience', 12);
const timesRow = tokenRow('token_times', 12);
const expiredRow = tokenRow('token_expired', 12);

/** JSON with one member replaced by text, for numbers that `JSON.stringify` does not write. */
const withNumber = (name: string, text: string) =>
  withPayload((claims) =>
    JSON.stringify({ ...claims, [name]: 'here' }).replace(`"${name}":"here"`, `"${name}":${text}`),
  );

/** Attacks on what a token says that other tables do not have, each with its reason. */
export const tokenContentRows: readonly RefusalRow[] = [
  jsonRow('a payload that is compressed (zip)', ({ header, claims, key }): string =>
    encodeJws({ ...header, zip: 'DEF' }, deflateRawSync(JSON.stringify(claims)), key),
  ),
  jsonRow('a JWS inside a JWS', ({ header, claims, key }) =>
    encodeJws({ ...header, cty: 'JWT' }, encodeJws(header, claims, key), key),
  ),
  jsonRow('a JWE inside a JWS', ({ header, key }) =>
    encodeJws({ ...header, cty: 'JWT' }, 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA', key),
  ),
  ...['"sub":"admin","sub":"admin"', '"\\u0069ss":"https://evil.test/"', '"a":{"b":{},"b":{}}']
    .map((members) => (claims: object) => `${JSON.stringify(claims).slice(0, -1)},${members}}`)
    .map((make, index) => jsonRow(`a duplicate member, ${index + 1}`, withPayload(make))),
  ...[
    '{"a":01}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":0x10}',
    '{"a":1_000}',
    '{"a":Infinity}',
    "{'a':1}",
  ].map((text) =>
    jsonRow(
      `a payload ${text}`,
      withPayload(() => text),
    ),
  ),
  ...['\u0000', '\u2028', '/* */', '//', ';', '\u00a0'].map((text) =>
    jsonRow(
      `a payload with ${JSON.stringify(text)} behind it`,
      withPayload((claims) => `${JSON.stringify(claims)}${text}`),
    ),
  ),

  ...[
    'dpop+jwt',
    'client-authentication+jwt',
    'authorization-grant+jwt',
    'oauth.verification+jwt',
    'entity-statement+jwt',
    'vc+sd-jwt',
    'kb+jwt',
    'statuslist+jwt',
    'jose',
    'JOSE+JSON',
    'at+jwt;charset=utf-8',
    '\u0430t+jwt',
  ].map((typ) => typeRow(`typ ${typ}`, withHeader({ typ }))),
  typeRow('a logout token', ({ issuer, key }) => {
    const { header, claims } = validParts(issuer, key);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return encodeJws({ ...header, typ: 'logout+jwt' }, { ...claims, events }, key);
  }),
  typeRow('a proof as a token', ({ bound, proof }) => {
    const token = bound();
    return proof(token, { claims: { iss: 'https://issuer.test/' } });
  }),

  ...['1e309', '-1e309', '1e30', '9007199254740993000', '-9007199254740993000'].map((text) =>
    timesRow(`exp ${text}`, withNumber('exp', text)),
  ),
  ...['1e-400', '-0', '0.0', '1E0'].map((text) =>
    expiredRow(`exp ${text}`, withNumber('exp', text)),
  ),
  ...[
    'https://issuer.test\u200B/',
    'https://issu\u0435r.test/',
    'https://issuer.test/\u0000',
    'https://issuer.test/#',
    'https://issuer.test/?',
    'https://issuer.test:443/',
    'https://issuer.test/%2F',
    'https://user@issuer.test/',
    'http://issuer.test/',
    'https:\\\\issuer.test\\',
    ' https://issuer.test/',
    'https://issuer.test./',
    'HTTPS://issuer.test/',
  ].map((iss) =>
    issuerRow(
      `iss ${JSON.stringify(iss)}`,
      withPayload((claims) => ({ ...claims, iss })),
    ),
  ),
  ...[
    'https://api.test\u0000',
    'https://\u0430pi.test',
    'https://api.test,https://other.test',
    '*',
    ['*'],
    { 0: 'https://api.test', length: 1 },
    ['https://api.test', null],
    [{ toString: 'https://api.test' }],
    [],
    true,
  ].map((aud) =>
    audienceRow(
      `aud ${JSON.stringify(aud)}`,
      withPayload((claims) => ({ ...claims, aud })),
    ),
  ),
];
