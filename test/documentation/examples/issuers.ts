import { createAuthenticator } from '../../../src/index.ts';

const scopesOfRoles = new Map([
  ['editor', ['read:messages', 'write:messages']],
  ['reader', ['read:messages']],
]);

export const authenticator = createAuthenticator({
  issuers: [
    { issuer: 'https://login.example.com/', audience: 'https://api.example.com' },
    {
      issuer: 'https://clerk.example.com',
      clients: ['https://app.example.com'],
      scopes: ({ role }) => scopesOfRoles.get(String(role)) ?? [],
    },
  ],
});
