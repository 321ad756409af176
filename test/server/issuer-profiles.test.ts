import { expect, it } from 'vitest';
import { googleIap } from '../authentication/issuer-profiles/cloud.ts';
import {
  type Claims,
  clock,
  type IssuerProfile,
} from '../authentication/issuer-profiles/profile.ts';
import {
  createProfileIssuer,
  readSettings,
} from '../authentication/issuer-profiles/profile-issuer.ts';
import { fusionAuth, keycloak } from '../authentication/issuer-profiles/self-hosted.ts';
import { startTestServer } from '../support/server.ts';
import { createTestIssuer } from '../support/tokens.ts';

/* test/authentication/issuer-profiles.test.ts has all issuers; these are unlike others in how a server meets them. */

it.each<[string, IssuerProfile, number]>([
  ['an issuer that is a name', fusionAuth, 200],
  ['roles below a client', keycloak, 200],
  ['a header of its own, and no scopes', googleIap, 403],
])('the API serves %s', async (_, profile, scopedStatus) => {
  const issuer = createProfileIssuer(profile);
  const server = await startTestServer(
    { OIDC_AUDIENCE: '', ...readSettings(profile) },
    { ...createTestIssuer({ clock }), fetch: issuer.fetch },
  );
  const ask = async (query: string, claims: Claims) => {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...issuer.headersOf(issuer.sign(claims), server.origin),
      },
      body: JSON.stringify({ query }),
    });
    const { errors } = await response.json();
    return { status: response.status, reason: errors?.[0]?.extensions?.reason };
  };
  const { accessToken, idToken } = profile;
  try {
    expect(await ask('{ private { message } }', accessToken.claims)).toEqual({ status: 200 });
    expect(await ask('{ privateScoped { message } }', accessToken.claims)).toEqual({
      status: scopedStatus,
    });
    expect(await ask('{ private { message } }', idToken.claims)).toEqual({
      status: 401,
      reason: idToken.reason,
    });
    const graphiql = await fetch(server.endpoint, { headers: { Accept: 'text/html' } });
    expect(graphiql.status).toBe(200);
  } finally {
    await server.stop();
  }
});
