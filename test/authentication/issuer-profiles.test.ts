import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import { authenticatorOptionsOf } from '../../src/server/authenticator-options-of.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { parseEnvironment } from '../../src/shared/environment-file.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { outcomeOf } from '../support/authentication.ts';
import { createTestKey, encodeJws, jsonResponse, type TestKey } from '../support/tokens.ts';
import * as cloud from './issuer-profiles/cloud.ts';
import * as microsoft from './issuer-profiles/microsoft.ts';
import * as oryAndZitadel from './issuer-profiles/ory-and-zitadel.ts';
import { type Claims, clock, type IssuerProfile, now } from './issuer-profiles/profile.ts';
import * as selfHosted from './issuer-profiles/self-hosted.ts';
import * as services from './issuer-profiles/services.ts';

/* Each issuer of docs/issuers.md with the settings that stand there, and tokens as it shapes them. */

const page = readDocument('docs/issuers.md');
const settings = blocksOf(page).filter(({ language }) => language === 'ini');

const profiles: readonly IssuerProfile[] = [cloud, microsoft, oryAndZitadel, selfHosted, services]
  .flatMap((one) => Object.values(one))
  .filter(({ section }) => page.includes(`### ${section}\n`));

function environmentOf({ section }: IssuerProfile): Readonly<Record<string, string>> {
  const [block, ...others] = settings.filter(({ heading }) => heading === section);
  if (block === undefined || others.length > 0) throw new Error(`${section}: not one block.`);
  const { variables, problems } = parseEnvironment(block.text);
  expect(problems).toEqual([]);
  return { NODE_ENV: 'production', PUBLIC_URL: 'https://api.example.com', ...variables };
}

function setUp(profile: IssuerProfile) {
  const key = createTestKey(profile.algorithm);
  const { discovery, keySet, sentIn = 'authorization' } = profile;
  const fetch = async (url: string): Promise<Response> => {
    if (url === keySet.url) {
      const headers = { 'content-type': keySet.contentType ?? 'application/json' };
      const keys = keySet.publish?.(key.jwk) ?? [key.jwk];
      return jsonResponse({ keys }, { headers });
    }
    const { url: discoveryUrl, ...members } = discovery ?? {};
    return url === discoveryUrl
      ? jsonResponse({ ...members, jwks_uri: keySet.url })
      : new Response('', { status: 404 });
  };
  const configuration = readConfiguration(environmentOf(profile));
  const authenticator = createAuthenticator({
    ...authenticatorOptionsOf(configuration),
    fetch,
    clock,
  });
  const send = async (claims: Claims, { header = {}, signer = key }: Signing = {}) => {
    const token = encodeJws(
      { alg: key.algorithm, kid: key.kid, ...profile.header, ...header },
      claims,
      signer,
    );
    const headers = new Headers({
      origin: 'https://api.example.com',
      [sentIn]: sentIn === 'authorization' ? `Bearer ${token}` : token,
    });
    const request = { method: 'POST', url: '/graphql', headers };
    const outcome = await outcomeOf(authenticator.authenticate(request));
    if ('reason' in outcome) return outcome.reason;
    if (outcome.kind === 'anonymous') throw new Error('No token was found.');
    const { subject, clientId, scopes } = outcome;
    return { subject, clientId, scopes: [...scopes] };
  };
  return { key, send };
}

interface Signing {
  readonly header?: Claims;
  readonly signer?: TestKey;
}

it('the page has a section of at most 15 lines for each issuer, in alphabetical order', () => {
  const [, before = ''] = page.split('\n## Settings by issuer\n');
  const [part = ''] = before.split('\n## ');
  const sections = part.split('\n### ').slice(1);
  const headings = sections.map((text) => text.split('\n')[0] ?? '');

  expect(headings).toEqual(profiles.map(({ section }) => section).sort());
  for (const section of sections) expect(section.trim().split('\n').length).toBeLessThan(16);
});

describe.each(profiles.map((profile) => [profile.section, profile] as const))(
  '%s',
  (_, profile) => {
    const { accessToken, accepted = {}, idToken, elsewhere, rejected = {}, otherIssuer } = profile;
    const { key, send } = setUp(profile);
    // The two generated RSA keys are used by turns.
    const otherKey = createTestKey(profile.algorithm, key.kid);

    it.each(Object.entries({ 'an access token': accessToken, ...accepted }))(
      'accepts %s',
      async (_name, { claims, viewer }) => {
        expect(await send(claims)).toEqual(viewer);
      },
    );

    it.each(
      Object.entries({
        'an ID token': idToken,
        'an access token for someone else': elsewhere,
        ...rejected,
      }),
    )('rejects %s', async (_name, { claims, header = {}, reason }) => {
      expect(await send(claims, { header })).toBe(reason);
    });

    it('rejects an expired token, one of another issuer, and one that another key signed', async () => {
      const { claims } = accessToken;
      expect(await send({ ...claims, exp: now - 60 })).toBe('token_expired');
      expect(await send({ ...claims, iss: otherIssuer })).toBe('token_issuer');
      expect(await send(claims, { signer: otherKey })).toBe('token_signature');
    });
  },
);
