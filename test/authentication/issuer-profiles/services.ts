import { type IssuerProfile, now, times } from './profile.ts';

const spa = 'b0VdQ2tJ8mZkXw1s';

const auth0Token = {
  iss: 'https://example.eu.auth0.com/',
  sub: 'auth0|65f0c0ffee',
  aud: ['https://api.example.com', 'https://example.eu.auth0.com/userinfo'],
  ...times,
  scope: 'openid profile',
  azp: spa,
  permissions: ['read:messages'],
  'https://example.com/roles': ['editor'],
};

export const auth0: IssuerProfile = {
  section: 'Auth0',
  algorithm: 'RS256',
  discovery: {
    url: 'https://example.eu.auth0.com/.well-known/openid-configuration',
    issuer: 'https://example.eu.auth0.com/',
  },
  keySet: {
    url: 'https://example.eu.auth0.com/.well-known/jwks.json',
    publish: (key) => [key, { ...key, kid: 'the next key' }],
  },
  header: { typ: 'JWT' },
  accessToken: {
    claims: auth0Token,
    viewer: {
      subject: auth0Token.sub,
      clientId: spa,
      scopes: ['openid', 'profile', 'read:messages'],
    },
  },
  accepted: {
    'a client that acts for itself': {
      claims: {
        ...auth0Token,
        sub: `${spa}@clients`,
        aud: 'https://api.example.com',
        scope: 'read:messages',
        gty: 'client-credentials',
        'https://example.com/roles': undefined,
      },
      viewer: { subject: `${spa}@clients`, clientId: spa, scopes: ['read:messages'] },
    },
  },
  idToken: {
    reason: 'token_audience',
    claims: {
      ...times,
      iss: auth0Token.iss,
      sub: auth0Token.sub,
      aud: spa,
      nickname: 'ada',
      sid: '0h-WHlKZLGqD6JFN9xmkE2',
      nonce: 'abc',
    },
  },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...auth0Token, aud: 'https://example.eu.auth0.com/api/v2/' },
  },
  otherIssuer: 'https://other.eu.auth0.com/',
};

const oktaIssuer = 'https://example.okta.com/oauth2/default';
const oktaToken = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  iss: oktaIssuer,
  aud: 'api://default',
  ...times,
  cid: spa,
  uid: '00uid4BxXw6I6TV4m0g3',
  scp: ['openid', 'read:messages'],
  auth_time: now - 60,
  sub: 'ada@example.com',
};

export const okta: IssuerProfile = {
  section: 'Okta',
  algorithm: 'RS256',
  discovery: { url: `${oktaIssuer}/.well-known/openid-configuration`, issuer: oktaIssuer },
  keySet: { url: `${oktaIssuer}/v1/keys` },
  header: {},
  accessToken: {
    claims: oktaToken,
    viewer: { subject: 'ada@example.com', clientId: spa, scopes: ['openid', 'read:messages'] },
  },
  accepted: {
    'a client that acts for itself': {
      claims: {
        ...oktaToken,
        uid: undefined,
        auth_time: undefined,
        scp: ['read:messages'],
        sub: spa,
      },
      viewer: { subject: spa, clientId: spa, scopes: ['read:messages'] },
    },
  },
  idToken: {
    reason: 'token_audience',
    claims: {
      ...times,
      sub: oktaToken.uid,
      ver: 1,
      iss: oktaIssuer,
      aud: spa,
      jti: 'ID.4eAWJOCMB3SX8XewDfVR',
      amr: ['pwd'],
      idp: '00oid4BxXw6I6TV4m0g3',
      auth_time: now - 60,
      at_hash: 'cpqKfdQA5eH891Ff5oJr_Q',
    },
  },
  elsewhere: { reason: 'token_audience', claims: { ...oktaToken, aud: 'api://billing' } },
  otherIssuer: 'https://example.okta.com',
};

const clerkIssuer = 'https://clerk.example.com';
const clerkToken = {
  azp: 'https://app.example.com',
  ...times,
  exp: now + 60,
  nbf: now - 70,
  fva: [0, -1],
  iss: clerkIssuer,
  roles: ['read:messages'],
  sid: 'sess_2GaMqUCB3Sc1WNAkWuNzsnYVVEy',
  sts: 'active',
  sub: 'user_2GaMqUCB3Sc1WNAkWuNzsnYVVEy',
  v: 2,
};

export const clerk: IssuerProfile = {
  section: 'Clerk',
  algorithm: 'RS256',
  discovery: { url: `${clerkIssuer}/.well-known/openid-configuration`, issuer: clerkIssuer },
  keySet: { url: `${clerkIssuer}/.well-known/jwks.json` },
  header: { typ: 'JWT', cat: 'cl_B7d4PD111AAA' },
  accessToken: {
    claims: clerkToken,
    viewer: {
      subject: clerkToken.sub,
      clientId: 'https://app.example.com',
      scopes: ['read:messages'],
    },
  },
  idToken: {
    reason: 'token_audience',
    claims: { ...times, iss: clerkIssuer, sub: clerkToken.sub, aud: spa, nonce: 'n', at_hash: 'h' },
  },
  elsewhere: {
    reason: 'token_client',
    claims: { ...clerkToken, azp: 'https://forum.example.com' },
  },
  otherIssuer: 'https://verb-noun-00.clerk.accounts.dev',
  rejected: {
    'a token without azp': { reason: 'token_client', claims: { ...clerkToken, azp: undefined } },
  },
};

const supabaseIssuer = 'https://example.supabase.co/auth/v1';
const supabaseToken = {
  aal: 'aal1',
  amr: [{ method: 'password', timestamp: now - 60 }],
  app_metadata: { provider: 'email', providers: ['email'], roles: ['read:messages'] },
  aud: 'authenticated',
  email: 'ada@example.com',
  ...times,
  is_anonymous: false,
  iss: supabaseIssuer,
  phone: '',
  role: 'authenticated',
  session_id: 'd6e9f3a1-3c50-4a53-8a64-6f1b3b3b6b3b',
  sub: '123e4567-e89b-12d3-a456-426614174000',
  user_metadata: { roles: ['admin:write'] },
};

export const supabase: IssuerProfile = {
  section: 'Supabase',
  algorithm: 'ES256',
  keySet: {
    url: `${supabaseIssuer}/.well-known/jwks.json`,
    publish: (key) => [{ ...key, ext: true, key_ops: ['verify'] }],
  },
  header: { typ: 'JWT' },
  accessToken: {
    claims: supabaseToken,
    viewer: { subject: supabaseToken.sub, clientId: undefined, scopes: ['read:messages'] },
  },
  idToken: {
    reason: 'token_audience',
    claims: {
      ...times,
      iss: supabaseIssuer,
      sub: supabaseToken.sub,
      aud: '9a8b7c6d-e5f4-4321-abcd-ef9876543210',
      auth_time: now - 60,
      nonce: 'n',
    },
  },
  elsewhere: { reason: 'token_audience', claims: { ...supabaseToken, aud: 'anon' } },
  otherIssuer: 'https://other.supabase.co/auth/v1',
  rejected: {
    'an API key of the project': {
      reason: 'token_algorithm',
      header: { alg: 'HS256' },
      claims: { iss: 'supabase', ref: 'example', role: 'service_role', ...times },
    },
  },
};

const workosIssuer = 'https://api.workos.com/user_management/YOUR_CLIENT_ID';
const workosToken = {
  iss: workosIssuer,
  sub: 'user_01HBEQKA6K4QJAS93VPE39W1JT',
  client_id: 'YOUR_CLIENT_ID',
  org_id: 'org_01HRDMC6CM357W30QMHMQ96Q0S',
  role: 'member',
  roles: ['member'],
  permissions: ['read:messages'],
  entitlements: ['audit-logs'],
  sid: 'session_01HQSXZGF8FHF7A9ZZFCW4387R',
  jti: '01HQSXZXPPFPKMDD32RKTFY6PV',
  auth_time: now - 60,
  ...times,
};

export const workos: IssuerProfile = {
  section: 'WorkOS',
  algorithm: 'RS256',
  keySet: { url: 'https://api.workos.com/sso/jwks/YOUR_CLIENT_ID' },
  header: {},
  accessToken: {
    claims: workosToken,
    viewer: { subject: workosToken.sub, clientId: 'YOUR_CLIENT_ID', scopes: ['read:messages'] },
  },
  idToken: {
    reason: 'token_issuer',
    claims: {
      ...times,
      iss: 'https://example.authkit.app',
      sub: workosToken.sub,
      aud: 'YOUR_CLIENT_ID',
    },
  },
  elsewhere: {
    reason: 'token_client',
    claims: { ...workosToken, client_id: 'client_01OTHER' },
  },
  otherIssuer: 'https://api.workos.com/user_management/client_01OTHER',
  rejected: {
    'a token with an audience that the settings do not name': {
      reason: 'token_audience',
      claims: { ...workosToken, aud: 'https://api.example.com' },
    },
  },
};
