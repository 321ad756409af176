import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuthError } from '../../src/authentication/auth-error.ts';
import type { AuthErrorReason } from '../../src/authentication/auth-error-reasons.ts';
import { rejectStream, type StreamRejectionReason } from '../../src/streams/stream-error.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  type AnswerCase,
  beyondRateLimit,
  foreignKey,
  post,
  postBody,
  whileIssuerIsDown,
  withoutDatabase,
  withRule,
  withTimes,
  withToken,
} from './answer-cases.ts';
import { blocksOf, plain, readDocument, sectionOf, tableRows } from './markdown.ts';

const document = readDocument('docs/answers.md');

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ REQUIRED_CLAIMS: 'org_id', LOG_LEVEL: 'silent' });
});
afterAll(() => server?.stop());

const open = '{ public { message } }';
const guarded = '{ private { message } }';
const malformed = [
  post(open, 'Authorization', 'Bearer'),
  post(open, 'Authorization', 'Bearer one.two.three one.two.three'),
  post(open, 'Authorization', 'Bearer "one.two.three"'),
];
const alone = [post(guarded, 'Authorization', 'one.two.three')];
const opaque = [post(open, 'Authorization', 'Bearer TOKEN')];
const otherIssuer = [withToken(open, { claims: { iss: 'https://issuer.test' } })];
const otherAudience = [withToken(open, { claims: { aud: 'https://other.test' } })];
const expired = [withTimes(open, { exp: -6, nbf: undefined })];
const unknownKey = [withToken(open, { key: foreignKey, header: { kid: 'unknown' } })];
const scopeMissing = [withToken('{ privateScoped { message } }')];

/** How each case of the table of answers comes about; a case may come about in several ways. */
const answers: Readonly<Record<string, readonly AnswerCase[]>> = {
  'Everything selected is allowed': [post(open), withToken(guarded)],
  'A part of a query is denied, the rest is not': [
    post('{ private { message } public { message } }'),
    withToken('{ privateScoped { message } public { message } }'),
  ],
  'No token, and everything selected requires one': [post(guarded)],
  'Another scheme than Bearer and DPoP (Basic), and everything selected requires a token': [
    post(guarded, 'Authorization', 'Basic dXNlcjpwYXNz'),
  ],
  'A malformed Authorization header: no token, two tokens, quotes': malformed,
  'Two Authorization headers': [
    post(open, 'Authorization', 'Bearer one', 'Authorization', 'Bearer two'),
  ],
  'access_token in the query string': [
    () =>
      send(`${server.endpoint}?access_token=one`, {
        method: 'POST',
        headers: ['Content-Type', 'application/json'],
        body: JSON.stringify({ query: open }),
      }),
  ],
  'The token is opaque: not a signed JWT': opaque,
  'The token is longer than MAX_TOKEN_BYTES': [
    withToken(open, { claims: { long: 'x'.repeat(8192) } }),
  ],
  'The token was altered, or is signed by an unknown key': [
    withToken(open, { key: foreignKey }),
    ...unknownKey,
  ],
  'The token comes from another issuer': otherIssuer,
  'The token is for another audience': otherAudience,
  'The token has expired': expired,
  'The token is not valid yet': [withTimes(open, { exp: undefined, nbf: 60 })],
  'The token lacks a claim listed in REQUIRED_CLAIMS': [
    withToken(open, { claims: { org_id: null } }),
  ],
  'A token that is bound to a key (DPoP, mutual TLS) is sent as Bearer': [
    withToken(open, { claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } } }),
    withToken(open, {
      claims: { cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' } },
    }),
  ],
  'A DPoP proof is missing, invalid, or has already been used': [
    post(open, 'Authorization', 'DPoP one.two.three'),
  ],
  'A scope is missing': scopeMissing,
  'A claim that a rule requires is missing, or a policy denies access': [
    withRule('claims'),
    withRule('policy'),
  ],
  'The sign-in is too old or too weak (maxAge, acr)': [withRule('stepUp')],
  "The issuer's keys are unavailable": [whileIssuerIsDown],
  'The database is unavailable, and everything selected requires it': [
    withoutDatabase('data'),
    withoutDatabase('guarded'),
  ],
  'The operation exceeds a limit': [
    post(`{ ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(' ')} }`),
  ],
  'The operation has a variable named $__proto__': [
    post('query ($__proto__: Boolean!) { __typename @include(if: $__proto__) }'),
  ],
  'A rate limit is exceeded': [
    beyondRateLimit('RATE_LIMIT_ADDRESS'),
    beyondRateLimit('RATE_LIMIT_VIEWER'),
  ],
  'An argument has a value that its field does not accept, and nothing else has data': [
    withoutDatabase('argument'),
  ],
  'The body is not valid JSON': [postBody('{')],
  'The body is not sent as application/json': [postBody('query=x', 'text/plain')],
  'The body is compressed': [post(open, 'Content-Encoding', 'gzip')],
  'A hash of a query is sent instead of the query (automatic persisted queries)': [
    postBody(JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } })),
  ],
  'A header that is allowed once is sent twice (Host, Content-Type, Origin)': [
    post(open, 'Host', 'localhost', 'Host', 'localhost'),
    post(open, 'Content-Type', 'application/json'),
    post(open, 'Origin', 'http://localhost:1', 'Origin', 'http://localhost:1'),
  ],
  'The body is too large': [postBody(JSON.stringify({ query: open, more: 'x'.repeat(102_400) }))],
};

describe('the table of answers', () => {
  const rows = tableRows(sectionOf(document, 'Status and code')).map((row) => row.map(plain));

  test('has the cases that are tried here', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(answers));
  });

  test.each(rows)('%s: %s %s %s', async (name = '', status, code = '', error = '') => {
    for (const bring of answers[name] ?? []) {
      const answer = await bring({ server });
      const challenge = answer.headers['www-authenticate'];

      expect(answer.status).toBe(Number(status));
      expect(code.split(' or ')).toContain(codeOf(answer.text) ?? 'none');
      expect(/ error="(\w+)"/.exec(challenge ?? '')?.[1] ?? 'none').toBe(error);
      expect(challenge !== undefined).toBe(
        answer.status === 401 || answer.status === 403 || error !== 'none',
      );
    }
  });
});

describe('the tables of reasons', () => {
  const [credentials = '', streams = ''] = sectionOf(document, 'Reasons').split(
    'Subscriptions have three more',
  );
  const rows = tableRows(credentials).map((row) => row.map(plain));

  test('have every reason, with those of DPoP on their own page', () => {
    const reasons = reasonsIn('src/authentication/auth-error-reasons.ts');
    const ofDpop = tableRows(sectionOf(readDocument('docs/dpop.md'), 'What a client is told')).map(
      ([name]) => plain(name),
    );

    expect([...rows.map(([name]) => name), ...ofDpop].sort()).toEqual(reasons.sort());
  });

  test.each(rows)('%s: %s %s', (reason = '', status, error) => {
    const refusal = new AuthError(reason as AuthErrorReason);

    expect([String(refusal.status), refusal.error ?? 'none']).toEqual([status, error]);
  });

  test.each(tableRows(streams).map((row) => row.map(plain)))(
    '%s: %s %s',
    (reason, status, code) => {
      const { errors, status: sent } = rejectStream(reason as StreamRejectionReason);

      expect([String(sent), errors[0]?.extensions['code']]).toEqual([status, code]);
    },
  );
});

test('docs/troubleshooting.md has a section for every reason, which the tables of reasons link to', () => {
  const reasons = [
    ...reasonsIn('src/authentication/auth-error-reasons.ts'),
    ...reasonsIn('src/streams/stream-error.ts'),
  ];
  const headings = [...readDocument('docs/troubleshooting.md').matchAll(/^### (\w+)$/gm)];
  const tables = document + readDocument('docs/dpop.md');

  expect(headings.map(([, heading]) => heading).sort()).toEqual(reasons.sort());
  expect(
    reasons.filter((reason) => !tables.includes(`[\`${reason}\`](troubleshooting.md#${reason})`)),
  ).toEqual([]);
});

/** The keys of the object of definitions in a source file. */
function reasonsIn(file: string): string[] {
  return [...readDocument(file).matchAll(/^ {2}(\w+): (?:\w+\(|\{)/gm)].map(
    ([, name = '']) => name,
  );
}

/** The common mistakes whose symptom is an answer, and how each is made. */
const mistakes: Readonly<Record<string, readonly AnswerCase[]>> = {
  'The audience is wrong': otherAudience,
  'The issuer is wrong, by a slash perhaps': otherIssuer,
  'The token is opaque': opaque,
  'The token has expired': expired,
  'The token looks valid, and its signature does not verify': unknownKey,
  'The Authorization header is malformed': malformed,
  'The word Bearer is missing': alone,
  'Permission assigned, but scope missing from the token': scopeMissing,
  'The issuer cannot be reached': [whileIssuerIsDown],
};

describe('the common mistakes', () => {
  const blocks = blocksOf(readDocument('docs/troubleshooting.md')).filter(
    ({ language }) => language === 'json',
  );

  test('are those that are made here', () => {
    expect(blocks.map(({ heading }) => heading)).toEqual(Object.keys(mistakes));
  });

  test.each(blocks)('$heading', async ({ heading, text }) => {
    for (const make of mistakes[heading] ?? []) {
      expect(JSON.parse((await make({ server })).text)).toEqual(JSON.parse(text));
    }
  });
});

/** What lies beyond each limit, and what the answer then says of it. */
const beyond: Readonly<Record<string, readonly [query: AnswerCase, says: string]>> = {
  'Request body': [postBody(' '.repeat(102_401)), '102400 bytes'],
  'Tokens in a GraphQL document': [post(`{ ${'a '.repeat(1999)}}`), '2000'],
  'Levels of brackets in a document': [post('{ a '.repeat(101) + '}'.repeat(101)), '100'],
  'Access token': [withToken(open, { claims: { long: 'x'.repeat(8192) } }), '8192 bytes'],
  'Headers of a request': [
    post(open, ...Array.from({ length: 1000 }, () => ['X', '']).flat()),
    '1000',
  ],
};

describe('the table of limits', () => {
  const rows = tableRows(sectionOf(readDocument('docs/configuration.md'), 'Limits')).map((row) =>
    row.map(plain),
  );

  test('has the limits that are tried here', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(beyond));
  });

  test.each(rows)('%s: %s', async (name = '', most = '', consequence = '') => {
    const [exceed, says] = beyond[name] ?? [];
    const answer = await exceed?.({ server });

    expect(most.startsWith(says ?? 'nothing')).toBe(true);
    expect(answer?.text).toContain(says);
    expect(consequence).toContain(
      answer?.status === 200 ? codeOf(answer.text) : String(answer?.status),
    );
  });
});

function codeOf(text: string): unknown {
  const body: { errors?: { extensions?: { code?: unknown } }[] } = JSON.parse(text);
  return body.errors?.[0]?.extensions?.code;
}
