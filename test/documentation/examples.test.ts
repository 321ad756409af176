import { expect, test } from 'vitest';
import { askAs, createGate, viewerWith } from '../../src/index.ts';
import { bearer, refusalOf } from '../support/authentication.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';
import { blocksOf, readDocument } from './markdown.ts';

/** The pages with programs that are files, which tests run. */
const pages: Readonly<Record<string, readonly string[]>> = {
  'docs/auth0.md': ['test/documentation/examples/auth0.ts'],
  'docs/authenticators.md': ['test/documentation/examples/api-keys.ts'],
  'docs/calling-onward.md': ['orders-api', 'stock-api', 'start-apis'].map(
    (name) => `test/documentation/examples/${name}.ts`,
  ),
  'docs/cookies.md': ['test/documentation/examples/cookie.ts'],
  'docs/filters.md': ['test/documentation/examples/filters.ts'],
  'docs/issuers.md': [
    'test/documentation/examples/introspection.ts',
    'test/documentation/examples/issuers.ts',
    'test/documentation/examples/tenants.ts',
  ],
  'docs/limits.md': ['test/documentation/examples/rate-limit.ts'],
  'docs/observability.md': ['metrics', 'tracing'].map(
    (name) => `test/documentation/examples/${name}.ts`,
  ),
  'docs/trusted-documents.md': ['apollo', 'urql', 'yoga'].map(
    (name) => `test/documentation/examples/trusted-documents-${name}.ts`,
  ),
  'docs/rest.md': ['test/compatibility/rest/express.js', 'test/compatibility/rest/hono.js'],
  'docs/revocation.md': ['revocation', 'shared-revocations', 'logout'].map(
    (name) => `test/documentation/examples/${name}.ts`,
  ),
};

test.each(Object.entries(pages))('%s shows %s', (page, files) => {
  const shown = blocksOf(readDocument(page)).filter(({ language }) =>
    ['ts', 'js'].includes(language),
  );
  const tested = files.map((file) =>
    readDocument(file)
      .replaceAll(/'\.\.\/\.\.\/\.\.\/src\/(?:index|layer)\.ts'/g, "'graphql-resource-server'")
      .replaceAll(
        /'\.\.\/\.\.\/\.\.\/src\/(?:adapters\/)?([\w-]+)\/index\.ts'/g,
        "'graphql-resource-server/$1'",
      ),
  );
  expect(shown.map(({ text }) => text)).toEqual(tested);
});

test('the authenticator of docs/cookies.md checks which page a request comes from', async () => {
  const { authenticator } = await import('./examples/cookie.ts');
  const reasonFrom = async (origin: string) => {
    const headers = new Headers({ origin, cookie: '__Host-access_token=TOKEN' });
    const request = { method: 'POST', url: '/graphql', headers };
    return authenticator.authenticate(request).catch(({ reason }) => reason);
  };
  expect(await reasonFrom('https://evil.example')).toBe('origin_not_allowed');
  expect(await reasonFrom('https://app.example.com')).toBe('token_not_jws');
});

test('the authenticator of docs/authenticators.md accepts API keys', async () => {
  const { authenticator } = await import('./examples/api-keys.ts');
  const gate = createGate({ authenticator });
  const ask = (headers: Record<string, string>) =>
    gate.authenticate({ method: 'POST', url: '/graphql', headers: new Headers(headers) });

  expect(await ask({})).toMatchObject({ viewer: { kind: 'anonymous' } });
  expect(await ask({ 'x-api-key': 'EXAMPLE_KEY' })).toMatchObject({
    viewer: { subject: 'billing' },
  });
  expect(await ask({ 'x-api-key': 'other' })).toMatchObject({
    status: 401,
    headers: { 'WWW-Authenticate': 'Bearer realm="graphql"' },
    errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'api_key_unknown' } }],
  });
  const both = { 'x-api-key': 'EXAMPLE_KEY', authorization: 'Bearer a' };
  expect(await ask(both)).toMatchObject({
    errors: [{ extensions: { reason: 'two_credentials' } }],
  });
  expect(await ask({ authorization: 'Bearer a' })).toMatchObject({
    errors: [{ extensions: { reason: 'token_not_jws' } }],
  });
});

test('the gate of docs/limits.md counts the requests of a viewer', async () => {
  const { createLimitedGate } = await import('./examples/rate-limit.ts');
  const viewer = viewerWith({ subject: 'ada' });
  const gate = createLimitedGate({ authenticate: async () => viewer });
  const ask = () => gate.authenticate({ method: 'POST', url: '/graphql', headers: new Headers() });
  for (let count = 1; count < 300; count += 1) await ask();
  expect(await ask()).toMatchObject({
    kind: 'authenticated',
    headers: { 'RateLimit-Policy': '"viewer";q=300;w=60' },
  });
  expect(await ask()).toMatchObject({ kind: 'refused', status: 429 });
});

test('the server of docs/filters.md lists, counts and returns the same notes', async () => {
  const { createNotes } = await import('./examples/filters.ts');
  const notes = ['ada', 'bob', 'bob'].map((subject, index) => ({
    id: String(index),
    authorId: viewerWith({ subject }).id,
    isPublic: index === 2,
    text: `note ${index}`,
  }));
  const askWith = async (scopes: readonly string[]) => {
    const viewer = viewerWith({ subject: 'ada', scopes });
    const yoga = createNotes({ authenticate: async () => viewer }, notes);
    const { body } = await askAs(
      yoga,
      { kind: 'anonymous' },
      '{ notes { text } countNotes own: note(id: "0") { id } other: note(id: "1") { id } }',
    );
    return body;
  };
  expect(await askWith([])).toEqual({
    data: {
      notes: [{ text: 'note 0' }, { text: 'note 2' }],
      countNotes: 2,
      own: { id: '0' },
      other: null,
    },
  });
  expect(await askWith(['read:all-notes'])).toMatchObject({
    data: { countNotes: 3, other: { id: '1' } },
  });
});

test('the authenticators of docs/issuers.md accept no issuer but theirs', async () => {
  const { authenticator } = await import('./examples/issuers.ts');
  const { authenticatorOf } = await import('./examples/tenants.ts');
  const { authenticatorWith } = await import('./examples/introspection.ts');
  const tenants = authenticatorOf({ has: async () => false });
  const opaque = authenticatorWith(createTestKey('ES256').privateKey.export({ format: 'jwk' }));
  const token = createTestIssuer().sign();

  for (const one of [authenticator, tenants, opaque]) {
    expect(await refusalOf(one.authenticate(bearer(token)))).toMatchObject({
      reason: 'token_issuer',
    });
  }
});

test('what docs/revocation.md revokes is revoked', async () => {
  const { authenticator, revocations } = await import('./examples/revocation.ts');
  const { receiveLogout } = await import('./examples/logout.ts');
  expect((await receiveLogout(new Request('http://localhost/'))).status).toBe(405);
  expect(revocations.size).toBe(3);
  expect(authenticator.checkRevocation).toBeTypeOf('function');
});
