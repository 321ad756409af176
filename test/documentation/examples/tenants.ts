import { createAuthenticator } from '../../../src/index.ts';

export const authenticatorOf = (customers: { has(issuer: string): Promise<boolean> }) =>
  createAuthenticator({
    issuers: async ({ issuer }) =>
      (await customers.has(issuer))
        ? {
            issuer,
            audience: 'YOUR_API_CLIENT_ID',
            scopes: ['scp', 'roles'],
            requiredClaims: ['azp'],
            keys: {
              discovery:
                'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
            },
          }
        : undefined,
  });
