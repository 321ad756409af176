import { createAuthenticator } from '../../../src/index.ts';

export const authenticator = createAuthenticator({
  issuer: 'https://example.eu.auth0.com/',
  audience: 'https://api.example.com',
});
