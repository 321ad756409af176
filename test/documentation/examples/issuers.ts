import { createAuthenticator } from '../../../src/index.ts';

export const authenticator = createAuthenticator({
  issuers: [
    { issuer: 'https://login.example.com/', audience: 'https://api.example.com' },
    {
      issuer: 'https://keycloak.example.com/realms/main',
      audience: 'notes',
      scopes: ['scope', 'resource_access.notes.roles'],
      keys: {
        jwksUri: 'http://keycloak:8080/realms/main/protocol/openid-connect/certs',
        allowHttp: true,
      },
    },
  ],
});
