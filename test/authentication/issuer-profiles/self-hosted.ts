import { type IssuerProfile, now, times } from './profile.ts';

const duendeIssuer = 'https://identity.example.com';
const duendeToken = {
  iss: duendeIssuer,
  nbf: times.iat,
  ...times,
  aud: 'notes',
  scope: ['openid', 'read:messages'],
  amr: ['pwd'],
  client_id: 'spa',
  sub: '818727',
  auth_time: now - 60,
  idp: 'local',
  sid: '7A4FEF0B5EB8E2A86D2A0F1EB1C8C0F5',
  jti: 'E2F1D3C4B5A69788',
};
const duendeMachine = {
  iss: duendeIssuer,
  nbf: times.iat,
  ...times,
  aud: 'notes',
  scope: ['read:messages'],
  client_id: 'worker',
  jti: 'F2F1D3C4B5A69788',
};

export const duende: IssuerProfile = {
  section: 'Duende IdentityServer',
  algorithm: 'RS256',
  discovery: { url: `${duendeIssuer}/.well-known/openid-configuration`, issuer: duendeIssuer },
  keySet: { url: `${duendeIssuer}/.well-known/openid-configuration/jwks` },
  header: { typ: 'at+jwt' },
  accessToken: {
    claims: duendeToken,
    viewer: { subject: '818727', clientId: 'spa', scopes: ['openid', 'read:messages'] },
  },
  accepted: {
    'a client that acts for itself': {
      claims: duendeMachine,
      viewer: { subject: 'client:worker', clientId: 'worker', scopes: ['read:messages'] },
    },
  },
  idToken: {
    reason: 'token_audience',
    header: { typ: 'JWT' },
    claims: {
      ...duendeToken,
      aud: 'spa',
      at_hash: 'a',
      client_id: undefined,
      jti: undefined,
      scope: undefined,
    },
  },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...duendeToken, aud: `${duendeIssuer}/resources` },
  },
  otherIssuer: 'https://identity.example.org',
  rejected: {
    'a person named like a client': {
      reason: 'token_subject',
      claims: { ...duendeToken, sub: 'client:worker' },
    },
    'a logout token': {
      reason: 'token_type',
      header: { typ: 'logout+jwt' },
      claims: {
        ...duendeMachine,
        sub: '818727',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      },
    },
  },
};

const application = 'YOUR_APPLICATION_ID';
const fusionAuthToken = {
  aud: application,
  ...times,
  iss: 'acme.com',
  sub: '00000000-0000-0000-0000-000000000001',
  jti: '3dd6434d-79a9-4d15-98b5-7b51dbb2cd31',
  authenticationType: 'PASSWORD',
  applicationId: application,
  auth_time: now - 60,
  gty: ['authorization_code'],
  roles: ['read:messages'],
  scope: 'openid offline_access',
  sid: 'c59e6f96-86c8-42f7-ad66-766694f21e9e',
  tid: '5ba05e07-b2d6-4f53-f424-a986bd483e4d',
  tty: 'at',
};
const fusionAuthIdToken = {
  ...fusionAuthToken,
  at_hash: 'MbgaTw7HWd5hvhhDJdCt4g',
  applicationId: undefined,
  roles: undefined,
  tty: undefined,
  email: 'ada@example.com',
};

export const fusionAuth: IssuerProfile = {
  section: 'FusionAuth',
  algorithm: 'RS256',
  keySet: {
    url: 'https://auth.example.com/.well-known/jwks.json',
    publish: (key) => [{ ...key, kid: 'another tenant', x5t: 'x' }, key],
  },
  header: { typ: 'JWT' },
  accessToken: {
    claims: fusionAuthToken,
    viewer: {
      subject: fusionAuthToken.sub,
      clientId: undefined,
      scopes: ['openid', 'offline_access', 'read:messages'],
    },
  },
  idToken: { reason: 'token_claim', claims: fusionAuthIdToken },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...fusionAuthToken, aud: 'other', applicationId: 'other' },
  },
  otherIssuer: 'other.com',
  rejected: {
    'an ID token of the hybrid flow': {
      reason: 'token_type',
      claims: { ...fusionAuthIdToken, c_hash: '3xRBNuW-LUo_VIyO1ykDIg' },
    },
    'a token that is signed with the secret': {
      reason: 'token_algorithm',
      header: { alg: 'HS256' },
      claims: fusionAuthToken,
    },
  },
};

const keycloakIssuer = 'https://keycloak.example.com/realms/main';
const keycloakToken = {
  ...times,
  jti: '39c77550-985a-409f-a29c-0f3f49df70e4',
  iss: keycloakIssuer,
  aud: ['notes', 'account'],
  sub: '2d6baa03-7c5c-4d02-8f88-f2934fb32d0c',
  typ: 'Bearer',
  azp: 'spa',
  sid: '2d0e2f6b-5c3f-4d29-8f63-9d2f5f0f5a11',
  acr: '1',
  'allowed-origins': ['https://app.example.com'],
  realm_access: { roles: ['offline_access', 'uma_authorization'] },
  resource_access: {
    notes: { roles: ['read:messages'] },
    account: { roles: ['manage-account', 'view-profile'] },
  },
  scope: 'profile email',
};

export const keycloak: IssuerProfile = {
  section: 'Keycloak',
  algorithm: 'RS256',
  discovery: { url: `${keycloakIssuer}/.well-known/openid-configuration`, issuer: keycloakIssuer },
  keySet: {
    url: `${keycloakIssuer}/protocol/openid-connect/certs`,
    // Beside the key that signs, one that encrypts.
    publish: (key) => [{ ...key, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }, key],
  },
  header: { typ: 'JWT' },
  accessToken: {
    claims: keycloakToken,
    viewer: {
      subject: keycloakToken.sub,
      clientId: 'spa',
      scopes: ['profile', 'email', 'read:messages'],
    },
  },
  accepted: {
    'a client that acts for itself': {
      claims: {
        ...keycloakToken,
        aud: 'notes',
        azp: 'worker',
        client_id: 'worker',
        sid: undefined,
        sub: 'a9d4b3f0-1f43-4a1e-9d4e-3b0b0b0b0b0b',
        preferred_username: 'service-account-worker',
      },
      viewer: {
        subject: 'a9d4b3f0-1f43-4a1e-9d4e-3b0b0b0b0b0b',
        clientId: 'worker',
        scopes: ['profile', 'email', 'read:messages'],
      },
    },
  },
  idToken: {
    reason: 'token_type',
    claims: { ...keycloakToken, typ: 'ID', aud: 'notes', azp: 'notes', at_hash: 'a' },
  },
  elsewhere: { reason: 'token_audience', claims: { ...keycloakToken, aud: 'account' } },
  otherIssuer: 'https://keycloak.example.com/realms/master',
  rejected: {
    'a token without any audience': {
      reason: 'token_audience',
      claims: { ...keycloakToken, aud: undefined },
    },
    'a refresh token': {
      reason: 'token_type',
      claims: { ...keycloakToken, typ: 'Refresh', aud: keycloakIssuer },
    },
    'a person whose client lacks the scope basic': {
      reason: 'token_subject',
      claims: { ...keycloakToken, sub: undefined },
    },
  },
};
