import { createAuthenticator } from '../../../src/index.ts';

export const authenticatorWith = (privateKey: Readonly<Record<string, unknown>>) =>
  createAuthenticator({
    issuer: 'https://login.example.com/',
    audience: 'https://api.example.com',
    introspection: { client: { clientId: 'api', privateKey }, cacheSeconds: 30 },
  });
