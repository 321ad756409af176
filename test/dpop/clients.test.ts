import * as dpop from 'dpop';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineClient } from '../../src/local-issuer/clients-and-users.ts';
import { asMachine, type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';

let issuer: IssuerFixture;
let withoutNonces: LocalServer;
let withNonces: LocalServer;
beforeAll(async () => {
  issuer = await startIssuer();
  withoutNonces = await startLocalServer(issuer);
  withNonces = await startLocalServer(issuer, { DPOP_NONCE: 'required' });
});
afterAll(async () => {
  await Promise.all([withoutNonces.stop(), withNonces.stop()]);
  await issuer.close();
});

const body = JSON.stringify({ query: '{ privateScoped { message } }' });
const served = {
  data: {
    privateScoped: { message: 'Hello from a private field that requires the scope read:messages.' },
  },
};
const contentType = { 'content-type': 'application/json' };

async function boundTokenOf(keyPair: oauth.CryptoKeyPair) {
  const machine = await asMachine(issuer.issuer);
  const DPoP = client.getDPoPHandle(machine, keyPair);
  const tokens = await client.clientCredentialsGrant(machine, { scope: 'read:messages' }, { DPoP });
  expect(tokens.token_type).toBe('dpop');
  return { machine, DPoP, token: tokens.access_token };
}

describe.each([
  ['without nonces', () => withoutNonces, 0],
  ['with nonces', () => withNonces, 1],
] as const)('%s', (_case, serverOf, challenges) => {
  it.each(['ES256', 'Ed25519', 'RS256', 'PS256'] as const)('dpop, with %s', async (algorithm) => {
    const keyPair = await dpop.generateKeyPair(algorithm);
    const { token } = await boundTokenOf(keyPair);
    const { endpoint } = serverOf();
    const sendRequest = async (nonce?: string) =>
      fetch(endpoint, {
        method: 'POST',
        headers: {
          ...contentType,
          authorization: `DPoP ${token}`,
          dpop: await dpop.generateProof(keyPair, endpoint, 'POST', nonce, token),
        },
        body,
      });

    let response = await sendRequest();
    for (let left: number = challenges; left > 0; left -= 1) {
      expect(response.status).toBe(401);
      response = await sendRequest(response.headers.get('dpop-nonce') ?? '');
    }
    expect([response.status, await response.json()]).toEqual([200, served]);
  });

  it('oauth4webapi: protectedResourceRequest', async () => {
    const keyPair = await oauth.generateKeyPair('ES256');
    const { token } = await boundTokenOf(keyPair);
    const DPoP = oauth.DPoP({}, keyPair);
    const sendRequest = () =>
      oauth.protectedResourceRequest(
        token,
        'POST',
        new URL(serverOf().endpoint),
        new Headers(contentType),
        body,
        { DPoP, [oauth.allowInsecureRequests]: true },
      );
    if (challenges > 0) {
      const error = await sendRequest().catch((thrown: unknown) => thrown);
      expect(oauth.isDPoPNonceError(error)).toBe(true);
    }
    // From now on the client has the next nonce from each response.
    for (let time = 0; time < 3; time += 1) {
      const response = await sendRequest();
      expect([response.status, await response.json()]).toEqual([200, served]);
    }
  });

  it('openid-client: fetchProtectedResource', async () => {
    const keyPair = await client.randomDPoPKeyPair('ES256');
    const { machine, DPoP, token } = await boundTokenOf(keyPair);
    for (const method of ['POST', 'GET'] as const) {
      const url = new URL(serverOf().endpoint);
      if (method === 'GET') url.searchParams.set('query', JSON.parse(body).query);
      const response = await client.fetchProtectedResource(
        machine,
        token,
        url,
        method,
        method === 'GET' ? null : body,
        new Headers(method === 'GET' ? {} : contentType),
        { DPoP },
      );
      expect([response.status, await response.json()]).toEqual([200, served]);
    }
  });
});

describe('a client that only knows the URL', () => {
  it.each(['bearer', 'dpop'] as const)('needs nothing but the standards, with %s', async (way) => {
    const options = { [oauth.allowInsecureRequests]: true };
    const resource = new URL(withNonces.endpoint);

    // RFC 9110 §11.6.1, RFC 9728 §5: the refusal says what is required, and where the metadata is.
    const refusal = await fetch(resource, { method: 'POST', headers: contentType, body });
    expect(refusal.status).toBe(401);
    const challenges = await challengesOf(resource);
    const challenge = challenges.find(({ scheme }) => scheme === way);
    expect(challenge?.parameters['scope']).toBe('read:messages');
    expect(challenge?.parameters['resource_metadata']).toBe(
      `${withNonces.origin}/.well-known/oauth-protected-resource/graphql`,
    );

    // RFC 9728 §3: the metadata names the issuer.
    const metadata = await oauth.processResourceDiscoveryResponse(
      resource,
      await oauth.resourceDiscoveryRequest(resource, options),
    );
    expect(challenge?.parameters['algs']).toBe(
      way === 'dpop' ? metadata.dpop_signing_alg_values_supported?.join(' ') : undefined,
    );
    expect(metadata.scopes_supported).toContain('read:messages');
    const server = new URL(metadata.authorization_servers?.[0] ?? '');

    // OpenID Connect Discovery, RFC 6749 §4.4, RFC 9449 §5.
    const as = await oauth.processDiscoveryResponse(
      server,
      await oauth.discoveryRequest(server, options),
    );
    const me = { client_id: machineClient.clientId };
    const DPoP = way === 'dpop' ? oauth.DPoP({}, await oauth.generateKeyPair('ES256')) : undefined;
    const withKey = DPoP === undefined ? {} : { DPoP };
    const tokens = await oauth.processClientCredentialsResponse(
      as,
      me,
      await oauth.clientCredentialsGrantRequest(
        as,
        me,
        oauth.ClientSecretPost(machineClient.clientSecret),
        { scope: challenge?.parameters['scope'] ?? '' },
        { ...options, ...withKey },
      ),
    );

    const sendRequest = () =>
      oauth.protectedResourceRequest(
        tokens.access_token,
        'POST',
        resource,
        new Headers(contentType),
        body,
        { ...options, ...withKey },
      );
    const response = await sendRequest().catch((error: unknown) => {
      expect(oauth.isDPoPNonceError(error)).toBe(true);
      return sendRequest();
    });
    expect([response.status, await response.json()]).toEqual([200, served]);
  });

  /** The challenges as oauth4webapi parses them. */
  async function challengesOf(resource: URL) {
    const error = await oauth
      .protectedResourceRequest('x', 'POST', resource, new Headers(contentType), body, {
        [oauth.allowInsecureRequests]: true,
        // No credentials.
        [oauth.customFetch]: (url, { method, headers, body: sent }) => {
          const { authorization: _, ...others } = headers;
          return fetch(url, { method, headers: others, body: String(sent) });
        },
      })
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    return error.cause;
  }
});
