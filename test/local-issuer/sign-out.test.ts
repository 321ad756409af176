import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { apiClient } from '../../src/local-issuer/clients-and-users.ts';
import type { LocalIssuerOptions } from '../../src/local-issuer/local-issuer.ts';
import type { TokenProfile } from '../../src/local-issuer/token-profile.ts';
import { startIssuer } from './issuer-fixture.ts';
import { openSession } from './session.ts';

let receiver: Server;
let logoutUrl: string;
let status: number;
const received: URLSearchParams[] = [];
beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push(new URLSearchParams(await text(request)));
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  logoutUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/logout`;
});
afterAll(() => receiver.close());
beforeEach(() => {
  status = 200;
  received.length = 0;
});

/** Signs in and out. Returns the claims of the access token, and the errors that were reported. */
async function visit(options: Partial<LocalIssuerOptions>) {
  const errors: unknown[] = [];
  const issuer = await startIssuer({ onError: (error) => errors.push(error), ...options });
  try {
    const session = await openSession(issuer.issuer);
    const claims: Record<string, unknown> =
      options.profile === 'opaque'
        ? await introspect(issuer.issuer, session.token)
        : decodeJwt(session.token);
    await session.signOut();
    return { issuer: issuer.issuer, claims, errors };
  } finally {
    await issuer.close();
  }
}

async function introspect(issuer: string, token: string): Promise<Record<string, unknown>> {
  const { clientId: client_id, clientSecret: client_secret } = apiClient;
  const response = await fetch(new URL('token/introspection', issuer), {
    method: 'POST',
    body: new URLSearchParams({ client_id, client_secret, token }),
  });
  return { ...Object(await response.json()) };
}

test.each<TokenProfile>(['auth0', 'rfc9068', 'opaque'])(
  'signing out sends a logout token for the sid of the access token (%s)',
  async (profile) => {
    const { issuer, claims, errors } = await visit({ profile, logoutUrl });

    expect(errors).toEqual([]);
    expect(received).toHaveLength(1);
    const token = received[0]?.get('logout_token') ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'logout+jwt' });
    expect(decodeJwt(token)).toMatchObject({
      iss: issuer,
      aud: 'local-spa',
      sub: 'manager',
      sid: expect.any(String),
    });
    expect(claims['sid']).toBe(decodeJwt(token)['sid']);
  },
);

test('without logoutUrl nothing is sent, and tokens have no sid', async () => {
  const { claims, errors } = await visit({});

  expect([claims['sid'], errors, received]).toEqual([undefined, [], []]);
});

test('a logout token that is rejected is reported, and the user is signed out anyway', async () => {
  status = 400;
  const { errors } = await visit({ logoutUrl });

  expect(errors).toEqual([
    expect.objectContaining({ message: expect.stringContaining(`200 OK from ${logoutUrl}`) }),
  ]);
});
