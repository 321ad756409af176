import { type IssuerProfile, now, times } from './profile.ts';

const cognitoIssuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE';
const cognitoToken = {
  sub: '0394b812-c0d1-70a5-b3c6-9c6ab6f7f6b2',
  'cognito:groups': ['admin:write'],
  iss: cognitoIssuer,
  version: 2,
  client_id: 'YOUR_APP_CLIENT_ID',
  origin_jti: 'b5ec77a1-ba4c-4a73-a2f4-5e0c8b8d4d5e',
  event_id: '64f513be-32db-42b0-b78e-b02127b4f463',
  token_use: 'access',
  scope: 'openid notes/read:messages',
  auth_time: now - 60,
  ...times,
  jti: '5c2f2f1e-1c5e-4f0c-8b32-0f9a4a0f6f0f',
  username: 'ada',
};

export const cognito: IssuerProfile = {
  section: 'Amazon Cognito',
  algorithm: 'RS256',
  discovery: { url: `${cognitoIssuer}/.well-known/openid-configuration`, issuer: cognitoIssuer },
  keySet: {
    url: `${cognitoIssuer}/.well-known/jwks.json`,
    publish: (key) => [{ ...key, kid: 'the key of ID tokens' }, key],
  },
  header: {},
  accessToken: {
    claims: cognitoToken,
    viewer: {
      subject: cognitoToken.sub,
      clientId: 'YOUR_APP_CLIENT_ID',
      scopes: ['openid', 'notes/read:messages', 'admin:write'],
    },
  },
  accepted: {
    'a client that acts for itself': {
      claims: {
        ...cognitoToken,
        sub: 'YOUR_APP_CLIENT_ID',
        'cognito:groups': undefined,
        username: undefined,
        scope: 'notes/read:messages',
      },
      viewer: {
        subject: 'YOUR_APP_CLIENT_ID',
        clientId: 'YOUR_APP_CLIENT_ID',
        scopes: ['notes/read:messages'],
      },
    },
  },
  idToken: {
    reason: 'token_type',
    claims: {
      ...cognitoToken,
      at_hash: 'MbgaTw7HWd5hvhhDJdCt4g',
      aud: 'YOUR_APP_CLIENT_ID',
      client_id: undefined,
      scope: undefined,
      token_use: 'id',
      username: undefined,
      'cognito:username': 'ada',
    },
  },
  elsewhere: { reason: 'token_client', claims: { ...cognitoToken, client_id: 'other-app' } },
  otherIssuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_OTHER',
  rejected: {
    'a token for a resource that the settings do not name': {
      reason: 'token_audience',
      claims: { ...cognitoToken, aud: 'https://api.example.com' },
    },
  },
};

const firebaseIssuer = 'https://securetoken.google.com/YOUR_PROJECT_ID';
const firebaseToken = {
  roles: ['read:messages'],
  iss: firebaseIssuer,
  aud: 'YOUR_PROJECT_ID',
  auth_time: now - 60,
  user_id: 'vBnkUCvlqkUOnqFRrlMsU1B5gH33',
  sub: 'vBnkUCvlqkUOnqFRrlMsU1B5gH33',
  ...times,
  email: 'ada@example.com',
  email_verified: true,
  firebase: { identities: { email: ['ada@example.com'] }, sign_in_provider: 'password' },
};
const firebaseAccount = 'firebase-adminsdk-x1y2z@YOUR_PROJECT_ID.iam.gserviceaccount.com';

export const firebase: IssuerProfile = {
  section: 'Firebase',
  algorithm: 'RS256',
  discovery: { url: `${firebaseIssuer}/.well-known/openid-configuration`, issuer: firebaseIssuer },
  keySet: {
    url: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  },
  header: { typ: 'JWT' },
  accessToken: {
    claims: firebaseToken,
    viewer: { subject: firebaseToken.sub, clientId: undefined, scopes: ['read:messages'] },
  },
  // Its ID tokens are what APIs get. Custom tokens are what a client signs in with.
  idToken: {
    reason: 'token_issuer',
    claims: {
      ...times,
      iss: firebaseAccount,
      sub: firebaseAccount,
      aud: 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit',
      uid: firebaseToken.sub,
    },
  },
  elsewhere: { reason: 'token_audience', claims: { ...firebaseToken, aud: 'other-project' } },
  otherIssuer: 'https://securetoken.google.com/other-project',
  rejected: {
    'a session cookie': {
      reason: 'token_issuer',
      claims: { ...firebaseToken, iss: 'https://session.firebase.google.com/YOUR_PROJECT_ID' },
    },
    'an App Check token': {
      reason: 'token_issuer',
      claims: {
        ...times,
        iss: 'https://firebaseappcheck.googleapis.com/1234567890',
        aud: ['projects/1234567890', 'projects/YOUR_PROJECT_ID'],
        sub: '1:1234567890:web:abcdef',
      },
    },
  },
};

const googleToken = {
  ...times,
  aud: 'https://api.example.com',
  azp: 'YOUR_SERVICE_ACCOUNT_ID',
  email: 'worker@example.iam.gserviceaccount.com',
  email_verified: true,
  iss: 'https://accounts.google.com',
  sub: 'YOUR_SERVICE_ACCOUNT_ID',
};

export const google: IssuerProfile = {
  section: 'Google service accounts',
  algorithm: 'RS256',
  discovery: {
    url: 'https://accounts.google.com/.well-known/openid-configuration',
    issuer: 'https://accounts.google.com',
  },
  keySet: { url: 'https://www.googleapis.com/oauth2/v3/certs' },
  header: { typ: 'JWT' },
  accessToken: {
    claims: googleToken,
    viewer: {
      subject: 'YOUR_SERVICE_ACCOUNT_ID',
      clientId: 'YOUR_SERVICE_ACCOUNT_ID',
      scopes: [],
    },
  },
  idToken: {
    reason: 'token_audience',
    claims: {
      ...googleToken,
      aud: '1234987819200.apps.googleusercontent.com',
      azp: '1234987819200.apps.googleusercontent.com',
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
      sub: '10769150350006150715113082367',
    },
  },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...googleToken, aud: 'https://other.example.com' },
  },
  otherIssuer: 'accounts.google.com',
  rejected: {
    // Everyone with a service account gets tokens for any audience.
    'the service account of someone else': {
      reason: 'token_client',
      claims: { ...googleToken, azp: '109876543210987654321', sub: '109876543210987654321' },
    },
  },
};

const iapToken = {
  aud: '/projects/YOUR_PROJECT_NUMBER/global/backendServices/YOUR_SERVICE_ID',
  azp: '/projects/YOUR_PROJECT_NUMBER/global/backendServices/YOUR_SERVICE_ID',
  email: 'ada@example.com',
  exp: now + 540,
  google: { access_levels: ['accessPolicies/518551280924/accessLevels/recentSecureConnectData'] },
  hd: 'example.com',
  iat: now - 60,
  identity_source: 'GOOGLE',
  iss: 'https://cloud.google.com/iap',
  sub: 'accounts.google.com:112233445566778899000',
};

export const googleIap: IssuerProfile = {
  section: 'Google Identity-Aware Proxy',
  algorithm: 'ES256',
  keySet: {
    url: 'https://www.gstatic.com/iap/verify/public_key-jwk',
    contentType: 'text/plain',
  },
  header: { typ: 'JWT' },
  sentIn: 'X-Goog-IAP-JWT-Assertion',
  accessToken: {
    claims: iapToken,
    viewer: { subject: iapToken.sub, clientId: iapToken.azp, scopes: [] },
  },
  accepted: {
    'a token of a clock that is ahead': {
      claims: { ...iapToken, iat: now + 25 },
      viewer: { subject: iapToken.sub, clientId: iapToken.azp, scopes: [] },
    },
  },
  idToken: { reason: 'token_issuer', claims: { ...iapToken, iss: 'https://accounts.google.com' } },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...iapToken, aud: '/projects/YOUR_PROJECT_NUMBER/global/backendServices/42' },
  },
  otherIssuer: 'https://cloud.google.com/iap/',
};

const kubernetesIssuer = 'https://kubernetes.default.svc.cluster.local';
const serviceAccount = 'system:serviceaccount:jobs:worker';
const kubernetesToken = {
  aud: ['https://api.example.com'],
  ...times,
  iss: kubernetesIssuer,
  jti: 'aed34954-b33a-4142-b1ec-389d6bbb4936',
  'kubernetes.io': {
    namespace: 'jobs',
    node: { name: 'n1', uid: '58456cb0-dd00-45ed-b797-5578fdceaced' },
    pod: { name: 'worker-69cbfb9798-jv9gn', uid: '778a530c-b3f4-47c0-9cd5-ab018fb64f33' },
    serviceaccount: { name: 'worker', uid: 'a087d5a0-e1dd-43ec-93ac-f13d89cd13af' },
  },
  nbf: times.iat,
  sub: serviceAccount,
};

export const kubernetes: IssuerProfile = {
  section: 'Kubernetes service accounts',
  algorithm: 'RS256',
  discovery: {
    url: `${kubernetesIssuer}/.well-known/openid-configuration`,
    issuer: kubernetesIssuer,
    response_types_supported: ['id_token'],
  },
  keySet: {
    url: 'https://192.0.2.10:6443/openid/v1/jwks',
    contentType: 'application/jwk-set+json',
  },
  header: {},
  accessToken: {
    claims: kubernetesToken,
    viewer: { subject: serviceAccount, clientId: undefined, scopes: [] },
  },
  // Its tokens are ID tokens. What pods get without a projected volume is for the API server.
  idToken: { reason: 'token_audience', claims: { ...kubernetesToken, aud: [kubernetesIssuer] } },
  elsewhere: {
    reason: 'token_audience',
    claims: { ...kubernetesToken, aud: ['https://other.example.com'] },
  },
  otherIssuer: 'https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE',
  rejected: {
    'a token of a Secret, which never expires': {
      reason: 'token_issuer',
      claims: {
        iss: 'kubernetes/serviceaccount',
        'kubernetes.io/serviceaccount/namespace': 'jobs',
        sub: serviceAccount,
      },
    },
  },
};
