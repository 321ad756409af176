import { createHash, timingSafeEqual } from 'node:crypto';
import { AuthError, createAuthenticator, type GateOptions, viewerId } from '../../../src/index.ts';

const tokens = createAuthenticator({
  issuer: 'https://login.example.com/',
  audience: 'https://api.example.com',
});

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Keys are random, at least 32 bytes, and stored as hashes. */
const keys = [
  { hash: sha256('EXAMPLE_KEY'), client: 'billing', scopes: new Set(['read:reports']) },
];

export const authenticator: GateOptions['authenticator'] = {
  ...tokens,
  async authenticate(request) {
    const key = request.headers.get('x-api-key');
    if (key === null) return tokens.authenticate(request);
    const code = 'UNAUTHENTICATED';
    if (request.headers.get('authorization') !== null) {
      throw new AuthError({ reason: 'two_credentials', code, message: 'Send a token or a key.' });
    }
    const hash = sha256(key);
    const found = keys.find((one) => timingSafeEqual(one.hash, hash));
    if (found === undefined) {
      throw new AuthError({ reason: 'api_key_unknown', code, message: 'The API key is unknown.' });
    }
    const owner = { issuer: 'urn:example:api-keys', subject: found.client };
    const { scopes } = found;
    const expiresAt = new Date(Date.now() + 3_600_000);
    return { kind: 'authenticated', id: viewerId(owner), ...owner, scopes, claims: {}, expiresAt };
  },
};
