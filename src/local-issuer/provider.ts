import type { Configuration, KoaContextWithOIDC, Provider as ProviderType } from 'oidc-provider';
import type { Page } from '../shared/page.ts';
import { claimsByScope, identityClaims } from './identity-claims.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import type { IssuerKeys } from './key-file.ts';
import { grantLoader } from './load-grant.ts';
import { browserClient, machineClient } from './local-client.ts';
import type { LocalUser } from './local-user.ts';
import { loginPath } from './login-page.ts';
import { isLoopbackUrl } from './loopback.ts';
import { renderErrorPage, renderLogoutPage, renderMessagePage } from './message-pages.ts';
import { errors, Provider } from './quiet-oidc-provider.ts';
import { silenceNotices } from './silence-notices.ts';
import { tokenLifetime } from './token-lifetime.ts';
import { type TokenProfile, tokenShaper } from './token-profile.ts';
import { userInfoPath } from './user-info.ts';

/** What the provider is made of; all of it checked by now. */
export interface ProviderOptions {
  readonly issuer: string;
  /** Every identifier of the API; the first is the one a request without `audience` means. */
  readonly audiences: readonly [string, ...string[]];
  readonly scopes: readonly string[];
  readonly users: readonly LocalUser[];
  readonly keys: IssuerKeys;
  readonly profile: TokenProfile;
  /** In seconds. */
  readonly accessTokenLifetime: number;
  readonly isAllowedOrigin: (origin: string) => boolean;
}

const fortnight = 14 * 24 * 60 * 60;

/** oidc-provider, set up to answer as an Auth0 tenant does. */
export function createProvider(options: ProviderOptions): ProviderType {
  // The one notice left comes from its constructor: sessions are kept in memory, which is meant.
  const restore = silenceNotices();
  try {
    const provider = new Provider(options.issuer, configurationFor(options));
    provider.Client.prototype.redirectUriAllowed = isLoopbackUrl;
    provider.Client.prototype.postLogoutRedirectUriAllowed = isLoopbackUrl;
    return provider;
  } finally {
    restore();
  }
}

function configurationFor({
  issuer,
  audiences,
  scopes,
  users,
  keys,
  profile,
  accessTokenLifetime,
  isAllowedOrigin,
}: ProviderOptions): Configuration {
  const userInfoEndpoint = new URL(userInfoPath, issuer).href;
  const cookiePrefix = `local-issuer-${new URL(issuer).port}`;
  return {
    clients: [
      {
        client_id: machineClient.clientId,
        client_secret: machineClient.clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: browserClient.clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        // Several, so that a request without redirect_uri is not sent to the only one.
        redirect_uris: ['http://localhost/', 'http://127.0.0.1/'],
      },
    ],
    jwks: { keys: [keys.signingKey] },
    // Cookies do not tell ports apart: two issuers on one machine must not share theirs.
    cookies: {
      keys: keys.cookieKeys,
      names: {
        session: `${cookiePrefix}-session`,
        interaction: `${cookiePrefix}-sign-in`,
        resume: `${cookiePrefix}-resume`,
      },
    },
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      jwks: '/.well-known/jwks.json',
      end_session: '/oidc/logout',
    },
    discovery: {
      userinfo_endpoint: userInfoEndpoint,
      // Ours: whom one can sign in as, and what there is to request for them.
      test_users: users.map((user) => ({ name: user.name, scopes: [...user.scopes] })),
    },
    scopes: ['openid', 'offline_access'],
    claims: Object.fromEntries(
      Object.entries(claimsByScope).map(([scope, claims]) => [scope, [...claims]]),
    ),
    conformIdTokenClaims: false,
    findAccount: (_context, subject) => {
      const user = users.find(({ name }) => name === subject);
      if (!user) return undefined;
      return {
        accountId: user.name,
        claims: (_use, scope) => identityClaims(user, scope.split(' ')),
      };
    },
    loadExistingGrant: grantLoader(users),
    extraParams: ['audience'],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    pkce: { required: () => true },
    clientBasedCORS: (_context, origin) => isAllowedOrigin(origin),
    // Refreshed for as long as the person works, whether or not offline_access was asked for.
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: (context) => tokenLifetime(context, accessTokenLifetime),
      ClientCredentials: (context) => tokenLifetime(context, accessTokenLifetime),
      IdToken: 60 * 60,
      AuthorizationCode: 60,
      Interaction: 60 * 60,
      RefreshToken: fortnight,
      Session: fortnight,
      Grant: fortnight,
    },
    enabledJWA: {
      dPoPSigningAlgValues: ['ES256', 'ES384', 'Ed25519', 'EdDSA', 'PS256', 'RS256'],
    },
    formats: { customizers: { jwt: tokenShaper(profile, userInfoEndpoint, scopes) } },
    interactions: {
      policy: createInteractionPolicy(),
      url: (_context, { uid }) => loginPath + uid,
    },
    renderError: (context, out) => {
      show(context, renderErrorPage(out));
    },
    features: {
      devInteractions: { enabled: false },
      // The endpoint is our own: see userInfoHandler.
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      pushedAuthorizationRequests: { enabled: false },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          const { session } = context.oidc;
          show(
            context,
            renderLogoutPage(form, 'op.logoutForm', session?.state?.postLogoutRedirectUri),
          );
        },
        postLogoutSuccessSource: (context) => {
          show(context, renderMessagePage('Signed out', 'You may close this page.'));
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context) => requestedAudience(context) ?? audiences[0],
        useGrantedResource: () => true,
        getResourceServerInfo: (context, identifier) => {
          if (!audiences.includes(identifier)) {
            throw new errors.InvalidTarget('no API here has this identifier');
          }
          assertKnownScopes(context, scopes);
          return {
            scope: scopes.join(' '),
            audience: identifier,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
  };
}

/** Auth0's `audience`, from the query at the authorization endpoint or the body at the token's. */
function requestedAudience({ oidc }: KoaContextWithOIDC): string | undefined {
  const audience = oidc.params?.audience ?? oidc.body?.audience;
  return typeof audience === 'string' && audience !== '' ? audience : undefined;
}

// A person gets what they may have of what was requested. A machine has nobody to choose for it: a
// scope that the API does not know is a mistake, and said so.
function assertKnownScopes({ oidc }: KoaContextWithOIDC, known: readonly string[]): void {
  if (oidc.params?.grant_type !== 'client_credentials') return;
  const unknown = [...oidc.requestParamScopes].filter((scope) => !known.includes(scope));
  if (unknown.length > 0) {
    throw new errors.InvalidScope('the API has no such scope', unknown.join(' '));
  }
}

function show(context: KoaContextWithOIDC, { html, headers }: Page): void {
  context.set({ ...headers });
  context.body = html;
}
