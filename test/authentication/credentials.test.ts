import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuthError } from '../../src/authentication/auth-error.ts';
import type { AuthScheme } from '../../src/authentication/auth-error-reasons.ts';
import type { DpopMode } from '../../src/authentication/credentials.ts';
import { anyText } from '../support/any-text.ts';
import { authenticatorFor, outcomeOf, refusalOf, requestWith } from '../support/authentication.ts';
import { createTestIssuer } from '../support/tokens.ts';

const issuer = createTestIssuer();
const authenticator = authenticatorFor(issuer);
const token = issuer.sign();
const megabyte = 1024 * 1024;

describe('accepted', () => {
  it.each([
    ['row 1: no header', undefined],
    ['row 1: an empty value', ''],
    ['row 1: only white space', ' \t '],
    ['row 2: Basic', 'Basic dXNlcjpwYXNz'],
    ['row 2: Basic with one of our tokens', `Basic ${token}`],
    ['row 2: an unknown scheme alone', 'Negotiate'],
    ['row 2: Digest with parameters', 'Digest username="bearer", realm="a, b", bearer = "c"'],
    ['row 2: a longer scheme', `Bearers ${token}`],
    ['row 2: a bare token', token],
    ['row 2: DPoP, with DPoP off', `DPoP ${token}`],
  ])('%s is anonymous', async (_, authorization) => {
    expect(await authenticator.authenticate(requestWith(authorization))).toEqual({
      kind: 'anonymous',
    });
  });

  it.each([
    ['the usual form', `Bearer ${token}`],
    ['lower case', `bearer ${token}`],
    ['upper case', `BEARER ${token}`],
    ['several spaces', `Bearer    ${token}`],
    ['surrounding white space', ` \tBearer ${token}\t `],
  ])('%s is authenticated', async (_, authorization) => {
    const request = { ...requestWith(undefined), headers: { get: () => authorization } };
    expect(await authenticator.authenticate(request)).toMatchObject({ kind: 'authenticated' });
  });
});

describe('row 3: malformed', () => {
  it.each([
    ['a scheme alone', 'Bearer'],
    ['a scheme and spaces', 'Bearer   '],
    ['two tokens', `Bearer ${token} ${token}`],
    ['a tab instead of a space', `Bearer\t${token}`],
    ['a colon after the scheme', `Bearer: ${token}`],
    ['a comma after the scheme', `Bearer, ${token}`],
    ['quotes', `Bearer "${token}"`],
    ['a comma at the end', `Bearer ${token},`],
    ['angle brackets', `Bearer <${token}>`],
    ['a no-break space', `Bearer ${token}\u00a0`],
    ['a letter outside ASCII', 'Bearer t\u00f6ken'],
    ['a percent escape', 'Bearer a%20b'],
    ['a parameter', `Bearer token="${token}"`],
    ['an equals sign inside', 'Bearer a=b'],
    ['an equals sign first', 'Bearer =ab'],
    ['only equals signs', 'Bearer =='],
    ['an equals sign inside a segment', `Bearer ${token.replace('.', '=a.')}`],
    ['padding, and more', 'Bearer YWI==c'],
    ['a brace inside', 'Bearer a{b'],
    ['a brace at the end', `Bearer ${token}}`],
    ['no scheme', '"Bearer" abc'],
    ['a comma first', `, Bearer ${token}`],
    ['a megabyte with a space in it', `Bearer ${'a'.repeat(megabyte)} b`],
  ])('%s', async (_, authorization) => {
    const refusal = await refusalOf(authenticator.authenticate(requestWith(authorization)));
    expect(refusal).toMatchObject({ status: 400, code: 'BAD_REQUEST', error: 'invalid_request' });
  });
});

describe('row 4: two Authorization headers', () => {
  const lines = (...values: string[]) => values.flatMap((value) => ['Authorization', value]);
  it.each([
    ['two tokens', `Bearer ${token}`, lines(`Bearer ${token}`, `Bearer ${token}`)],
    ['Basic twice', 'Basic a', lines('Basic a', 'Basic a')],
    ['Basic and Bearer', 'Basic a', lines('Basic a', `Bearer ${token}`)],
    ['an empty one', '', lines('', `Bearer ${token}`)],
    [
      'header names in any case',
      'Basic a',
      ['AUTHORIZATION', 'Basic a', 'host', 'x', 'authorization', ''],
    ],
    ['joined', `Bearer ${token}, Bearer ${token}`, undefined],
    ['joined after another scheme', `Basic a, bearer ${token}`, undefined],
    ['joined, DPoP second', `Bearer ${token},DPoP ${token}`, undefined],
  ])('%s', async (_, authorization, rawHeaders) => {
    const request = requestWith(authorization, rawHeaders === undefined ? {} : { rawHeaders });
    const refusal = await refusalOf(authenticator.authenticate(request));
    expect(refusal).toMatchObject({
      status: 400,
      error: 'invalid_request',
      reason: 'authorization_repeated',
    });
  });

  it('does not mistake a header value for a name', async () => {
    const rawHeaders = ['x-one', 'authorization', 'Authorization', `Bearer ${token}`];
    const viewer = await authenticator.authenticate(requestWith(`Bearer ${token}`, { rawHeaders }));
    expect(viewer.kind).toBe('authenticated');
  });
});

describe('row 5: a token in the query string', () => {
  it.each([
    ['alone', `/graphql?access_token=${token}`, undefined],
    ['beside a header', `/graphql?access_token=${token}`, `Bearer ${token}`],
    ['beside Basic', `/graphql?access_token=${token}`, 'Basic a'],
    ['empty', '/graphql?access_token', undefined],
    ['not first', '/graphql?query=%7Ba%7D&access_token=a', undefined],
    ['an escaped name', '/graphql?%61ccess%5Ftoken=a', undefined],
    ['an absolute URL', 'https://api.test/graphql?access_token=a', undefined],
    ['before a fragment', '/graphql?access_token=a#b', undefined],
  ])('%s', async (_, url, authorization) => {
    const refusal = await refusalOf(
      authenticator.authenticate(requestWith(authorization, { url })),
    );
    expect(refusal).toMatchObject({
      status: 400,
      error: 'invalid_request',
      reason: 'token_in_query',
    });
  });

  it.each([
    ['in a value', '/graphql?query=access_token'],
    ['in a longer name', '/graphql?my_access_token=a&access_tokens=b'],
    ['in another case', '/graphql?Access_Token=a'],
    ['in the path', '/access_token=a'],
    ['in a fragment', 'https://api.test/graphql#?access_token=a'],
  ])('but %s it is none', async (_, url) => {
    expect(await authenticator.authenticate(requestWith(undefined, { url }))).toEqual({
      kind: 'anonymous',
    });
  });
});

describe('row 29: a token longer than 8 KiB', () => {
  it.each([
    ['one character over', 'a'.repeat(8193)],
    ['a megabyte', 'a'.repeat(megabyte)],
    ['a megabyte of dots', '.'.repeat(megabyte)],
    ['a valid token of that size', issuer.sign({ claims: { filling: 'a'.repeat(8192) } })],
    ['a JSON serialization', `{${'a'.repeat(8192)}`],
  ])('%s', async (_, long) => {
    const refusal = await refusalOf(authenticator.authenticate(requestWith(`Bearer ${long}`)));
    expect(refusal).toMatchObject({
      status: 401,
      error: 'invalid_token',
      reason: 'token_too_long',
    });
  });

  it('accepts 8 KiB', async () => {
    const fill = (length: number) => issuer.sign({ claims: { filling: 'a'.repeat(length) } });
    const full = Array.from({ length: 8 }, (_, more) => {
      const missing = 8192 - fill(0).length;
      return fill(Math.floor((missing * 3) / 4) - 4 + more);
    }).filter((candidate) => candidate.length <= 8192);
    const longest = full.at(-1) ?? '';
    expect(longest.length).toBeGreaterThan(8188);
    const viewer = await authenticator.authenticate(requestWith(`Bearer ${longest}`));
    expect(viewer.kind).toBe('authenticated');
  });
});

describe('any string as the header', () => {
  const parts = fc.constantFrom('Bearer', 'bearer', 'Basic', 'DPoP', ' ', ',', '.', '=', '"', '{');
  const segment = fc.oneof(
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.constantFrom(...token.split('.')),
    fc.base64String(),
  );
  const jwsLike = fc.tuple(segment, segment, segment).map((all) => `Bearer ${all.join('.')}`);
  const mixed = fc.array(fc.oneof(parts, segment, fc.string())).map((all) => all.join(''));
  const anything = fc.oneof(fc.string(), anyText, mixed, jwsLike);

  it('results in an anonymous viewer or a status below 500', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (authorization) => {
        fc.pre(!authorization.includes(token));
        // `Headers` rejects some strings.
        const request = { ...requestWith(undefined), headers: { get: () => authorization } };
        const outcome = await outcomeOf(authenticator.authenticate(request));
        if (outcome instanceof AuthError) expect(outcome.status).toBeLessThan(500);
        else expect(outcome.kind).toBe('anonymous');
      }),
      { numRuns: 500, seed: 20_261_126 },
    );
  });

  it.each([
    ['spaces', `Bearer${' '.repeat(megabyte)}a${' '.repeat(megabyte)}b`],
    ['commas', `Basic ${','.repeat(megabyte)}`],
    ['commas and spaces', `Basic ${', '.repeat(megabyte / 2)}`],
    ['schemes', `Basic ${', bearer'.repeat(megabyte / 8)}`],
    ['scheme characters', `${'a'.repeat(megabyte)}"`],
    ['white space inside', `Basic a${'\t '.repeat(megabyte / 2)}b`],
    ['token characters', `Bearer ${'a='.repeat(megabyte / 2)}"`],
  ])('is cheap to read: a megabyte of %s', async (_, authorization) => {
    const request = { ...requestWith(undefined), headers: { get: () => authorization } };
    const start = performance.now();
    await outcomeOf(authenticator.authenticate(request));
    // Quadratic time would take minutes.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('characters of a token', () => {
  const outside = Array.from({ length: 0x7f - 0x21 }, (_, index) =>
    String.fromCharCode(0x21 + index),
  ).filter((character) => !/[A-Za-z0-9\-._~+/]/.test(character));

  it.each(outside)('%s between two letters is outside token68', async (character) => {
    for (const scheme of ['Bearer', 'DPoP'] as const) {
      const authorization = `${scheme} a${character}b`;
      const refusal = await refusalOf(
        authenticatorFor(issuer, {
          dpop: 'optional',
          publicUrl: 'https://api.test',
        }).authenticate(requestWith(authorization)),
      );
      expect(refusal).toMatchObject({ reason: 'authorization_malformed', scheme });
    }
  });

  it.each(['a-b', 'a.b', 'a_b', 'a~b', 'a+b', 'a/b', 'ab=', 'ab==', 'ab=.cd==.ef'])(
    '%s is read as a token, and rejected as one',
    async (text) => {
      const refusal = await refusalOf(authenticator.authenticate(requestWith(`Bearer ${text}`)));
      expect(refusal).toMatchObject({ status: 401, error: 'invalid_token' });
    },
  );
});

describe('the scheme in the challenge of a 400', () => {
  const twice = (...values: string[]) => values.flatMap((value) => ['Authorization', value]);
  it.each<[DpopMode, string, readonly string[] | undefined, string, AuthScheme]>([
    ['required', 'DPoP twice', twice('DPoP a', 'DPoP b'), '/', 'DPoP'],
    ['required', 'DPoP twice, joined', undefined, '/', 'DPoP'],
    ['required', 'Basic twice', twice('Basic a', 'Basic b'), '/', 'DPoP'],
    ['required', 'Basic and DPoP', twice('Basic a', 'DPoP b'), '/', 'DPoP'],
    ['required', 'Bearer twice', twice('Bearer a', 'Bearer b'), '/', 'Bearer'],
    ['required', 'an empty one and DPoP', twice('', 'DPoP b'), '/', 'DPoP'],
    ['required', 'a token in the query string', twice(), '/?access_token=a', 'DPoP'],
    ['required', 'no scheme', twice('"x"'), '/', 'DPoP'],
    ['optional', 'DPoP twice', twice('dpop a', 'DPoP b'), '/', 'DPoP'],
    ['optional', 'Bearer and DPoP', twice('Bearer a', 'DPoP b'), '/', 'Bearer'],
    ['optional', 'Basic twice', twice('Basic a', 'Basic b'), '/', 'Bearer'],
    [
      'optional',
      'DPoP, and a token in the query string',
      twice('DPoP a'),
      '/?access_token',
      'DPoP',
    ],
    ['optional', 'no scheme', twice('"x"'), '/', 'Bearer'],
    ['off', 'DPoP twice', twice('DPoP a', 'DPoP b'), '/', 'Bearer'],
  ])('DPOP=%s, %s', async (dpop, _, rawHeaders, url, scheme) => {
    const first = rawHeaders === undefined ? 'DPoP a, DPoP b' : rawHeaders[1];
    const request = requestWith(first, { url, ...(rawHeaders ? { rawHeaders } : {}) });
    const options = { dpop, publicUrl: 'https://api.test' };
    const refusal = await refusalOf(authenticatorFor(issuer, options).authenticate(request));
    expect({ ...refusal }).toMatchObject({ status: 400, error: 'invalid_request', scheme });
  });
});
