import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, createAuthenticator } from 'graphql-resource-server';
import { askAs, createTestIssuer, expectResponse } from 'graphql-resource-server/testing';
import { createServer } from './server.js';

test('tokens expire', async () => {
  let time = Date.now();
  const issuer = createTestIssuer({ clock: { now: () => new Date(time) } });
  const server = createServer(createAuthenticator(issuer.authenticatorOptions));
  const token = await issuer.token({ subject: 'ada', expiresIn: 60 });

  expectResponse(await askAs(server, token, '{ me }')).toHaveData({ me: 'ada' });
  time += 120_000;
  expectResponse(await askAs(server, token, '{ me }')).toBeRefused({ error: 'invalid_token' });
});

test('keys are rotated', async () => {
  const issuer = createTestIssuer();
  const token = await issuer.token({ subject: 'ada' });
  issuer.rotateKeys('revoked');
  const server = createServer(createAuthenticator(issuer.authenticatorOptions));

  expectResponse(await askAs(server, token, '{ me }')).toBeRefused({ status: 401 });
  expectResponse(await askAs(server, issuer.viewer(), '{ me }')).toHaveData({ me: 'test-user' });
});

test('public fields do not need the issuer', async () => {
  const issuer = createTestIssuer();
  issuer.setReachable(false);
  const server = createServer(createAuthenticator(issuer.authenticatorOptions));

  expectResponse(await askAs(server, anonymous, '{ books }')).toHaveData({ books: ['Emma'] });
  expectResponse(await askAs(server, issuer.viewer(), '{ me }')).toBeRefused({ status: 503 });
});

test('a proof is accepted once', async () => {
  const issuer = createTestIssuer();
  const server = createServer(
    createAuthenticator({
      ...issuer.authenticatorOptions,
      dpop: 'required',
      publicUrl: 'http://localhost',
    }),
  );
  const viewer = issuer.viewer({ dpop: true });
  const url = 'http://localhost/graphql';
  const headers = await viewer.createCredentials({ url });

  assert.equal((await askAs(server, viewer, '{ me }')).status, 200);
  assert.equal((await askAs(server, anonymous, '{ me }', { headers })).status, 200);
  const replayed = await askAs(server, anonymous, '{ me }', { headers });
  expectResponse(replayed).toBeRefused({ scheme: 'DPoP', error: 'invalid_dpop_proof' });
});
