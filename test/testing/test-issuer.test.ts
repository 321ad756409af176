import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  askAs,
  createAuthenticator,
  createTestIssuer,
  expectResponse,
  type SignatureAlgorithm,
  type TestTokenOptions,
  viewerWith,
} from '../../src/index.ts';
import { bearer, refusalOf } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createGuardedYoga } from './guarded-yoga.ts';

const publicUrl = 'http://localhost';

describe('tokens of a test issuer', () => {
  it.each<SignatureAlgorithm>(['ES256', 'RS256', 'PS256', 'Ed25519', 'EdDSA'])(
    'are accepted, with %s',
    async (algorithm) => {
      const issuer = createTestIssuer({ algorithm });
      const authenticator = createAuthenticator({
        ...issuer.authenticatorOptions,
        algorithms: [algorithm],
        profile: 'rfc9068',
      });

      const viewer = await authenticator.authenticate(
        bearer(await issuer.token({ scopes: ['a', 'b'], subject: 'ada' })),
      );

      expect(viewer).toMatchObject({ subject: 'ada', scopes: new Set(['a', 'b']) });
    },
  );

  it('can have their scopes elsewhere', async () => {
    const issuer = createTestIssuer({ scopes: ['realm_access.roles'] });
    const authenticator = createAuthenticator(issuer.authenticatorOptions);
    const options = { claims: { realm_access: { roles: ['a'] } }, scopes: ['ignored'] };
    const { scopes } = issuer.viewer(options);
    expect(scopes).toEqual(new Set(['a']));
    const viewer = await authenticator.authenticate(bearer(await issuer.token(options)));
    expect(viewer).toMatchObject({ scopes });
  });

  it.each([
    ['expired', { expiresIn: -60 }, 'token_expired'],
    ['for another audience', { claims: { aud: 'https://other.test' } }, 'token_audience'],
    ['without a subject', { claims: { sub: undefined } }, 'token_subject'],
    ['bound to a key, and sent as Bearer', { dpop: true }, 'token_bound'],
  ] as const)('can be %s', async (_, options, reason) => {
    const issuer = createTestIssuer();
    const authenticator = createAuthenticator({
      ...issuer.authenticatorOptions,
      dpop: 'optional',
      publicUrl,
    });

    const error = await refusalOf(authenticator.authenticate(bearer(await issuer.token(options))));

    expect(error.reason).toBe(reason);
  });

  it('follow the clock', async () => {
    const clock = createTestClock();
    const issuer = createTestIssuer({ clock });
    const authenticator = createAuthenticator(issuer.authenticatorOptions);
    const token = await issuer.token({ expiresIn: 60 });

    expect(decodeJwt(token).exp).toBe(clock.seconds() + 60);
    await authenticator.authenticate(bearer(token));
    clock.advance(120);
    expect((await refusalOf(authenticator.authenticate(bearer(token)))).reason).toBe(
      'token_expired',
    );
  });

  it('of another issuer with the same URL are not accepted', async () => {
    const authenticator = createAuthenticator(createTestIssuer().authenticatorOptions);
    const token = await createTestIssuer().token();

    expect((await refusalOf(authenticator.authenticate(bearer(token)))).status).toBe(401);
  });
});

describe('a viewer of a test issuer', () => {
  it.each<TestTokenOptions>([
    {},
    { scopes: ['a'], subject: 'ada' },
    { expiresIn: 60 },
    { claims: { permissions: ['p'], email: 'e' } },
    { subject: 'ada', claims: { sub: 'eve' } },
    { claims: { sub: undefined } },
    { claims: { sub: undefined, client_id: undefined, azp: 'other' } },
    { claims: { client_id: 'other' } },
    { claims: { client_id: undefined } },
    { claims: { client_id: undefined, azp: 'other' } },
    { expiresIn: 60, claims: { exp: 1_999_999_999 } },
    { claims: { iat: undefined } },
    { claims: { updated: new Date(0), nothing: undefined } },
    { scopes: ['a'], claims: { scope: 'b', scp: ['c'] } },
    { claims: { act: { sub: 'service', act: { sub: 'other' } } } },
  ])('is the one that its token becomes: %j', async (options) => {
    const clock = createTestClock();
    const issuer = createTestIssuer({ clock });
    const authenticator = createAuthenticator({
      ...issuer.authenticatorOptions,
      machineTokens: 'accept',
    });
    const { createCredentials: _, ...viewer } = issuer.viewer(options);

    const verified = await authenticator.authenticate(bearer(await issuer.token(options)));

    expect(verified).toMatchObject({ kind: 'authenticated' });
    const { jti: _id, ...claims } = verified.kind === 'authenticated' ? verified.claims : {};
    expect({ ...verified, claims }).toStrictEqual(viewer);
  });

  it('does not freeze the claims of its options', () => {
    const claims = { address: { country: 'GB' } };
    createTestIssuer().viewer({ claims });

    expect(Object.isFrozen(claims.address)).toBe(false);
  });

  it('has the scopes of an iterator in each token', async () => {
    const issuer = createTestIssuer();
    const viewer = issuer.viewer({ scopes: new Set(['read:messages', 'profile']).values() });
    const yoga = createGuardedYoga(issuer);

    for (const _ of [1, 2]) {
      expectResponse(await askAs(yoga, viewer, '{ notes }')).toHaveData({ notes: 'notes' });
    }
  });
});

describe('viewerWith', () => {
  it.each<Record<string, unknown>>([
    {},
    { sub: 'ada' },
    { client_id: undefined, azp: 'other' },
    { exp: Math.floor(Date.now() / 1000) + 60 },
    { act: { sub: 'service' }, email: 'e' },
  ])('with the claims of a token is the viewer of the token: %j', async (claims) => {
    const issuer = createTestIssuer();
    const authenticator = createAuthenticator(issuer.authenticatorOptions);
    const token = await issuer.token({ scopes: ['a'], claims });

    const viewer = viewerWith({ scopes: ['a'], claims: decodeJwt(token) });

    expect(viewer).toEqual({ ...(await authenticator.authenticate(bearer(token))) });
  });

  it('has the same subject and issuer in its claims', () => {
    const traits = { subject: 'ada', issuer: 'https://a.test/', expiresAt: new Date(0) };
    const claims = { sub: 'eve', iss: 'https://b.test/', exp: 1 };

    expect(viewerWith({ ...traits, claims })).toMatchObject({
      ...traits,
      claims: { sub: 'ada', iss: 'https://a.test/' },
    });
  });
});

describe('keys of a test issuer', () => {
  it.each([
    ['published', 200],
    ['revoked', 401],
  ] as const)('that were %s: %i', async (previousKeys, status) => {
    const issuer = createTestIssuer();
    const token = await issuer.token();
    issuer.rotateKeys(previousKeys);
    const yoga = createGuardedYoga(issuer);

    expect((await askAs(yoga, token, '{ owner }')).status).toBe(status);
    expect((await askAs(yoga, issuer.viewer(), '{ owner }')).status).toBe(200);
  });

  it('are fetched again by a server that runs', async () => {
    const issuer = createTestIssuer();
    const yoga = createGuardedYoga(issuer);
    await askAs(yoga, issuer.viewer(), '{ owner }');
    issuer.rotateKeys();

    expect((await askAs(yoga, issuer.viewer(), '{ owner }')).status).toBe(200);
  });

  it('cannot be fetched while it is unreachable', async () => {
    const issuer = createTestIssuer();
    const yoga = createGuardedYoga(issuer);
    issuer.setReachable(false);

    const response = await askAs(yoga, issuer.viewer(), '{ owner }');

    expectResponse(response).toBeRefused({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    expectResponse(await askAs(yoga, anonymous, '{ open }')).toHaveData({ open: 'open' });
  });

  it('are served like those of a real issuer', async () => {
    const issuer = createTestIssuer();
    const { jwks_uri } = await (
      await issuer.fetch(new URL('https://issuer.test/.well-known/openid-configuration'))
    ).json();

    expect(await (await issuer.fetch(new Request(jwks_uri))).json()).toMatchObject({
      keys: [{ kty: 'EC', use: 'sig', alg: 'ES256' }],
    });
    expect((await issuer.fetch('https://issuer.test/other')).status).toBe(404);
  });
});

describe('DPoP', () => {
  const createBoundServer = () => {
    const issuer = createTestIssuer();
    return { issuer, yoga: createGuardedYoga(issuer, { dpop: 'required', publicUrl }) };
  };

  it('has a new proof for each request of a viewer', async () => {
    const { issuer, yoga } = createBoundServer();
    const viewer = issuer.viewer({ dpop: true, subject: 'ada' });

    for (const _ of [1, 2]) {
      expectResponse(await askAs(yoga, viewer, '{ owner }')).toHaveData({ owner: 'ada' });
    }
  });

  it.each([
    ['another URL', { url: 'http://localhost/other' }],
    ['another method', { method: 'GET' }],
    ['another time', { claims: { iat: 0 } }],
    ['another token', { token: 'other' }],
  ])('can have a proof for %s', async (_, deviation) => {
    const { issuer, yoga } = createBoundServer();
    const token = await issuer.token({ dpop: true });
    const url = `${publicUrl}/graphql`;
    const headers = {
      Authorization: `DPoP ${token}`,
      DPoP: await issuer.proof({ token, url, ...deviation }),
    };

    const response = await askAs(yoga, anonymous, '{ owner }', { headers });

    expectResponse(response).toBeRefused({
      status: 401,
      scheme: 'DPoP',
      error: 'invalid_dpop_proof',
    });
  });

  it('can have a nonce', async () => {
    const issuer = createTestIssuer();
    const yoga = createGuardedYoga(issuer, { dpop: 'required', publicUrl, dpopNonce: 'required' });
    const token = await issuer.token({ dpop: true });
    const url = `${publicUrl}/graphql`;
    const send = async (nonce?: string) =>
      askAs(yoga, anonymous, '{ owner }', {
        headers: {
          Authorization: `DPoP ${token}`,
          DPoP: await issuer.proof({ token, url, ...(nonce === undefined ? {} : { nonce }) }),
        },
      });

    const first = await send();

    expectResponse(first).toBeRefused({ status: 401, error: 'use_dpop_nonce' });
    expect((await send(first.headers.get('dpop-nonce') ?? '')).status).toBe(200);
  });
});
