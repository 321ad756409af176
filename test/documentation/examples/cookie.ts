import { createAuthenticator } from '../../../src/index.ts';

export const authenticator = createAuthenticator({
  issuer: 'https://login.example.com/',
  audience: 'https://api.example.com',
  publicUrl: 'https://api.example.com',
  tokenFrom: [
    'authorization',
    { cookie: '__Host-access_token', csrf: { allowedOrigins: ['https://app.example.com'] } },
  ],
});
