import { createLocalJWKSet, jwtVerify } from 'jose';
import type { KoaContextWithOIDC, TokenEndpointGrantContext } from 'oidc-provider';
import { isJsonObject, type JsonObject } from '../shared/type-guards.ts';
import type { PublicSigningKey } from './key-file.ts';
import { errors, grants } from './load-oidc-provider.ts';

/** The grant type of token exchange (RFC 8693 §2.1). */
export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** The parameters of that grant. A parameter that is not in the list is ignored. */
export const tokenExchangeParameters = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'audience',
  'resource',
  'scope',
] as const;

type ExchangeContext = TokenEndpointGrantContext<
  Readonly<Partial<Record<(typeof tokenExchangeParameters)[number], string>>>
>;

/** Options for token exchange. */
export interface TokenExchangeHandlerOptions {
  readonly issuer: string;
  /** Every identifier of the API. A token for another audience, such as an ID token, is rejected. */
  readonly audiences: readonly [string, ...string[]];
  readonly signingKey: PublicSigningKey;
  /** Whether access tokens are opaque rather than JWTs. */
  readonly isOpaque: boolean;
}

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

/** The longest chain of actors, as at Auth0. */
const maxActors = 5;

/** The name under which the context has the claims of the exchanged token. */
const subjectEntity = 'SubjectToken';

/**
 * Creates the handler of token exchange (RFC 8693): a client exchanges an access token of this issuer for
 * one for another API, in which it is the actor. The new token has no other scopes than the exchanged one,
 * and expires no later. It is bound to the key of the client's DPoP proof if there is one.
 *
 * Not checked: whether the token was issued for the API that exchanges it. All APIs share one client.
 */
export function createTokenExchangeHandler({
  issuer,
  audiences: [first, ...others],
  signingKey,
  isOpaque,
}: TokenExchangeHandlerOptions): (context: ExchangeContext) => Promise<void> {
  const keys = createLocalJWKSet({ keys: [{ ...signingKey }] });
  const usableTypes: readonly unknown[] = isOpaque ? [accessTokenType] : [accessTokenType, jwtType];
  const expected = { issuer, audience: [first, ...others], algorithms: ['RS256'] };

  async function readJwt(token: string): Promise<JsonObject | undefined> {
    const verified = await jwtVerify(token, keys, expected).catch(() => undefined);
    return verified?.payload;
  }

  return async (context) => {
    const { client, params, provider, requestParamScopes } = context.oidc;
    const { subject_token: token = '', subject_token_type: type } = params;
    const requestedType = params.requested_token_type ?? accessTokenType;
    if (!usableTypes.includes(type) || !usableTypes.includes(requestedType)) {
      throw new errors.InvalidRequest('only access tokens can be exchanged, for access tokens');
    }
    if (params.actor_token !== undefined) {
      throw new errors.InvalidRequest('actor_token is not supported: the client is the actor');
    }
    if (params.audience !== undefined && params.resource !== undefined) {
      throw new errors.InvalidTarget('send either audience or resource');
    }
    const claims = await (isOpaque ? readOpaqueToken(context, token) : readJwt(token));
    if (claims === undefined) throw new errors.InvalidRequest('subject_token is not valid');
    const { sub, exp } = claims;
    if (typeof sub !== 'string' || typeof exp !== 'number' || countActors(claims) >= maxActors) {
      throw new errors.InvalidRequest('subject_token cannot be exchanged');
    }

    const proof = await grants.validateDpop(provider, context);
    const [target, ...otherTargets] = await grants.resolveRequestedResources(provider, context);
    if (target === undefined || otherTargets.length > 0) {
      throw new errors.InvalidTarget('request a token for one API');
    }
    const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
    const unknown = [...requestParamScopes].filter((scope) => !scopes.includes(scope));
    if (unknown.length > 0) {
      const problem = 'subject_token does not have every requested scope';
      throw new errors.InvalidScope(problem, unknown.join(' '));
    }
    const granted = (requestParamScopes.size > 0 ? [...requestParamScopes] : scopes).filter(
      (scope) => target.scopes.has(scope),
    );

    context.oidc.entity(subjectEntity, claims);
    const grant = new provider.Grant({ accountId: sub, clientId: client.clientId });
    if (granted.length > 0) grant.addResourceScope(target.identifier(), granted);
    const issued = new provider.AccessToken({
      accountId: sub,
      client,
      grantId: await grant.save(),
      gty: tokenExchangeGrant,
      resourceServer: target,
      scope: granted.join(' ') || undefined,
    });
    // Last, so that a rejected request does not use up its proof.
    await grants.checkDpopReplay(provider, context, proof, client.clientId);
    if (proof !== undefined) issued.setThumbprint('jkt', proof.thumbprint);
    context.oidc.entity('AccessToken', issued);
    context.body = grants.buildTokenResponse(provider, {
      accessToken: await issued.save(),
      issuedTokenType: requestedType,
      tokenType: issued.tokenType,
      expiresIn: issued.expiration,
      scope: issued.scope,
    });
  };
}

/**
 * The claims of an exchanged token: how its subject signed in, and who acts for the subject, the client
 * first (RFC 8693 §4.1). Undefined for a token that was requested otherwise.
 */
export function claimsOfExchange({ oidc }: KoaContextWithOIDC): JsonObject | undefined {
  const claims = oidc.entities[subjectEntity];
  if (!isJsonObject(claims)) return undefined;
  const { act, auth_time, acr } = claims;
  return {
    ...(auth_time === undefined ? {} : { auth_time }),
    ...(acr === undefined ? {} : { acr }),
    act: { sub: oidc.client?.clientId, ...(act === undefined ? {} : { act }) },
  };
}

/** Seconds until an exchanged token expires. Infinity for a token that was requested otherwise. */
export function remainingLifetime({ oidc }: KoaContextWithOIDC): number {
  const claims = oidc.entities[subjectEntity];
  if (!isJsonObject(claims) || typeof claims['exp'] !== 'number') return Number.POSITIVE_INFINITY;
  return Math.max(1, claims['exp'] - Math.floor(Date.now() / 1000));
}

async function readOpaqueToken(
  { oidc: { provider } }: ExchangeContext,
  token: string,
): Promise<JsonObject | undefined> {
  const found =
    (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
  if (found === undefined || !found.isValid) return undefined;
  const { exp, extra, scope } = found;
  return { ...('accountId' in found ? { sub: found.accountId } : {}), ...extra, exp, scope };
}

function countActors({ act }: JsonObject): number {
  return isJsonObject(act) ? 1 + countActors(act) : 0;
}
