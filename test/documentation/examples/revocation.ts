import { createAuthenticator, createRevocationList } from '../../../src/index.ts';

const issuer = 'https://tenant.eu.auth0.com/';
export const revocations = createRevocationList();
export const authenticator = createAuthenticator({
  issuer,
  audience: 'https://api.example.com',
  revocations,
});

// Everything that was issued to Ada until now:
await revocations.revoke({ issuer, subject: 'auth0|ada' });
// All tokens with this sid:
await revocations.revoke({ issuer, sessionId: '08a5019c-17e1-4977-8f42-65a12843ea02' });
// One token, by its jti:
await revocations.revoke({ issuer, tokenId: 'b3b6f7cf-0ed8-4b1f-8d0f-7a4d7a9dc7a9' });
