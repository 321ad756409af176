import fc from 'fast-check';
import * as oauth from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { buildChallenge, type Challenge } from '../../src/authentication/challenge.ts';

/** How oauth4webapi parses the header. */
async function readByClient(header: string): Promise<{ scheme: string; parameters: object }[]> {
  const response = new Response(null, { status: 401, headers: { 'www-authenticate': header } });
  try {
    await oauth.protectedResourceRequest(
      'token',
      'POST',
      new URL('https://api.test/graphql'),
      undefined,
      null,
      { [oauth.customFetch]: async () => response },
    );
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) {
      return error.cause.map(({ scheme, parameters }) => ({
        scheme,
        parameters: { ...parameters },
      }));
    }
    throw error;
  }
  throw new Error('The client saw no challenge.');
}

const realm = 'https://api.test';
const resourceMetadata = 'https://api.test/.well-known/oauth-protected-resource/graphql';

describe('a challenge', () => {
  it.each<[string, Challenge, string]>([
    ['requests credentials', { scheme: 'Bearer', realm }, 'Bearer realm="https://api.test"'],
    [
      'has a scope',
      { scheme: 'Bearer', realm, scope: 'read:messages write:messages' },
      'Bearer realm="https://api.test", scope="read:messages write:messages"',
    ],
    [
      'offers several schemes',
      {
        scheme: ['Bearer', 'DPoP'],
        realm,
        scope: 'a',
        dpopAlgorithms: ['ES256', 'RS256'],
        resourceMetadata,
      },
      `Bearer realm="https://api.test", scope="a", resource_metadata="${resourceMetadata}", DPoP realm="https://api.test", scope="a", algs="ES256 RS256", resource_metadata="${resourceMetadata}"`,
    ],
    [
      'reports an error for one scheme',
      {
        scheme: 'Bearer',
        realm,
        error: 'invalid_token',
        errorDescription: 'The access token has expired. Get a new one.',
        dpopAlgorithms: ['ES256'],
      },
      'Bearer realm="https://api.test", error="invalid_token", error_description="The access token has expired. Get a new one."',
    ],
    [
      'requires stronger authentication',
      {
        scheme: 'DPoP',
        realm,
        error: 'insufficient_user_authentication',
        acrValues: ['urn:a', 'urn:b'],
        maxAge: 0,
      },
      'DPoP realm="https://api.test", error="insufficient_user_authentication", acr_values="urn:a urn:b", max_age="0"',
    ],
    [
      'escapes quotes and backslashes',
      { scheme: 'Bearer', realm: 'a "b" \\ c' },
      'Bearer realm="a \\"b\\" \\\\ c"',
    ],
  ])('%s', (_, challenge, header) => {
    expect(buildChallenge(challenge)).toBe(header);
  });

  it.each(['a\r\nSet-Cookie: a=b', 'a\u0000', '\u00e9', '\u20ac', '\u007f'])(
    'rejects %j',
    (value) => {
      expect(() => buildChallenge({ scheme: 'Bearer', realm: value })).toThrow(
        new TypeError('The realm of a challenge must be printable ASCII.'),
      );
    },
  );
});

describe('oauth4webapi', () => {
  it('parses both schemes', async () => {
    const header = buildChallenge({
      scheme: ['Bearer', 'DPoP'],
      realm: 'with, comma = "quoted" and \\',
      scope: 'a b',
      dpopAlgorithms: ['ES256', 'EdDSA'],
      resourceMetadata,
    });
    const shared = {
      realm: 'with, comma = "quoted" and \\',
      scope: 'a b',
      resource_metadata: resourceMetadata,
    };
    expect(await readByClient(header)).toEqual([
      { scheme: 'bearer', parameters: shared },
      { scheme: 'dpop', parameters: { ...shared, algs: 'ES256 EdDSA' } },
    ]);
  });

  it('parses any printable text', async () => {
    const text = fc.string({ unit: 'grapheme-ascii' });
    await fc.assert(
      fc.asyncProperty(text, text, async (someRealm, scope) => {
        const header = buildChallenge({
          scheme: 'Bearer',
          realm: someRealm,
          scope,
          error: 'insufficient_scope',
        });
        expect(await readByClient(header)).toEqual([
          {
            scheme: 'bearer',
            parameters: { realm: someRealm, scope, error: 'insufficient_scope' },
          },
        ]);
      }),
      { numRuns: 300, seed: 20_261_126 },
    );
  });
});
