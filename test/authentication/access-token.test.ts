import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuthErrorReason } from '../../src/authentication/auth-error-reasons.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import { viewerId } from '../../src/authentication/viewer.ts';
import { authenticatorFor, bearer, refusalOf } from '../support/authentication.ts';
import {
  createTestIssuer,
  createTestKey,
  encodeJws,
  fetchOf,
  type TestKey,
  type TokenOverrides,
  type TokenPart,
  validParts,
} from '../support/tokens.ts';

const rsaKey = createTestKey('RS256', 'rsa');
const ecKey = createTestKey('ES256', 'ec');
const issuer = createTestIssuer({ key: rsaKey });
issuer.rotate(rsaKey, ecKey);
const strangerKey = createTestKey('ES256', 'ec');
const now = issuer.clock.seconds();

const authenticate = (token: string, options: Partial<AuthenticatorOptions> = {}) =>
  authenticatorFor(issuer, options).authenticate(bearer(token));

async function expectRefusal(
  token: string,
  reason: AuthErrorReason,
  options: Partial<AuthenticatorOptions> = {},
): Promise<void> {
  const refusal = await refusalOf(authenticate(token, options));
  expect({ ...refusal }).toMatchObject({
    reason,
    status: 401,
    code: 'UNAUTHENTICATED',
    error: 'invalid_token',
    scheme: 'Bearer',
  });
  expect(refusal.message).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  expect(refusal.cause).toBeUndefined();
  expect(issuer.requests.others).toEqual([]);
}

const { header, claims } = validParts(issuer, ecKey);
const claimsText = JSON.stringify(claims);
const headerText = JSON.stringify(header);
const withHeader = (changed: TokenPart, signer: Parameters<typeof encodeJws>[2] = ecKey) =>
  encodeJws(changed, claims, signer);
const withPayload = (payload: TokenPart) => encodeJws(header, payload, ecKey);
const [valid0 = '', valid1 = '', valid2 = ''] = encodeJws(header, claims, ecKey).split('.');

/** Adds members to the end of a JSON object. */
const append = (text: string, members: string) => `${text.slice(0, -1)},${members}}`;

/** The same bytes with a spare bit set in the last character. */
function withSpareBit(segment: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(segment.slice(-1));
  expect(segment.length % 4).not.toBe(0);
  return segment.slice(0, -1) + alphabet[last + 1];
}

describe('a valid token', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'])(
    'is accepted with %s',
    async (algorithm) => {
      const signedSo = createTestIssuer({ key: createTestKey(algorithm) });
      const viewer = await authenticatorFor(signedSo).authenticate(bearer(signedSo.sign()));
      expect(viewer.kind).toBe('authenticated');
    },
  );

  it.each(['EdDSA', 'Ed25519'])('is accepted with %s', async (algorithm) => {
    const signedSo = createTestIssuer({ key: createTestKey(algorithm) });
    const viewer = await authenticatorFor(signedSo).authenticate(bearer(signedSo.sign()));
    expect(viewer.kind).toBe('authenticated');
  });

  it('results in a viewer', async () => {
    const extra = { scope: 'a b', scp: ['c', 7, ''], permissions: ['b', 'd e'], tenant: null };
    const token = issuer.sign({ claims: extra });
    const viewer = await authenticate(token);
    expect(viewer).toEqual({
      kind: 'authenticated',
      id: viewerId({ issuer: issuer.issuer, subject: 'auth0|somebody' }),
      subject: 'auth0|somebody',
      issuer: issuer.issuer,
      clientId: 'test-client',
      scopes: new Set(['a', 'b', 'c', 'd e']),
      claims: expect.objectContaining(extra),
      expiresAt: new Date((now + 600) * 1000),
    });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['scp as a string', { scp: 'a  b ' }, ['a', 'b']],
    ['none', {}, []],
    ['an array in scope', { scope: ['a', 'b'] }, ['a', 'b']],
    ['other types of values', { scope: { a: 1 }, scp: 7, permissions: 'b' }, []],
    ['only spaces separate', { scope: 'a\tb,c' }, ['a\tb,c']],
    ['case-sensitive', { scope: 'A a' }, ['A', 'a']],
  ])('has the scopes of its claims: %s', async (_, scopeClaims, scopes) => {
    const viewer = await authenticate(issuer.sign({ claims: scopeClaims }));
    expect(viewer).toMatchObject({ scopes: new Set(scopes) });
  });

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['client_id', { client_id: 'a', azp: 'b' }, 'a'],
    ['azp', { client_id: undefined, azp: 'b' }, 'b'],
    ['neither', { client_id: undefined }, undefined],
  ])('names its client: %s', async (_, clientClaims, clientId) => {
    const viewer = await authenticate(issuer.sign({ claims: clientClaims }));
    expect(viewer.kind === 'authenticated' && viewer.clientId).toBe(clientId);
  });

  it.each<[string, TokenOverrides]>([
    ['typ JWT', { header: { typ: 'JWT' } }],
    ['no typ', { header: { typ: undefined } }],
    ['typ in upper case, as a full media type', { header: { typ: 'APPLICATION/AT+JWT' } }],
    ['no kid', { header: { kid: undefined } }],
    ['no kid, and the other key', { header: { kid: undefined }, key: rsaKey }],
    ['b64 true', { header: { b64: true } }],
    ['an audience among others', { claims: { aud: ['https://other.test', 'https://api.test'] } }],
    ['expired within the tolerance', { claims: { exp: now - 4 } }],
    ['valid in 5 s', { claims: { nbf: now + 5 } }],
    ['issued in 5 s', { claims: { iat: now + 5 } }],
    ['issued long ago', { claims: { iat: 0 } }],
    ['fractions of seconds', { claims: { exp: now + 0.5 } }],
    ['no iat', { claims: { iat: undefined } }],
    ['cnf null', { claims: { cnf: null } }],
    ['the same member in two objects', { claims: { a: { b: 1 }, b: { b: 2 } } }],
    ['a value that is like a name', { claims: { list: ['a', 'a', '"a":', '\\'], a: 'a' } }],
    [
      'keys and key URLs in the header',
      {
        header: {
          jwk: strangerKey.jwk,
          jku: 'https://evil.test/keys',
          x5u: 'https://evil.test/certificate',
          x5c: ['AAAA'],
        },
      },
    ],
  ])('is accepted: %s', async (_, overrides) => {
    expect(await authenticate(issuer.sign(overrides))).toMatchObject({ kind: 'authenticated' });
    expect(issuer.requests.others).toEqual([]);
  });
});

describe('row 6: not a JWS', () => {
  it.each([
    ['opaque', 'mF_9.B5f-4.1JqM.x'],
    ['opaque, without dots', '0123456789abcdef'],
    ['opaque, padded', 'YWJj=='],
    ['two segments', `${valid0}.${valid1}`],
    ['a JWE', `${valid0}.${valid1}.${valid2}.AAAA.AAAA`],
    ['a JWE with an empty key', 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'],
    ['a dot at the end', `${valid0}.${valid1}.${valid2}.`],
    ['flattened JSON', `{"protected":"${valid0}","payload":"${valid1}","signature":"${valid2}"}`],
    ['general JSON, spaced', `{ "payload": "${valid1}", "signatures": [] }`],
  ])('%s', (_, token) => expectRefusal(token, 'token_not_jws'));

  it('suggests requesting a JWT for this audience', async () => {
    const refusal = await refusalOf(authenticate('opaque'));
    expect(refusal.message).toContain('Request one with the audience of this API');
  });
});

describe('row 7: not canonical', () => {
  // One of three adjacent lengths has spare bits in its last character.
  const [u0, u1 = '', u2] =
    [0, 1, 2]
      .map((length) => encodeJws(header, { ...claims, f: 'a'.repeat(length) }, ecKey).split('.'))
      .find(([, payload = '']) => payload.length % 4 !== 0) ?? [];

  it.each([
    ['padding', `${valid0}.${valid1}.${valid2}==`],
    ['padding in the payload', `${valid0}.${valid1}=.${valid2}`],
    ['padding in front', `=${valid0}.${valid1}.${valid2}`],
    ['spare bits in the signature', `${valid0}.${valid1}.${withSpareBit(valid2)}`],
    ['spare bits in the payload', `${u0}.${withSpareBit(u1)}.${u2}`],
    ['characters of plain base64', `${valid0}.${valid1}.${valid2.slice(0, -4)}+/+/`],
    ['a tilde', `${valid0}.${valid1}~.${valid2}`],
    ['a segment that is one character too long', `${valid0}.${valid1}.${valid2.slice(0, -1)}`],
  ])('%s', (_, token) => expectRefusal(token, 'token_not_canonical'));

  it.each([
    ['a space', `${valid0}. ${valid1}.${valid2}`],
    ['a tab', `${valid0}.\t${valid1}.${valid2}`],
  ])('white space is two tokens already: %s', async (_, token) => {
    expect(await refusalOf(authenticate(token))).toMatchObject({ status: 400 });
  });
});

describe('row 8: a signature algorithm that is not accepted', () => {
  const publicPem = rsaKey.publicKey.export({ type: 'spki', format: 'pem' });
  const hmac = (secret: string | Buffer) => (bytes: Buffer) =>
    createHmac('sha256', secret).update(bytes).digest();
  const unsigned = () => Buffer.alloc(0);
  const hs256 = { ...header, alg: 'HS256', kid: rsaKey.kid };

  it.each([
    ['none', withHeader({ ...header, alg: 'none' }, unsigned)],
    ['None', withHeader({ ...header, alg: 'None' }, unsigned)],
    ['NONE', withHeader({ ...header, alg: 'NONE' }, unsigned)],
    ['nOnE, signed', withHeader({ ...header, alg: 'nOnE' })],
    ['none with a space', withHeader({ ...header, alg: 'none ' }, unsigned)],
    ['no alg', withHeader({ typ: 'at+jwt', kid: ecKey.kid })],
    ['alg empty', withHeader({ ...header, alg: '' })],
    ['alg null', withHeader({ ...header, alg: null })],
    ['alg a list', withHeader({ ...header, alg: ['ES256'] })],
    ['alg in lower case', withHeader({ ...header, alg: 'es256' })],
    ['alg that names a prototype', withHeader({ ...header, alg: 'constructor' })],
    ['HS256 with the public key as the secret', withHeader(hs256, hmac(publicPem))],
    ['the same without its last line break', withHeader(hs256, hmac(`${publicPem}`.trim()))],
    ['HS256 with an empty secret', withHeader(hs256, hmac(''))],
    ['HS384', withHeader({ ...hs256, alg: 'HS384' })],
    ['HS512', withHeader({ ...hs256, alg: 'HS512' })],
    ['an encryption algorithm', withHeader({ ...header, alg: 'RSA-OAEP' })],
    ['a curve that is not supported', withHeader({ ...header, alg: 'ES256K' })],
    ['an unknown crit', withHeader({ ...header, crit: ['x'], x: 1 })],
    ['crit b64', withHeader({ ...header, crit: ['b64'], b64: true })],
    ['crit empty', withHeader({ ...header, crit: [] })],
    ['crit null', withHeader({ ...header, crit: null })],
    ['b64 false', withHeader({ ...header, b64: false })],
    ['b64 false, critical', withHeader({ ...header, crit: ['b64'], b64: false })],
    ['b64 null', withHeader({ ...header, b64: null })],
  ])('%s', (_, token) => expectRefusal(token, 'token_algorithm'));

  it('an algorithm that is supported, but not configured', () =>
    expectRefusal(issuer.sign(), 'token_algorithm', { algorithms: ['RS256'] }));

  it('accepts configured algorithms', async () => {
    const viewer = await authenticate(issuer.sign(), { algorithms: ['ES256'] });
    expect(viewer.kind).toBe('authenticated');
  });
});

describe('row 9: an invalid signature', () => {
  const zeros = () => Buffer.alloc(64);
  const other = createTestIssuer({ issuer: 'https://other.test', key: strangerKey });
  const embedding: TestKey = createTestKey('ES256', 'embedded');

  it.each<[string, string]>([
    ['an unknown kid', withHeader({ ...header, kid: 'unknown' })],
    ['a kid in another case', withHeader({ ...header, kid: 'EC' })],
    ['an empty kid', withHeader({ ...header, kid: '' })],
    ['a kid that is a number', withHeader({ ...header, kid: 1 })],
    ['a kid that is null', withHeader({ ...header, kid: null })],
    ['a kid that is a path', withHeader({ ...header, kid: '../../../../dev/null' }, zeros)],
    ['a kid that is SQL', withHeader({ ...header, kid: "x' UNION SELECT 'key" })],
    ['a kid that is a URL', withHeader({ ...header, kid: 'https://evil.test/key' })],
    ['a kid that names a prototype', withHeader({ ...header, kid: '__proto__' })],
    ['the kid of another kind of key', withHeader({ ...header, kid: 'rsa' })],
    ['another key', withHeader(header, strangerKey)],
    ['another key, and no kid', withHeader({ ...header, kid: undefined }, strangerKey)],
    ['an empty signature', `${valid0}.${valid1}.`],
    ['zeros (r = s = 0)', withHeader(header, zeros)],
    ['a signature in DER', withHeader(header, () => Buffer.alloc(70, 1))],
    [
      'a changed payload',
      `${valid0}.${withPayload({ ...claims, sub: 'x' }).split('.')[1]}.${valid2}`,
    ],
    ['the key in jwk', withHeader({ ...header, kid: undefined, jwk: embedding.jwk }, embedding)],
    [
      'the key in jwk, and its kid',
      withHeader({ ...header, kid: embedding.kid, jwk: embedding.jwk }, embedding),
    ],
    ['the key behind jku', withHeader({ ...header, jku: 'https://evil.test/keys' }, embedding)],
    ['the key behind x5u', withHeader({ ...header, x5u: 'https://evil.test/key' }, embedding)],
    ['the key in x5c', withHeader({ ...header, x5c: ['MIIB'] }, embedding)],
    [
      'PS256 with a key for RS256',
      withHeader({ ...header, alg: 'PS256', kid: 'rsa' }, { ...rsaKey, algorithm: 'PS256' }),
    ],
  ])('%s', (_, token) => expectRefusal(token, 'token_signature'));

  it('without a kid: verifies with any key that fits, and no other', async () => {
    const many = createTestIssuer();
    const [first, second, third] = [createTestKey(), createTestKey(), createTestKey()];
    many.rotate(first, second);
    const authenticator = authenticatorFor(many);
    const authenticateWith = (key: TestKey) =>
      authenticator.authenticate(bearer(many.sign({ key, header: { kid: undefined } })));
    expect((await authenticateWith(first)).kind).toBe('authenticated');
    expect((await authenticateWith(second)).kind).toBe('authenticated');
    expect(await refusalOf(authenticateWith(third))).toMatchObject({ reason: 'token_signature' });
  });

  it("another trusted issuer's key", async () => {
    const both = {
      issuer: [issuer.issuer, other.issuer],
      fetch: fetchOf(issuer, other),
    };
    expect((await authenticate(issuer.sign(), both)).kind).toBe('authenticated');
    expect((await authenticate(other.sign(), both)).kind).toBe('authenticated');
    await expectRefusal(issuer.sign({ key: strangerKey }), 'token_signature', both);
    await expectRefusal(
      issuer.sign({ key: strangerKey, header: { kid: undefined } }),
      'token_signature',
      both,
    );
    await expectRefusal(other.sign({ key: ecKey }), 'token_signature', both);
  });
});

describe('row 10: malformed content', () => {
  const invalidUtf8 = Buffer.from(append(claimsText, '"x":"?"'));
  invalidUtf8[invalidUtf8.lastIndexOf('?')] = 0xff;
  const overlong = Buffer.concat([
    Buffer.from('{"a":"'),
    Buffer.from([0xc0, 0xaf]),
    Buffer.from('"}'),
  ]);
  const deep = (count: number) => '['.repeat(count) + ']'.repeat(count);

  it.each([
    ['iss twice', withPayload(append(claimsText, '"iss":"https://evil.test"'))],
    ['iss twice, alike', withPayload(append(claimsText, `"iss":"${issuer.issuer}"`))],
    ['aud twice', withPayload(append(claimsText, '"aud":"x"'))],
    ['exp twice', withPayload(append(claimsText, '"exp":99999999999'))],
    ['a name escaped', withPayload(append(claimsText, '"\\u0073ub":"admin"'))],
    ['white space before the colon', withPayload(append(claimsText, '"sub" \n\t:"admin"'))],
    ['inside an object', withPayload(append(claimsText, '"a":{"b":1,"b":1}'))],
    ['inside a list', withPayload(append(claimsText, '"a":[[{"b":1},{"b":[],"b":1}]]'))],
    ['after a nested object', withPayload(append(claimsText, '"a":{"b":{"a":1},"b":1}'))],
    ['after a string that looks like an end', withPayload(append(claimsText, '"a":"}","a":"{"'))],
    ['after an escaped quote', withPayload(append(claimsText, '"a":"\\"","a":1'))],
    ['after an escaped backslash', withPayload(append(claimsText, '"a":"\\\\","a":1'))],
    ['an empty name', withPayload(append(claimsText, '"":1,"":2'))],
    ['__proto__ twice', withPayload(append(claimsText, '"__proto__":1,"__proto__":2'))],
    ['alg twice in the header', withHeader(append(headerText, '"alg":"none"'))],
    ['kid twice in the header', withHeader(append(headerText, '"kid":"ec"'))],
    ['bytes that are not UTF-8', withPayload(invalidUtf8)],
    ['overlong UTF-8', withPayload(overlong)],
    ['bytes that are not UTF-8 in the header', withHeader(Buffer.from([0x7b, 0xff, 0x7d]))],
    ['a byte order mark', withPayload(`\ufeff${claimsText}`)],
    ['UTF-16', withPayload(Buffer.from(claimsText, 'utf16le'))],
    ['a list', withPayload(`[${claimsText}]`)],
    ['a string', withPayload('"a"')],
    ['null', withPayload('null')],
    ['nothing', withPayload('')],
    ['two values', withPayload(`${claimsText}{}`)],
    ['a trailing comma', withPayload(`${claimsText.slice(0, -1)},}`)],
    ['NaN', withPayload(append(claimsText, '"x":NaN'))],
    ['a header that is a list', withHeader('["ES256"]')],
    ['a header that is not JSON', withHeader('alg')],
    ['an empty header', withHeader('')],
    ['unclosed brackets', withPayload('['.repeat(5800))],
    ['unclosed objects', withPayload('{"a":'.repeat(1100))],
    ['deep lists for a payload', withPayload(deep(2900))],
    ['more than 64 levels', withPayload(append(claimsText, `"deep":${deep(64)}`))],
    ['more than 64 levels in the header', withHeader(append(headerText, `"deep":${deep(64)}`))],
  ])('%s', (_, token) => expectRefusal(token, 'token_json'));

  it('accepts 64 levels', async () => {
    const token = withPayload(append(claimsText, `"deep":${deep(63)}`));
    expect((await authenticate(token)).kind).toBe('authenticated');
  });
});

describe('row 11: another kind of token', () => {
  it.each([
    'id_token+jwt',
    'dpop+jwt',
    'logout+jwt',
    'secevent+jwt',
    'token-introspection+jwt',
    'oauth-authz-req+jwt',
    'at',
    'at+jwt ',
    'application/',
    'application/application/at+jwt',
    'text/at+jwt',
    '',
    null,
    7,
    ['at+jwt'],
  ])('typ %j', (typ) => expectRefusal(issuer.sign({ header: { typ } }), 'token_type'));

  it.each(['JWT', 'jwt', 'application/jwt', undefined])('typ %j in the profile rfc9068', (typ) =>
    expectRefusal(issuer.sign({ header: { typ } }), 'token_type', { profile: 'rfc9068' }),
  );

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])(
    'typ %j is accepted by both profiles',
    async (typ) => {
      const token = issuer.sign({ header: { typ } });
      expect((await authenticate(token, { profile: 'rfc9068' })).kind).toBe('authenticated');
      expect((await authenticate(token)).kind).toBe('authenticated');
    },
  );
});

describe('row 11: another kind of token, by its payload', () => {
  const kinds: readonly Record<string, unknown>[] = [
    ...['id', 'ID', 'Id', 'refresh', 'Access', 'ACCESS', 'access_token', '', ' access', null].map(
      (token_use) => ({ token_use }),
    ),
    ...[7, true, {}, [], ['access']].map((token_use) => ({ token_use })),
    ...['ID', 'id', 'Refresh', 'REFRESH', 'Offline', 'offline', 'Logout', 'LOGOUT', ' ID '].map(
      (typ) => ({ typ }),
    ),
    ...['id_token', 'ID-Token', 'IdToken', 'refresh_token', 'Serialized-ID', 'logout+jwt'].map(
      (typ) => ({ typ }),
    ),
    ...['application/logout+jwt', 'InitialAccessToken', 'RegistrationAccessToken', ['ID']].map(
      (typ) => ({ typ }),
    ),
    ...['id_token', 'refresh_token', 'ID_TOKEN'].map((type) => ({
      token_type: `urn:ietf:params:oauth:token-type:${type}`,
    })),
    ...['secevent+jwt', 'application/secevent+jwt', 'token-introspection+jwt'].map((typ) => ({
      typ,
    })),
    ...['Refresh Token JWT', 'ID Token JWT', 'refresh_jwt'].map((typ) => ({ typ })),
    ...['refresh', 'id_token', 'authorization_code'].map((type) => ({ type })),
    { tokenUse: 'id' },
    { tokenUse: 'refresh' },
    { token_kind: 'refresh' },
    { token_introspection: { active: true } },
    { token_introspection: null },
    { tokenName: 'id_token' },
    { tokenType: 'refresh-token' },
    { token_type: 'refresh' },
    { purpose: 'id' },
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    ...[{}, null, [], '', 0].map((events) => ({ events })),
    { c_hash: 'LDktKdoQak3Pk0cnXxCltA' },
    { s_hash: 'bOhtX8F73IMjSPeVAqxyTQ' },
    // Even with claims that mark access tokens elsewhere.
    { typ: 'Bearer', token_use: 'id' },
    { typ: 'ID', token_use: 'access', scope: 'read:messages' },
  ];
  it.each(kinds)('%j', async (more) => {
    for (const typ of ['at+jwt', 'JWT', undefined]) {
      await expectRefusal(issuer.sign({ header: { typ }, claims: more }), 'token_type');
    }
    await expectRefusal(issuer.sign({ claims: more }), 'token_type', { profile: 'rfc9068' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['Keycloak', { typ: 'Bearer', azp: 'app', session_state: 'x', sid: 'x' }],
    ['Keycloak, bound to a key', { typ: 'DPoP' }],
    ['Cognito', { token_use: 'access', client_id: 'app', username: 'x' }],
    ['ForgeRock and PingAM', { tokenName: 'access_token', token_type: 'Bearer' }],
    ['Casdoor', { tokenType: 'access-token' }],
    ['Django', { token_type: 'access' }],
    ['Curity', { purpose: 'access_token' }],
    ['token exchange', { token_type: 'urn:ietf:params:oauth:token-type:access_token' }],
    ['token exchange, any JWT', { token_type: 'urn:ietf:params:oauth:token-type:jwt' }],
    ['other claims that name the kind', { type: 'access', tokenUse: 'access' }],
    ['claims that name a type of client', { type: 'user', typ: 'JWT', tokenUse: 'Bearer' }],
    ['a typ of RFC 9068 in the payload', { typ: 'at+jwt' }],
    ['Dex, which signs both kinds the same way', { at_hash: 'x', nonce: 'y' }],
    ['Auth0', { azp: 'app', gty: 'client-credentials', permissions: [] }],
    ['Entra', { ver: '2.0', uti: 'x', scp: 'a', nonce: 'n', idtyp: 'user' }],
    ['Okta', { ver: 1, cid: 'app', uid: 'x', scp: ['a'] }],
    ['other claims of such names', { typ: 7, purpose: 'identity', tokenType: null }],
    ['inside other claims', { act: { token_use: 'id', typ: 'ID', events: {} } }],
  ])('is not seen in access tokens of %s', async (_, more) => {
    expect((await authenticate(issuer.sign({ claims: more }))).kind).toBe('authenticated');
  });
});

describe('row 12: issuer, audience, times', () => {
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['another', 'https://evil.test/'],
    ['without its slash', 'https://issuer.test'],
    ['with an extra slash', 'https://issuer.test//'],
    ['in another case', 'https://ISSUER.test/'],
    ['with a space', 'https://issuer.test/ '],
    ['a prefix of another', 'https://issuer.test/.evil.test'],
    ['a list', ['https://issuer.test/']],
    ['a name on the prototype', 'constructor'],
  ])('iss %s', (_, iss) => expectRefusal(issuer.sign({ claims: { iss } }), 'token_issuer'));

  it('iss is not read from a prototype', () => {
    const { iss, ...rest } = claims;
    const text = append(JSON.stringify(rest), `"__proto__":{"iss":"${iss}"}`);
    return expectRefusal(withPayload(text), 'token_issuer');
  });

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['another', 'https://other.test'],
    ['empty', ''],
    ['an empty list', []],
    ['a longer one', 'https://api.test/more'],
    ['a shorter one', 'https://api'],
    ['with a slash', 'https://api.test/'],
    ['in another case', 'https://API.test'],
    ['among others in one string', 'https://other.test https://api.test'],
    ['in a list in a list', [['https://api.test']]],
    ['beside a number', [7, 'https://api.test']],
    ['an object', { 'https://api.test': true }],
  ])('aud %s', (_, aud) => expectRefusal(issuer.sign({ claims: { aud } }), 'token_audience'));

  it('accepts any of several audiences', async () => {
    const audience = ['https://api.test', 'api-2'];
    const second = await authenticate(issuer.sign({ claims: { aud: 'api-2' } }), { audience });
    expect(second.kind).toBe('authenticated');
    await expectRefusal(issuer.sign({ claims: { aud: 'api-3' } }), 'token_audience', { audience });
  });

  it.each<[string, Record<string, unknown>, AuthErrorReason]>([
    ['exp missing', { exp: undefined }, 'token_times'],
    ['exp null', { exp: null }, 'token_times'],
    ['exp a string', { exp: `${now + 600}` }, 'token_times'],
    ['exp a list', { exp: [now + 600] }, 'token_times'],
    ['exp beyond the range of Date', { exp: 1e300 }, 'token_times'],
    ['nbf a string', { nbf: `${now}` }, 'token_times'],
    ['nbf null', { nbf: null }, 'token_times'],
    ['iat a string', { iat: `${now}` }, 'token_times'],
    ['iat true', { iat: true }, 'token_times'],
    ['exp 0', { exp: 0 }, 'token_expired'],
    ['exp below 0', { exp: -1 }, 'token_expired'],
    ['expired as long ago as the tolerance', { exp: now - 5 }, 'token_expired'],
    ['expired', { exp: now - 3600 }, 'token_expired'],
    ['exp in milliseconds, an hour ago', { exp: now - 3600, iat: now * 1000 }, 'token_expired'],
    ['valid later', { nbf: now + 5.1 }, 'token_not_yet_valid'],
    ['issued later', { iat: now + 5.1 }, 'token_not_yet_valid'],
    ['issued in 2050', { iat: 2_524_608_000, exp: 2_524_608_600 }, 'token_not_yet_valid'],
    ['issued at the end of time', { iat: 8.64e12, exp: 8.64e12 }, 'token_not_yet_valid'],
    ['iat in milliseconds', { iat: now * 1000 }, 'token_not_yet_valid'],
  ])('%s', (_, timeClaims, reason) => expectRefusal(issuer.sign({ claims: timeClaims }), reason));

  it.each(['exp', 'nbf', 'iat'])('%s as 1e400, which only JSON allows', (name) => {
    const rest = JSON.stringify({ ...claims, [name]: undefined });
    return expectRefusal(withPayload(append(rest, `"${name}":1e400`)), 'token_times');
  });

  it('uses the injected clock', async () => {
    const later = createTestIssuer({ key: ecKey });
    const authenticator = authenticatorFor(later, { clockTolerance: 0 });
    const token = later.sign();
    expect((await authenticator.authenticate(bearer(token))).kind).toBe('authenticated');
    later.clock.advance(600);
    const refusal = await refusalOf(authenticator.authenticate(bearer(token)));
    expect(refusal.reason).toBe('token_expired');
  });
});

describe('a token without a subject', () => {
  it.each([undefined, null, '', 7, ['a']])('sub %j', (sub) =>
    expectRefusal(issuer.sign({ claims: { sub } }), 'token_subject'),
  );
});

describe('the profile rfc9068', () => {
  it.each<[string, unknown]>([
    ['client_id', undefined],
    ['client_id', null],
    ['client_id', ''],
    ['client_id', 7],
    ['iat', undefined],
    ['jti', undefined],
    ['jti', ''],
  ])('requires %s, not %j', async (name, value) => {
    const token = issuer.sign({ claims: { [name]: value } });
    await expectRefusal(token, 'token_profile', { profile: 'rfc9068' });
    expect((await authenticate(token)).kind).toBe('authenticated');
  });
});

describe('row 13: a required claim', () => {
  const requiredClaims = ['sub', 'https://api.test/tenant'];
  it.each<[string, Record<string, unknown>]>([
    ['missing', {}],
    ['null', { 'https://api.test/tenant': null }],
    ['null at a path', { 'https://api': { 'test/tenant': null } }],
  ])('%s', async (_, more) => {
    const token = issuer.sign({ claims: more });
    await expectRefusal(token, 'token_claim', { requiredClaims });
    const refusal = await refusalOf(authenticate(token, { requiredClaims }));
    expect(refusal.message).toContain('the required claim https://api.test/tenant.');
  });

  it('is present at a path', async () => {
    const token = issuer.sign({ claims: { realm_access: { roles: ['a'] } } });
    const options = { requiredClaims: ['realm_access.roles'] };
    expect((await authenticate(token, options)).kind).toBe('authenticated');
    await expectRefusal(issuer.sign(), 'token_claim', options);
  });

  it.each(['constructor', 'toString', '__proto__'])('%s, which every object inherits', (name) =>
    expectRefusal(issuer.sign(), 'token_claim', { requiredClaims: [name] }),
  );

  it.each(['a', '', 0, false, []])('is present as %j', async (value) => {
    const token = issuer.sign({ claims: { 'https://api.test/tenant': value } });
    expect((await authenticate(token, { requiredClaims })).kind).toBe('authenticated');
  });
});

describe('the claim act', () => {
  const chain = (length: number): Record<string, unknown> => ({
    sub: `actor ${length}`,
    ...(length > 1 ? { act: chain(length - 1) } : {}),
  });

  it.each<[string, unknown, readonly object[] | undefined]>([
    ['missing', undefined, undefined],
    ['null', null, undefined],
    ['a subject', { sub: 'a' }, [{ subject: 'a', claims: { sub: 'a' } }]],
    [
      'a subject of another issuer',
      { sub: 'a', iss: 'https://other.test/' },
      [{ subject: 'a', issuer: 'https://other.test/' }],
    ],
    ['other claims only', { client_id: 'a' }, [{ claims: { client_id: 'a' } }]],
    ['an earlier actor', { sub: 'b', act: { sub: 'a' } }, [{ subject: 'b' }, { subject: 'a' }]],
    ['no earlier actor', { sub: 'b', act: null }, [{ subject: 'b' }]],
    [
      'ten actors',
      chain(10),
      Array.from({ length: 10 }, (_, at) => ({ subject: `actor ${10 - at}` })),
    ],
  ])('%s', async (_, act, actors) => {
    const viewer = await authenticate(issuer.sign({ claims: { act } }));
    expect(viewer).toMatchObject({ subject: 'auth0|somebody' });
    if (actors === undefined) expect(viewer).not.toHaveProperty('actors');
    else expect(viewer).toHaveProperty('actors.length', actors.length);
    if (actors !== undefined) expect(viewer).toMatchObject({ actors });
  });

  it.each<[string, unknown]>([
    ['a string', 'service'],
    ['empty', ''],
    ['a list', [{ sub: 'a' }]],
    ['true', true],
    ['an actor whose subject is a number', { sub: 7 }],
    ['an actor whose subject is empty', { sub: '' }],
    ['an actor whose issuer is a list', { sub: 'a', iss: ['x'] }],
    ['an earlier actor that is a string', { sub: 'b', act: 'a' }],
    ['eleven actors', chain(11)],
    ['dozens of actors', chain(60)],
  ])('is rejected: %s', (_, act) => expectRefusal(issuer.sign({ claims: { act } }), 'token_actor'));
});

describe('rows 24 and 26: bound tokens', () => {
  const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
  it.each<[string, unknown, AuthErrorReason]>([
    ['row 24: to a key', { jkt }, 'token_bound'],
    ['row 24: to a key with an empty thumbprint', { jkt: '' }, 'token_bound'],
    ['row 26: to a certificate', { 'x5t#S256': jkt }, 'token_confirmation'],
    ['row 26: to a key and a certificate', { jkt, 'x5t#S256': jkt }, 'token_confirmation'],
    ['row 26: to a whole key', { jwk: ecKey.jwk }, 'token_confirmation'],
    ['row 26: to nothing', {}, 'token_confirmation'],
    ['row 26: jkt not a string', { jkt: 7 }, 'token_confirmation'],
    ['row 26: jkt null', { jkt: null }, 'token_confirmation'],
    ['row 26: cnf a string', jkt, 'token_confirmation'],
    ['row 26: cnf a list', [{ jkt }], 'token_confirmation'],
    ['row 26: cnf false', false, 'token_confirmation'],
  ])('%s', (_, cnf, reason) => expectRefusal(issuer.sign({ claims: { cnf } }), reason));
});
