import {
  createRevocableAuthenticator,
  type RevocableAuthenticator,
} from '../../src/authentication/authenticator.ts';
import type { AuthenticatorOptions } from '../../src/authentication/authenticator-options.ts';
import type { AuthenticatedViewer } from '../../src/authentication/viewer.ts';
import {
  createTokenExchange,
  type TokenExchange,
  type TokenExchangeOptions,
} from '../../src/token-exchange/index.ts';
import { bearer } from '../support/authentication.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import {
  createTestIssuer,
  createTestKey,
  jsonResponse,
  type TestIssuer,
  type TokenOverrides,
} from '../support/tokens.ts';

/** One request to the token endpoint. */
export interface TokenRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly form: URLSearchParams;
}

export type Respond = (request: TokenRequest, count: number) => Response | Promise<Response>;

/** An issuer with a token endpoint, without a network, and an API that exchanges tokens there. */
export interface TokenService {
  readonly issuer: TestIssuer;
  readonly authenticator: RevocableAuthenticator;
  readonly requests: TokenRequest[];
  readonly exchange: TokenExchange;
  /** The viewer of a new token, or of this one. */
  viewer(token?: string | TokenOverrides): Promise<AuthenticatedViewer>;
  /** The viewer of a token that is bound to a key. */
  boundViewer(): Promise<AuthenticatedViewer>;
}

export const tokenUrl = 'https://issuer.test/oauth/token';
export const client = { clientId: 'orders-api', clientSecret: 'the secret' };
const publicUrl = 'https://api.test';

/** A successful response, except for the changes. */
export const issued = (changes: Readonly<Record<string, unknown>> = {}, init?: ResponseInit) =>
  jsonResponse(
    {
      access_token: 'new-token',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 300,
      ...changes,
    },
    init,
  );

export function createTokenService({
  respond = (_request, count) => issued({ access_token: `new-token-${count}` }),
  exchange: exchangeOptions = {},
  authenticator: authenticatorOptions = {},
}: {
  readonly respond?: Respond;
  readonly exchange?: Partial<TokenExchangeOptions>;
  readonly authenticator?: Partial<AuthenticatorOptions>;
} = {}): TokenService {
  const issuer = createTestIssuer();
  const keysUrl = 'https://issuer.test/.well-known/jwks.json';
  issuer.responses.discovery = () =>
    jsonResponse({ issuer: issuer.issuer, jwks_uri: keysUrl, token_endpoint: tokenUrl });
  const requests: TokenRequest[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (!url.includes('/token')) return issuer.fetch(url, init);
    const form = new URLSearchParams(typeof init.body === 'string' ? init.body : '');
    const request = { url, headers: new Headers(init.headers), form };
    requests.push(request);
    return respond(request, requests.length);
  };
  const { clock } = issuer;
  const authenticator = createRevocableAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    fetch: issuer.fetch,
    clock,
    dpop: 'optional',
    publicUrl,
    keepAccessTokens: true,
    ...authenticatorOptions,
  });
  const authenticate = async (
    request: Parameters<RevocableAuthenticator['authenticate']>[0],
  ): Promise<AuthenticatedViewer> => {
    const viewer = await authenticator.authenticate(request);
    if (viewer.kind === 'anonymous') throw new Error('The viewer is anonymous.');
    return viewer;
  };
  const key = createTestKey();
  return {
    issuer,
    authenticator,
    requests,
    exchange: createTokenExchange({
      issuer: issuer.issuer,
      client,
      authenticator,
      fetch,
      clock,
      ...exchangeOptions,
    }),
    viewer: (token = {}) =>
      authenticate(bearer(typeof token === 'string' ? token : issuer.sign(token))),
    boundViewer() {
      const token = boundToken(issuer, key);
      const proof = createProof({ key, token, url: `${publicUrl}/graphql`, clock });
      return authenticate({
        method: 'POST',
        url: '/graphql',
        headers: new Headers({ authorization: `DPoP ${token}`, dpop: proof }),
      });
    },
  };
}
