import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, createAuthenticator } from 'graphql-resource-server';
import {
  askAs,
  createTestIssuer,
  expectAccess,
  expectResponse,
} from 'graphql-resource-server/testing';
import { createServer, schema } from './server.js';

const issuer = createTestIssuer();
const server = createServer(createAuthenticator(issuer.authenticatorOptions));
const viewers = {
  anonymous,
  guest: issuer.viewer({ subject: 'ada' }),
  reader: issuer.viewer({ subject: 'eve', scopes: ['read:notes'] }),
};

test('who can access what', () => {
  expectAccess(schema)
    .by(viewers)
    .toBe({
      'Query.books': ['anonymous', 'guest', 'reader'],
      'Query.me': ['guest', 'reader'],
      'Query.notes': ['reader'],
      'Query.draft': ['guest', 'reader'],
    });
});

test('notes require a scope', async () => {
  const { status, challenge, body } = await askAs(server, viewers.reader, '{ notes }');
  assert.deepEqual(
    { status, challenge, body },
    {
      status: 200,
      challenge: undefined,
      body: { data: { notes: ['Buy milk'] } },
    },
  );

  const refused = await askAs(server, viewers.guest, '{ notes }');
  expectResponse(refused).toBeRefused({ status: 403, scope: 'read:notes' });
});
