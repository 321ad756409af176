import { type IssuerProfile, now, times, withoutAlg } from './profile.ts';

const hydraIssuer = 'https://hydra.example.com';
const hydraToken = {
  aud: [],
  client_id: 'YOUR_OAUTH2_CLIENT_ID',
  ...times,
  ext: { tenant: 'one' },
  iss: hydraIssuer,
  jti: 'd2e3c4b5-aaaa-4f0c-8b32-0f9a4a0f6f0f',
  nbf: times.iat,
  scp: ['openid', 'read:messages'],
  sub: '8f2b6a04-ada',
};

export const hydra: IssuerProfile = {
  section: 'Ory Hydra',
  algorithm: 'RS256',
  discovery: { url: `${hydraIssuer}/.well-known/openid-configuration`, issuer: hydraIssuer },
  keySet: { url: `${hydraIssuer}/.well-known/jwks.json` },
  header: { typ: 'JWT' },
  accessToken: {
    claims: hydraToken,
    viewer: {
      subject: hydraToken.sub,
      clientId: 'YOUR_OAUTH2_CLIENT_ID',
      scopes: ['openid', 'read:messages'],
    },
  },
  accepted: {
    'a client that acts for itself': {
      claims: { ...hydraToken, scp: ['read:messages'], sub: 'YOUR_OAUTH2_CLIENT_ID' },
      viewer: {
        subject: 'YOUR_OAUTH2_CLIENT_ID',
        clientId: 'YOUR_OAUTH2_CLIENT_ID',
        scopes: ['read:messages'],
      },
    },
  },
  idToken: {
    reason: 'token_audience',
    claims: {
      ...times,
      iss: hydraIssuer,
      sub: hydraToken.sub,
      aud: ['YOUR_OAUTH2_CLIENT_ID'],
      at_hash: 'a',
      auth_time: now - 60,
      rat: now - 70,
      sid: '1d0e2f6b',
    },
  },
  elsewhere: { reason: 'token_client', claims: { ...hydraToken, client_id: 'other' } },
  otherIssuer: 'https://example.projects.oryapis.com',
  rejected: {
    'a token for another API': {
      reason: 'token_audience',
      claims: { ...hydraToken, aud: ['https://other.example.com'] },
    },
  },
};

const zitadelIssuer = 'https://example.zitadel.cloud';
const zitadelToken = {
  ...times,
  nbf: times.iat,
  iss: zitadelIssuer,
  aud: ['257714027772314751', 'YOUR_PROJECT_ID'],
  client_id: '257714027772314751',
  jti: 'V2_258541832112668930-at_258541832112734466',
  sub: '257712562366383231',
  'urn:zitadel:iam:org:project:roles': {
    'read:messages': { '257712562366317695': 'example.zitadel.cloud' },
  },
};

export const zitadel: IssuerProfile = {
  section: 'Zitadel',
  algorithm: 'RS256',
  discovery: { url: `${zitadelIssuer}/.well-known/openid-configuration`, issuer: zitadelIssuer },
  keySet: { url: `${zitadelIssuer}/oauth/v2/keys`, publish: withoutAlg() },
  header: { typ: 'JWT' },
  accessToken: {
    claims: zitadelToken,
    viewer: {
      subject: zitadelToken.sub,
      clientId: '257714027772314751',
      scopes: ['read:messages'],
    },
  },
  idToken: {
    reason: 'token_claim',
    claims: {
      ...zitadelToken,
      jti: undefined,
      nbf: undefined,
      amr: ['pwd'],
      at_hash: 'a',
      auth_time: now - 60,
      azp: '257714027772314751',
      sid: 'V1_257712562366383231',
    },
  },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...zitadelToken, aud: ['257714027772314751', '999'] },
  },
  otherIssuer: 'https://other.zitadel.cloud',
};
