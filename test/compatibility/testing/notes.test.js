import { anonymous, createAuthenticator } from 'graphql-resource-server';
import { askAs, createTestIssuer, expectAccess } from 'graphql-resource-server/testing';
import 'graphql-resource-server/testing/vitest';
import { expect, test } from 'vitest';
import { createServer, schema } from './server.js';

const issuer = createTestIssuer();
const server = createServer(createAuthenticator(issuer.authenticatorOptions));
const viewers = {
  anonymous,
  guest: issuer.viewer({ subject: 'ada' }),
  reader: issuer.viewer({ subject: 'eve', scopes: ['read:notes'] }),
};

test('who can access what', () => {
  expect(expectAccess(schema).by(viewers).print()).toMatchInlineSnapshot(`
    "Query.books: anonymous, guest, reader
    Query.draft: guest, reader (policy: author)
    Query.me: guest, reader
    Query.notes: reader"
  `);
});

test('who can access the draft of ada', async () => {
  await expectAccess(schema)
    .by(viewers)
    .withPolicies({ 'Query.draft': { args: { author: 'ada' } } })
    .toContain({ 'Query.draft': ['guest'] });
});

test('notes require a scope', async () => {
  const operation = '{ notes }';

  expect(await askAs(server, viewers.reader, operation)).toHaveData({ notes: ['Buy milk'] });
  expect(await askAs(server, viewers.guest, operation)).toBeRefused({
    status: 403,
    scope: 'read:notes',
  });
  expect(await askAs(server, viewers.anonymous, operation)).toBeRefused({ status: 401 });
});

test('other fields are still returned', async () => {
  expect(await askAs(server, viewers.guest, '{ me notes }')).toHaveData(
    { me: 'ada', notes: null },
    { refused: ['notes'] },
  );
});
