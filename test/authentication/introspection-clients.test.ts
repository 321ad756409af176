import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import type { ClientCredentials } from '../../src/authentication/client-authentication.ts';
import { muteNotices, Provider } from '../../src/local-issuer/load-oidc-provider.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';

const audience = 'https://api.test';
const clientSecret = 'a secret: with + and %';
const keyPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = { ...keyPair.privateKey.export({ format: 'jwk' }), kid: 'one' };
const publicKey = { ...keyPair.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' };

let server: Server;
let issuer: string;
let token: string;
beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const restore = muteNotices();
  const api = { grant_types: [], redirect_uris: [], response_types: [] };
  const provider = new Provider(issuer, {
    clients: [
      { ...api, client_id: 'basic: 1+', client_secret: clientSecret },
      {
        ...api,
        client_id: 'post',
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        ...api,
        client_id: 'key',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [publicKey] },
      },
      {
        client_id: 'machine',
        client_secret: 'machine',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    ttl: { ClientCredentials: 600 },
    extraTokenClaims: () => ({ sub: 'machine' }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({ scope: '', audience, accessTokenFormat: 'opaque' }),
      },
    },
  });
  restore();
  server.on('request', provider.callback());
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('machine:machine')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const body: { readonly access_token?: string } = JSON.parse(await response.text());
  token = body.access_token ?? '';
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const authenticate = (client: ClientCredentials) =>
  outcomeOf(
    createAuthenticator({ issuer, audience, introspection: { client } }).authenticate(
      bearer(token),
    ),
  );

it.each<[string, ClientCredentials]>([
  ['client_secret_basic', { clientId: 'basic: 1+', clientSecret }],
  ['client_secret_post', { clientId: 'post', clientSecret, method: 'client_secret_post' }],
  ['private_key_jwt', { clientId: 'key', privateKey }],
])('a real issuer accepts %s', async (_, client) => {
  expect(await authenticate(client)).toMatchObject({ subject: 'machine', clientId: 'machine' });
});

it('a real issuer that rejects the client makes tokens unverifiable, not invalid', async () => {
  expect(await authenticate({ clientId: 'basic: 1+', clientSecret: 'wrong' })).toMatchObject({
    status: 503,
    reason: 'introspection_unavailable',
  });
});
