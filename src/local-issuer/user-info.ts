import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { type LocalUser, userClaims } from './clients-and-users.ts';
import type { PublicSigningKey } from './key-file.ts';

/** The path of the UserInfo endpoint, the same as Auth0's. */
export const userInfoPath = '/userinfo';

/** Options for the UserInfo endpoint. */
export interface UserInfoOptions {
  readonly issuer: string;
  readonly signingKey: PublicSigningKey;
  readonly users: readonly LocalUser[];
  readonly isAllowedOrigin: (origin: string) => boolean;
}

/**
 * The UserInfo endpoint (OpenID Connect Core §5.3). oidc-provider's own rejects tokens with an API as
 * audience, which all tokens have here; Auth0's accepts them. Accepts Bearer tokens only: a token
 * bound to a key is rejected.
 */
export function createUserInfoHandler({
  issuer,
  signingKey,
  users,
  isAllowedOrigin,
}: UserInfoOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const keys = createLocalJWKSet({ keys: [{ ...signingKey }] });

  async function findUser(authorization: string): Promise<[LocalUser, string[]] | undefined> {
    const token = /^Bearer +([^ ]+)$/i.exec(authorization)?.[1];
    if (token === undefined) return undefined;
    const verified = await jwtVerify(token, keys, { issuer, algorithms: ['RS256'] }).catch(
      () => undefined,
    );
    if (!verified || verified.payload.cnf !== undefined) return undefined;
    const { sub, scope } = verified.payload;
    const user = users.find(({ name }) => name === sub);
    const scopes = typeof scope === 'string' ? scope.split(' ') : [];
    return user && scopes.includes('openid') ? [user, scopes] : undefined;
  }

  return async (request, response) => {
    const { origin, authorization } = request.headers;
    response.setHeader('cache-control', 'no-store');
    response.setHeader('vary', 'Origin');
    if (origin !== undefined && isAllowedOrigin(origin)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-headers', 'authorization');
      response.setHeader('access-control-allow-methods', 'GET, POST');
      response.setHeader('access-control-expose-headers', 'WWW-Authenticate');
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const found = await findUser(authorization ?? '');
    if (!found) {
      const error = authorization === undefined ? '' : ', error="invalid_token"';
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${issuer}"${error}` }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(userClaims(...found)));
  };
}
