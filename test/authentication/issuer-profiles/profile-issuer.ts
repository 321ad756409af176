import { parseEnvironment } from '../../../src/shared/environment-file.ts';
import { blocksOf, readDocument } from '../../documentation/markdown.ts';
import { createTestKey, encodeJws, jsonResponse, type TestKey } from '../../support/tokens.ts';
import type { Claims, IssuerProfile } from './profile.ts';

/** An issuer that is shaped like a profile. */
export interface ProfileIssuer {
  readonly key: TestKey;
  /** Serves its metadata and its keys. */
  readonly fetch: (url: string) => Promise<Response>;
  readonly sign: (claims: Claims, signing?: Signing) => string;
  /** The headers of a request with a token, from a page of this origin. */
  readonly headersOf: (token: string, origin: string) => Record<string, string>;
}

interface Signing {
  /** What differs from the header of its tokens. */
  readonly header?: Claims;
  /** Default: the key that is published. */
  readonly signer?: TestKey;
}

export function createProfileIssuer(profile: IssuerProfile): ProfileIssuer {
  const key = createTestKey(profile.algorithm);
  const { discovery, keySet, sentIn = 'Authorization' } = profile;
  return {
    key,
    async fetch(url) {
      if (url === keySet.url) {
        const headers = { 'content-type': keySet.contentType ?? 'application/json' };
        return jsonResponse({ keys: keySet.publish?.(key.jwk) ?? [key.jwk] }, { headers });
      }
      const { url: discoveryUrl, ...members } = discovery ?? {};
      return url === discoveryUrl
        ? jsonResponse({ ...members, jwks_uri: keySet.url })
        : new Response('', { status: 404 });
    },
    sign: (claims, { header = {}, signer = key } = {}) =>
      encodeJws({ alg: key.algorithm, kid: key.kid, ...profile.header, ...header }, claims, signer),
    headersOf: (token, origin) => ({
      Origin: origin,
      [sentIn]: sentIn === 'Authorization' ? `Bearer ${token}` : token,
    }),
  };
}

/** The settings in the section of a profile in docs/issuers.md. */
export function readSettings({ section }: IssuerProfile): Readonly<Record<string, string>> {
  const [block, ...others] = blocksOf(readDocument('docs/issuers.md')).filter(
    ({ heading, language }) => heading === section && language === 'ini',
  );
  if (block === undefined || others.length > 0) {
    throw new Error(`docs/issuers.md must have one block of settings for ${section}.`);
  }
  const { variables, problems } = parseEnvironment(block.text);
  if (problems.length > 0) throw new Error(problems.join(' '));
  return variables;
}
