import { describe, expect, it } from 'vitest';
import {
  AuthError,
  type AuthenticatedViewer,
  anonymous,
  createGate,
  type OwnAuthErrorReason,
  requireScope,
} from '../../src/layer.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { authenticatorFor, bearer, refusalOf, requestWith } from '../support/authentication.ts';
import { createTestIssuer } from '../support/tokens.ts';

const issuer = createTestIssuer();
const metadata = 'https://api.test/.well-known/oauth-protected-resource';
const authenticator = authenticatorFor(issuer, {
  publicUrl: 'https://api.test',
  dpop: 'optional',
  dpopNonce: 'required',
  realm: 'reports',
  resourceMetadata: metadata,
});
const shared = `realm="reports"`;
const about = `resource_metadata="${metadata}"`;

describe('the headers of an AuthError', () => {
  it('are those of its authenticator', async () => {
    const { headers } = await refusalOf(authenticator.authenticate(bearer('opaque')));
    expect(headers).toEqual({
      'Cache-Control': 'no-store',
      'WWW-Authenticate': `Bearer ${shared}, error="invalid_token", error_description="The access token is not a signed JWT. Request one with the audience of this API.", ${about}`,
    });
  });

  it('are those of the response through the gate', async () => {
    const request = bearer('opaque');
    const { headers } = await refusalOf(authenticator.authenticate(request));
    const refused = await createGate({ authenticator }).authenticate(request);
    expect({ 'Cache-Control': 'no-store', ...('headers' in refused && refused.headers) }).toEqual(
      headers,
    );
  });

  it('have the nonce for clients with DPoP', async () => {
    const { headers } = await refusalOf(authenticator.authenticate(requestWith('DPoP a.b.c')));
    expect(headers).toMatchObject({
      'DPoP-Nonce': authenticator.dpopNonce(),
      'WWW-Authenticate': expect.stringMatching(
        /^DPoP realm="reports", error="invalid_dpop_proof"/,
      ),
    });
  });

  it('say when to try again', async () => {
    const down = createTestIssuer();
    down.setDown(true);
    const error = await refusalOf(authenticatorFor(down).authenticate(bearer(down.sign())));
    expect(error.headers).toEqual({
      'Cache-Control': 'no-store',
      'Retry-After': String(error.retryAfter),
    });
  });

  it('can be read without an authenticator', () => {
    expect(new AuthError('authentication_required').headers).toEqual({
      'Cache-Control': 'no-store',
      'WWW-Authenticate': 'Bearer realm="graphql"',
    });
  });
});

describe('requireScope', () => {
  const viewer = viewerWith({ scopes: ['read:reports', 'write:reports'] });
  const refused = (...args: Parameters<typeof requireScope>) =>
    refusalOf((async () => requireScope(...args))());

  it.each(['read:reports', 'write:reports read:reports'])('returns a viewer with %s', (scope) => {
    expect(requireScope(viewer, scope, authenticator)).toBe(viewer);
  });

  it('requires authentication', async () => {
    const error = await refused(anonymous, 'read:reports', authenticator);
    expect([error.status, error.headers['WWW-Authenticate']]).toEqual([
      401,
      `Bearer ${shared}, ${about}, DPoP ${shared}, algs="${authenticator.dpopAlgorithms.join(' ')}", ${about}`,
    ]);
  });

  it('requires each scope, and names them', async () => {
    const error = await refused(viewer, 'read:reports admin', authenticator);
    expect([error.status, error.code, error.headers['WWW-Authenticate']]).toEqual([
      403,
      'FORBIDDEN',
      `Bearer ${shared}, error="insufficient_scope", error_description="The access token is missing a required scope.", scope="read:reports admin", ${about}`,
    ]);
  });

  it.each(['', ' ', 'a  b', 'a "b"', 'a\nb'])('rejects %j as a scope', (scope) => {
    expect(() => requireScope(viewer, scope, authenticator)).toThrow(TypeError);
  });
});

describe('reasons of your own', () => {
  const own: OwnAuthErrorReason = {
    reason: 'api_key_unknown',
    code: 'UNAUTHENTICATED',
    message: 'The API key is unknown.',
    error: 'invalid_token',
  };

  it('are sent like those of the package', async () => {
    const gate = createGate({
      authenticator: { authenticate: () => Promise.reject(new AuthError(own)) },
    });
    expect(await gate.authenticate(requestWith(undefined))).toMatchObject({
      status: 401,
      headers: {
        'WWW-Authenticate':
          'Bearer realm="graphql", error="invalid_token", error_description="The API key is unknown."',
      },
      errors: [{ message: own.message, extensions: { code: own.code, reason: own.reason } }],
    });
  });

  it.each<[string, object, RegExp]>([
    ['a name with spaces', { reason: 'API key' }, /reason must be lower-case/],
    ['a reason of the package', { reason: 'token_expired' }, /is a reason of this package/],
    ['a member of objects', { code: 'constructor' }, /code must be one of: BAD_REQUEST/],
    ['an unknown code', { code: 'TEAPOT' }, /code must be one of/],
    ['a quote in the message', { message: 'a "b"' }, /message must be 1 to 200 characters/],
    ['a line break in the message', { message: 'a\r\nSet-Cookie: a' }, /message must be/],
    ['no message', { message: '' }, /message must be/],
    ['a long message', { message: 'a'.repeat(201) }, /message must be/],
    ['an unknown error', { error: 'other' }, /error must be one of: invalid_request/],
  ])('cannot have %s', (_, change, message) => {
    const create = () => new AuthError(Object.assign({ ...own }, change));
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});

describe('a viewer made by hand is checked', () => {
  const valid = { ...viewerWith({ subject: 'Ann' }) };
  const through = (viewer: unknown) =>
    createGate({
      // As untyped code would.
      authenticator: { authenticate: async () => Object(viewer) },
    }).authenticate(requestWith(undefined));

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['another kind', { kind: 'user' }, /kind must be 'authenticated' or 'anonymous'/],
    ['no subject', { subject: undefined }, /subject must be a non-empty string/],
    ['no issuer', { issuer: '' }, /issuer must be a non-empty string/],
    ['a list of scopes', { scopes: ['a'] }, /scopes must be a Set: new Set/],
    ['no claims', { claims: undefined }, /claims must be an object/],
    ['a number as expiry', { expiresAt: 1 }, /expiresAt must be a valid Date/],
    ['an invalid expiry', { expiresAt: new Date(Number.NaN) }, /expiresAt must be a valid Date/],
  ])('%s', async (_, change, message) => {
    await expect(through({ ...valid, ...change })).rejects.toThrow(TypeError);
    await expect(through({ ...valid, ...change })).rejects.toThrow(message);
  });

  it('once per object', async () => {
    let reads = 0;
    const viewer: AuthenticatedViewer = Object.defineProperty({ ...valid }, 'subject', {
      get: () => {
        reads += 1;
        return 'Ann';
      },
    });
    const gate = createGate({ authenticator: { authenticate: async () => viewer } });
    await gate.authenticate(requestWith(undefined));
    await gate.authenticate(requestWith(undefined));
    expect(reads).toBe(1);
  });
});
