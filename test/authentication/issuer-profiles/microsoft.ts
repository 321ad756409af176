import { type IssuerProfile, now, times, withoutAlg } from './profile.ts';

const tenant = 'YOUR_TENANT_ID';
const api = 'YOUR_API_CLIENT_ID';
const spa = '6731de76-14a6-49ae-97bc-6eba6914391e';
const person = {
  oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
  sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
  tid: tenant,
};
const headerOf = (key: string) => ({ typ: 'JWT', x5t: key });

const entraIssuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
const entraToken = {
  ...times,
  nbf: times.iat,
  iss: entraIssuer,
  aud: api,
  azp: spa,
  ...person,
  scp: 'read:messages',
  uti: 'yKHyLm3Fik6L1cYjPZUHAA',
  ver: '2.0',
};
const entraIdToken = {
  ...times,
  nbf: times.iat,
  iss: entraIssuer,
  aud: spa,
  ...person,
  name: 'Ada Lovelace',
  nonce: '678910',
  preferred_username: 'ada@example.com',
  ver: '2.0',
};

export const entra: IssuerProfile = {
  section: 'Microsoft Entra ID',
  algorithm: 'RS256',
  discovery: {
    url: `${entraIssuer}/.well-known/openid-configuration`,
    issuer: entraIssuer,
    id_token_signing_alg_values_supported: ['RS256'],
  },
  keySet: {
    url: `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
    publish: withoutAlg({ issuer: entraIssuer }),
  },
  header: headerOf('k1'),
  accessToken: {
    claims: { ...entraToken, roles: ['admin:write'] },
    viewer: { subject: person.sub, clientId: spa, scopes: ['read:messages', 'admin:write'] },
  },
  accepted: {
    'an application': {
      claims: {
        ...entraToken,
        scp: undefined,
        roles: ['read:messages'],
        sub: person.oid,
      },
      viewer: { subject: person.oid, clientId: spa, scopes: ['read:messages'] },
    },
  },
  idToken: { reason: 'token_audience', claims: entraIdToken },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...entraToken, aud: 'https://graph.microsoft.com' },
  },
  otherIssuer: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  rejected: {
    'the ID token of an app with the same registration': {
      reason: 'token_claim',
      claims: { ...entraIdToken, aud: api },
    },
    'a token of version 1': {
      reason: 'token_issuer',
      claims: {
        ...entraToken,
        iss: `https://sts.windows.net/${tenant}/`,
        azp: undefined,
        appid: spa,
      },
    },
  },
};

const entra1Issuer = `https://sts.windows.net/${tenant}/`;
const entra1Token = {
  ...times,
  nbf: times.iat,
  iss: entra1Issuer,
  aud: `api://${api}`,
  acr: '1',
  amr: ['pwd', 'mfa'],
  appid: spa,
  ipaddr: '203.0.113.7',
  ...person,
  scp: 'read:messages',
  unique_name: 'ada@example.com',
  upn: 'ada@example.com',
  ver: '1.0',
};

export const entraVersion1: IssuerProfile = {
  section: 'Microsoft Entra ID, version 1',
  algorithm: 'RS256',
  discovery: {
    url: `https://login.microsoftonline.com/${tenant}/.well-known/openid-configuration`,
    issuer: entra1Issuer,
  },
  keySet: {
    url: 'https://login.microsoftonline.com/common/discovery/keys',
    publish: withoutAlg(),
  },
  header: headerOf('k1'),
  accessToken: {
    claims: entra1Token,
    viewer: { subject: person.sub, clientId: spa, scopes: ['read:messages'] },
  },
  accepted: {
    'an application': {
      claims: {
        ...entra1Token,
        amr: undefined,
        ipaddr: undefined,
        roles: ['read:messages'],
        scp: undefined,
        sub: person.oid,
        unique_name: undefined,
        upn: undefined,
      },
      viewer: { subject: person.oid, clientId: spa, scopes: ['read:messages'] },
    },
  },
  idToken: {
    reason: 'token_audience',
    claims: { ...entraIdToken, iss: entra1Issuer, ver: '1.0' },
  },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...entra1Token, aud: '00000003-0000-0000-c000-000000000000' },
  },
  otherIssuer: 'https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/',
  rejected: {
    'the ID token of an app with the same registration': {
      reason: 'token_claim',
      claims: { ...entraIdToken, iss: entra1Issuer, aud: `api://${api}`, ver: '1.0' },
    },
  },
};

const b2cIssuer = `https://example.b2clogin.com/${tenant}/v2.0/`;
const b2cToken = {
  ...times,
  nbf: times.iat,
  auth_time: times.iat,
  iss: b2cIssuer,
  aud: api,
  azp: spa,
  sub: '884408e1-2918-4cz0-b12d-3aa027d7563b',
  scp: 'read:messages',
  tfp: 'B2C_1_signin',
  ver: '1.0',
};
const b2cIdToken = { ...b2cToken, azp: undefined, scp: undefined, aud: spa, nonce: 'defaultNonce' };

export const b2c: IssuerProfile = {
  section: 'Azure AD B2C',
  algorithm: 'RS256',
  discovery: {
    url: 'https://example.b2clogin.com/example.onmicrosoft.com/B2C_1_signin/v2.0/.well-known/openid-configuration',
    issuer: b2cIssuer,
  },
  keySet: {
    url: 'https://example.b2clogin.com/example.onmicrosoft.com/b2c_1_signin/discovery/v2.0/keys',
    publish: ({ alg: _, ...key }) => [{ ...key, nbf: 1_493_763_266 }],
  },
  header: { typ: 'JWT' },
  accessToken: {
    claims: b2cToken,
    viewer: { subject: b2cToken.sub, clientId: spa, scopes: ['read:messages'] },
  },
  idToken: { reason: 'token_audience', claims: b2cIdToken },
  elsewhere: { reason: 'token_audience', claims: { ...b2cToken, aud: 'other-api' } },
  otherIssuer: 'https://other.b2clogin.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0/',
  rejected: {
    'the ID token of an app with the same registration': {
      reason: 'token_claim',
      claims: { ...b2cIdToken, aud: api },
    },
  },
};

const adfsToken = {
  ...times,
  nbf: times.iat,
  iss: 'http://adfs.example.com/adfs/services/trust',
  aud: 'microsoft:identityserver:YOUR_API_ID',
  sub: 'ada@example.com',
  apptype: 'Public',
  appid: spa,
  authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  auth_time: '2026-11-05T11:58:00.000Z',
  ver: '1.0',
  scp: 'openid read:messages',
};
const adfsIssuer = 'https://adfs.example.com/adfs';

export const adfs: IssuerProfile = {
  section: 'AD FS',
  algorithm: 'RS256',
  discovery: {
    url: `${adfsIssuer}/.well-known/openid-configuration`,
    issuer: adfsIssuer,
    access_token_issuer: adfsToken.iss,
  },
  keySet: {
    url: `${adfsIssuer}/discovery/keys`,
    publish: (key) => [{ ...key, x5t: key['kid'], x5c: ['AAAA'] }],
  },
  header: headerOf('k1'),
  accessToken: {
    claims: adfsToken,
    viewer: { subject: 'ada@example.com', clientId: spa, scopes: ['openid', 'read:messages'] },
  },
  idToken: {
    reason: 'token_issuer',
    claims: {
      ...times,
      iss: adfsIssuer,
      aud: spa,
      sub: 'Ov4Ywdoc5oJQVQQJtkC8TdMxFb4=',
      auth_time: now - 60,
      nonce: '636233',
      upn: 'ada@example.com',
    },
  },
  elsewhere: { reason: 'token_audience', claims: { ...adfsToken, aud: 'urn:microsoft:userinfo' } },
  otherIssuer: 'http://adfs.example.org/adfs/services/trust',
  rejected: {
    'a token without the rule that issues sub': {
      reason: 'token_subject',
      claims: { ...adfsToken, sub: undefined },
    },
  },
};
