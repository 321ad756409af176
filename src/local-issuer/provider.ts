import type { Configuration, KoaContextWithOIDC, Provider as ProviderType } from 'oidc-provider';
import { isLoopbackUrl } from '../shared/loopback.ts';
import type { Page } from '../shared/page.ts';
import {
  apiClient,
  browserClient,
  claimsByScope,
  type LocalUser,
  machineClient,
  maxTokenLifetime,
  userClaims,
} from './clients-and-users.ts';
import { createGrantLoader, createInteractionPolicy } from './interaction-policy.ts';
import {
  notFoundPage,
  renderErrorPage,
  renderLogoutPage,
  renderMessagePage,
} from './issuer-pages.ts';
import { type SigningKeys, toPublicJwk } from './key-file.ts';
import { errors, muteNotices, Provider } from './load-oidc-provider.ts';
import { loginPath } from './login-page.ts';
import {
  createTokenExchangeHandler,
  remainingLifetime,
  tokenExchangeGrant,
  tokenExchangeParameters,
} from './token-exchange-grant.ts';
import { createTokenShaper, readExtraClaims, type TokenProfile } from './token-profile.ts';
import { userInfoPath } from './user-info.ts';

/** Options for the provider, already validated. */
export interface ProviderOptions {
  readonly issuer: string;
  /** Every identifier of the API; the first is the default of a request without `audience`. */
  readonly audiences: readonly [string, ...string[]];
  readonly scopes: readonly string[];
  readonly users: readonly LocalUser[];
  readonly keys: SigningKeys;
  readonly profile: TokenProfile;
  /** In seconds. */
  readonly accessTokenLifetime: number;
  readonly isAllowedOrigin: (origin: string) => boolean;
  readonly logoutUrl: string | undefined;
}

const twoWeeks = 14 * 24 * 60 * 60;

/** oidc-provider, configured to behave like an Auth0 tenant. */
export function createProvider(options: ProviderOptions): ProviderType {
  // The constructor warns that sessions are kept in memory, which is intended.
  const restore = muteNotices();
  try {
    const provider = new Provider(options.issuer, providerConfiguration(options));
    provider.Client.prototype.redirectUriAllowed = isLoopbackUrl;
    provider.Client.prototype.postLogoutRedirectUriAllowed = isLoopbackUrl;
    const exchange = createTokenExchangeHandler({
      ...options,
      signingKey: toPublicJwk(options.keys.signingKey),
      isOpaque: options.profile === 'opaque',
    });
    provider.use(async (context, next) => {
      await next();
      const isUnknown = context.status === 404 && !context.body;
      if (!isUnknown || context.accepts('text', 'html') !== 'html') return;
      respondWithPage(context, notFoundPage);
      context.status = 404;
    });
    provider.registerGrantType(tokenExchangeGrant, exchange, tokenExchangeParameters);
    return provider;
  } finally {
    restore();
  }
}

function providerConfiguration({
  issuer,
  audiences,
  scopes,
  users,
  keys,
  profile,
  accessTokenLifetime,
  isAllowedOrigin,
  logoutUrl,
}: ProviderOptions): Configuration {
  const isOpaque = profile === 'opaque';
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
        // More than one, so that there is no default for a request without redirect_uri.
        redirect_uris: ['http://localhost/', 'http://127.0.0.1/'],
        ...(logoutUrl === undefined
          ? {}
          : { backchannel_logout_uri: logoutUrl, backchannel_logout_session_required: true }),
      },
      {
        client_id: apiClient.clientId,
        client_secret: apiClient.clientSecret,
        grant_types: [tokenExchangeGrant],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [keys.signingKey] },
    // Cookies are not isolated by port: two issuers on one machine must not share theirs.
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
      // Not standard: tells signInAs which scopes a test user has.
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
        claims: (_use, scope) => userClaims(user, scope.split(' ')),
      };
    },
    loadExistingGrant: createGrantLoader(users),
    extraParams: ['audience'],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    pkce: { required: () => true },
    // oidc-provider's dispatcher refuses to connect to loopback, where the API is. Clients cannot be
    // registered, so that no other URL is requested.
    fetch: (url, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown } = {}) =>
      fetch(url, init),
    clientBasedCORS: (_context, origin) => isAllowedOrigin(origin),
    // With or without offline_access, so that front ends can renew their tokens.
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: (context) =>
        Math.min(requestedLifetime(context, accessTokenLifetime), remainingLifetime(context)),
      ClientCredentials: (context) => requestedLifetime(context, accessTokenLifetime),
      IdToken: 60 * 60,
      AuthorizationCode: 60,
      Interaction: 60 * 60,
      RefreshToken: twoWeeks,
      Session: twoWeeks,
      Grant: twoWeeks,
    },
    enabledJWA: {
      dPoPSigningAlgValues: ['ES256', 'ES384', 'Ed25519', 'EdDSA', 'PS256', 'RS256'],
    },
    extraTokenClaims: readExtraClaims,
    ...(isOpaque
      ? {}
      : {
          formats: { customizers: { jwt: createTokenShaper(profile, userInfoEndpoint, scopes) } },
        }),
    interactions: {
      policy: createInteractionPolicy(users),
      url: (_context, { uid }) => loginPath + uid,
    },
    renderError: (context, out) => {
      respondWithPage(context, renderErrorPage(out, context.query['redirect_uri']));
    },
    features: {
      devInteractions: { enabled: false },
      // The endpoint is our own: see createUserInfoHandler.
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: isOpaque,
        allowedPolicy: (_context, { clientId }) => clientId === apiClient.clientId,
      },
      dPoP: { enabled: true },
      pushedAuthorizationRequests: { enabled: false },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
      backchannelLogout: { enabled: logoutUrl !== undefined },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          const { session } = context.oidc;
          respondWithPage(
            context,
            renderLogoutPage(form, 'op.logoutForm', session?.state?.postLogoutRedirectUri),
          );
        },
        postLogoutSuccessSource: (context) => {
          respondWithPage(context, renderMessagePage('Signed out', 'You can close this page.'));
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context) => requestedAudience(context) ?? audiences[0],
        useGrantedResource: () => true,
        getResourceServerInfo: (context, identifier) => {
          if (!audiences.includes(identifier)) {
            throw new errors.InvalidTarget('no API has this identifier');
          }
          assertKnownScopes(context, scopes);
          return {
            scope: scopes.join(' '),
            audience: identifier,
            ...(isOpaque
              ? { accessTokenFormat: 'opaque' as const }
              : { accessTokenFormat: 'jwt' as const, jwt: { sign: { alg: 'RS256' as const } } }),
          };
        },
      },
    },
  };
}

/** Auth0's `audience`: a query parameter of /authorize, a body parameter of the token endpoint. */
function requestedAudience({ oidc }: KoaContextWithOIDC): string | undefined {
  const audience = oidc.params?.audience ?? oidc.body?.audience;
  return typeof audience === 'string' && audience !== '' ? audience : undefined;
}

// A user is granted the part of the requested scopes that they have. For a machine, an unknown scope
// is a mistake.
function assertKnownScopes({ oidc }: KoaContextWithOIDC, known: readonly string[]): void {
  if (oidc.params?.grant_type !== 'client_credentials') return;
  const unknown = [...oidc.requestParamScopes].filter((scope) => !known.includes(scope));
  if (unknown.length > 0) {
    throw new errors.InvalidScope('the API has no such scope', unknown.join(' '));
  }
}

function respondWithPage(
  context: Pick<KoaContextWithOIDC, 'set' | 'body'>,
  { html, headers }: Page,
): void {
  context.set({ ...headers });
  context.body = html;
}

/**
 * How long the requested access token is valid, in seconds. The non-standard `lifetime` parameter of
 * the token endpoint overrides the default, to test what a client does when its token expires.
 *
 * @throws InvalidRequest (`invalid_request`) for anything but 1 to 86400.
 */
function requestedLifetime({ oidc }: KoaContextWithOIDC, defaultLifetime: number): number {
  const requested: unknown = oidc.body?.['lifetime'];
  if (requested === undefined) return defaultLifetime;
  const seconds = typeof requested === 'string' && /^\d{1,5}$/.test(requested) ? +requested : 0;
  if (seconds < 1 || seconds > maxTokenLifetime) {
    throw new errors.InvalidRequest(
      `lifetime must be a whole number of seconds from 1 to ${maxTokenLifetime}`,
    );
  }
  return seconds;
}
