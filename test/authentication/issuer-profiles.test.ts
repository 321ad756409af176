import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/authentication/authenticator.ts';
import { authenticatorOptionsOf } from '../../src/server/authenticator-options-of.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { bearer, outcomeOf } from '../support/authentication.ts';
import { createTestKey } from '../support/tokens.ts';
import * as cloud from './issuer-profiles/cloud.ts';
import * as microsoft from './issuer-profiles/microsoft.ts';
import * as oryAndZitadel from './issuer-profiles/ory-and-zitadel.ts';
import { clock, type IssuerProfile, now } from './issuer-profiles/profile.ts';
import { createProfileIssuer, readSettings } from './issuer-profiles/profile-issuer.ts';
import * as selfHosted from './issuer-profiles/self-hosted.ts';
import * as services from './issuer-profiles/services.ts';

/* Each issuer of docs/issuers.md with the settings that stand there, and tokens as it shapes them. */

const page = readDocument('docs/issuers.md');

const profiles: readonly IssuerProfile[] = [
  cloud,
  microsoft,
  oryAndZitadel,
  selfHosted,
  services,
].flatMap((one) => Object.values(one));

const publicUrl = 'https://api.example.com';

function setUp(profile: IssuerProfile) {
  const issuer = createProfileIssuer(profile);
  const authenticator = createAuthenticator({
    ...authenticatorOptionsOf(
      readConfiguration({
        NODE_ENV: 'production',
        PUBLIC_URL: publicUrl,
        ...readSettings(profile),
      }),
    ),
    fetch: issuer.fetch,
    clock,
  });
  const send = async (...signed: Parameters<typeof issuer.sign>) => {
    const headers = new Headers(issuer.headersOf(issuer.sign(...signed), publicUrl));
    const request = { method: 'POST', url: '/graphql', headers };
    const outcome = await outcomeOf(authenticator.authenticate(request));
    if ('reason' in outcome) return outcome.reason;
    if (outcome.kind === 'anonymous') throw new Error('No token was found.');
    const { subject, clientId, scopes } = outcome;
    return { subject, clientId, scopes: [...scopes] };
  };
  return { key: issuer.key, send };
}

it('the page has a section of at most 15 lines for each issuer, in alphabetical order', () => {
  const [, before = ''] = page.split('\n## Settings by issuer\n');
  const [part = ''] = before.split('\n## ');
  const sections = part.split('\n### ').slice(1);
  const headings = sections.map((text) => text.split('\n')[0] ?? '');

  expect(headings).toEqual(profiles.map(({ section }) => section).sort());
  for (const section of sections) expect(section.trim().split('\n').length).toBeLessThan(16);
});

it('the file of several issuers gives each its audience, keys and scopes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'issuers-'));
  const file = join(folder, 'issuers.json');
  const [shown] = blocksOf(page).filter(({ language }) => language === 'json');
  await writeFile(file, shown?.text ?? '');
  try {
    const [entra, keycloak] = [microsoft.entra, selfHosted.keycloak];
    const [one, two] = [createProfileIssuer(entra), createProfileIssuer(keycloak)];
    const { authenticate } = createAuthenticator({
      ...authenticatorOptionsOf(
        readConfiguration({ NODE_ENV: 'production', PUBLIC_URL: publicUrl, ISSUERS: file }),
      ),
      // Inside the cluster, where the API finds only the keys.
      fetch: (url) =>
        url.startsWith('http://keycloak:8080/') ? two.fetch(keycloak.keySet.url) : one.fetch(url),
      clock,
    });
    const send = (token: string) => outcomeOf(authenticate(bearer(token)));
    const { claims: ofEntra, viewer: entraViewer } = entra.accessToken;
    const { claims: ofKeycloak, viewer: keycloakViewer } = keycloak.accessToken;

    expect(await send(one.sign(ofEntra))).toMatchObject({ subject: entraViewer.subject });
    expect(await send(two.sign(ofKeycloak))).toMatchObject({
      subject: keycloakViewer.subject,
      scopes: new Set(keycloakViewer.scopes),
    });
    expect(await send(two.sign({ ...ofKeycloak, aud: ofEntra['aud'] }))).toMatchObject({
      reason: 'token_audience',
    });
    expect(await send(one.sign({ ...ofEntra, azp: undefined }))).toMatchObject({
      reason: 'token_claim',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
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
