/**
 * The entry of this room. Given the method, URL and headers of a request, it gives back a viewer or
 * throws an `AuthError`. It must not know GraphQL or any server framework.
 */
import { AuthError } from './auth-error.ts';
import type { AuthScheme } from './auth-error-reasons.ts';
import { type AuthenticatorOptions, resolveAuthenticatorOptions } from './authenticator-options.ts';
import {
  acceptBearer,
  type BearerCredentials,
  bearerNotAccepted,
  claimsToBeBound,
} from './bearer-token.ts';
import { acceptedSchemes, type Credentials, type CredentialsSource } from './credentials.ts';
import { createCredentialsReader } from './credentials-reader.ts';
import { createDpopNonces } from './dpop/dpop-nonce.ts';
import { type DpopProofSettings, verifyDpopProof } from './dpop/dpop-proof.ts';
import { createProofKeyCache } from './dpop/proof-key.ts';
import {
  type LogoutToken,
  type LogoutTokenOptions,
  verifyLogoutToken,
} from './logout/logout-token.ts';
import { recordUse } from './replay/replay-store.ts';
import type { RevocationCheck } from './revocation/revocations.ts';
import type { KnownToken } from './token/known-tokens.ts';
import { TokenHashes } from './token/token-hashes.ts';
import { type AuthenticatorStatistics, createTokenVerifier } from './token-verifier.ts';
import { type AuthenticatedViewer, anonymous, type Viewer } from './viewer.ts';

/** The parts of an HTTP request that are authenticated. A `Request` matches. */
export interface AuthenticationRequest extends CredentialsSource {
  readonly method: string;
  /**
   * The same object for all requests of one connection, such as its socket. A token that is sent again
   * on its connection is not hashed again, and rate limits can read its address. Default: none.
   */
  readonly connection?: object;
  /** The request as the server has it, such as Node's, by which observers recognize it. Not read. */
  readonly raw?: object;
}

/** Authenticates requests. Made by `createAuthenticator`. */
export interface Authenticator {
  /**
   * Turns the credentials of a request into a viewer. Call it once per request, because a DPoP proof is
   * accepted once only. A request without credentials is anonymous. If its credentials cannot be
   * verified, it is rejected, never treated as anonymous.
   *
   * Not checked: whether the token was used before and, without `revocations`, whether it was revoked.
   *
   * @throws {AuthError} with a status of 400, 401, 403 or 503
   */
  authenticate(request: AuthenticationRequest): Promise<Viewer>;
  /**
   * Whether tokens of at least one issuer can be verified now: its keys have been fetched, at most 24
   * hours ago, or its introspection endpoint is known.
   */
  ready(): boolean;
  /** Counts tokens that are remembered, and fetches of keys. Cheap: it reads counters. */
  statistics(): AuthenticatorStatistics;
  /**
   * Fetches the keys of every issuer that has none yet, or whose keys are due for a refresh. Cheap to
   * call repeatedly, for example from a readiness probe: while an issuer is unreachable, fetches back
   * off. For an issuer with introspection, finds the endpoint instead: its keys are fetched with its first
   * JWT.
   *
   * @throws {AuthError} `keys_unavailable` if an issuer has no usable keys, `introspection_unavailable` if
   * its endpoint cannot be found
   */
  warmUp(): Promise<void>;
  /** The accepted schemes, which a challenge without an error names. */
  readonly schemes: readonly AuthScheme[];
  /** How Bearer tokens can be sent, for the metadata of the resource (RFC 9728 §2). */
  readonly bearerMethods: readonly 'header'[];
  /** The algorithms accepted in DPoP proofs. Empty if DPoP is off. */
  readonly dpopAlgorithms: readonly string[];
  /**
   * The nonce for the `DPoP-Nonce` header, to be sent with every response to a request with the DPoP
   * scheme, errors included (RFC 9449 §8.2 and §9). Undefined if nonces are off.
   */
  dpopNonce(): string | undefined;
  /**
   * The access token of a viewer, to be exchanged for one for another API. Pass the object that
   * `authenticate` returned, not a copy. Never log it, and never send it to another API: it is valid
   * here only.
   *
   * @returns undefined without `keepAccessTokens`, and for viewers of others
   */
  accessTokenOf(viewer: AuthenticatedViewer): string | undefined;
  /** The `realm` of challenges. */
  readonly realm: string;
  /** The URL of the metadata of the resource, for challenges. Undefined if there is none. */
  readonly resourceMetadata?: string;
  /**
   * Checks again whether the token of a viewer is revoked, for what outlives its request. Subscriptions and
   * WebSocket connections are checked every 2 seconds. Undefined without `revocations`. Synchronous if their
   * `isRevoked` is.
   *
   * Not checked: anything else, such as whether the token has expired.
   *
   * @throws {AuthError} `token_revoked`, `revocation_unavailable`; or a promise rejects with it
   */
  readonly checkRevocation?: RevocationCheck;
  /**
   * Verifies a logout token of one of the issuers (OpenID Connect Back-Channel Logout 1.0 §2.6). See
   * `createLogoutReceiver`, which does the rest.
   *
   * Not checked: whether the token was received before.
   *
   * @throws {LogoutTokenError} if it is not valid
   * @throws {AuthError} with a status of 503
   */
  verifyLogoutToken(token: string, options: LogoutTokenOptions): Promise<LogoutToken>;
}

/**
 * Creates an authenticator for JWT access tokens (RFC 9068), sent as Bearer (RFC 6750) or DPoP
 * (RFC 9449). It verifies the signature with the keys of the issuer, which it finds by OpenID Connect
 * discovery and caches, then the issuer, audience, lifetime and other claims. With `introspection`, it
 * accepts opaque tokens too.
 *
 * Nothing is fetched before the first token arrives, or `warmUp` is called.
 *
 * Not checked: without `revocations`, whether a token was revoked.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 *
 * @example
 * ```ts
 * const authenticator = createAuthenticator({
 *   issuer: 'https://tenant.eu.auth0.com/',
 *   audience: 'https://api.example.com',
 * });
 *
 * const viewer = await authenticator.authenticate(request);
 * ```
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  return createRevocableAuthenticator(options);
}

/** An authenticator that can forget tokens. */
export interface RevocableAuthenticator extends Authenticator {
  /** Has tokens verified again if they are sent again, such as those that were revoked. */
  forgetTokens(isForgotten: (viewer: AuthenticatedViewer) => boolean): void;
}

/** Creates what `createAuthenticator` returns. */
export function createRevocableAuthenticator(
  options: AuthenticatorOptions,
): RevocableAuthenticator {
  const resolved = resolveAuthenticatorOptions(options);
  const { dpop, now, replayStore } = resolved;
  // An in-memory store forgets proofs when the process ends, so nonces must end with it as well.
  const secret = replayStore.lifetime === 'process' ? undefined : resolved.dpopNonceSecret;
  const nonces = resolved.dpopNonce === 'off' ? undefined : createDpopNonces(secret, now);
  const proofSettings: DpopProofSettings = {
    ...resolved,
    nonces,
    proofKeys: createProofKeyCache(),
  };
  const tokens = createTokenVerifier(resolved);
  const tokenHashes = new TokenHashes();
  const readCredentials = createCredentialsReader(resolved);

  /** Not waited for if the token is known. */
  function authenticateBearer(
    credentials: BearerCredentials,
    request: AuthenticationRequest,
  ): Viewer | Promise<Viewer> {
    const hash = tokenHashes.get(credentials.token, request.connection);
    const accept = (token: KnownToken): Viewer | Promise<Viewer> => {
      const viewer = acceptBearer(token, credentials, dpop);
      return tokens.checkRevocation === undefined ? viewer : tokens.rejectRevoked(token, hash);
    };
    const known = tokens.find(hash, request);
    if (known !== undefined) return accept(known);
    if (dpop === 'required' && !claimsToBeBound(credentials.token, resolved)) {
      throw bearerNotAccepted();
    }
    return tokens.verify(credentials.token, hash, request).then(accept);
  }

  async function authenticateDpop(
    { token, proof }: DpopCredentials,
    request: AuthenticationRequest,
  ): Promise<Viewer> {
    const { method, url, connection } = request;
    try {
      const tokenHash = tokenHashes.get(token, connection);
      const known =
        tokens.find(tokenHash, request) ?? (await tokens.verify(token, tokenHash, request));
      if (tokens.checkRevocation !== undefined) await tokens.rejectRevoked(known, tokenHash);
      const expected = { method, url, tokenHash, confirmation: known.confirmation };
      const verified = await verifyDpopProof(proof, expected, proofSettings);
      // Last, so that a rejected request does not use up its proof.
      await recordUse(verified, replayStore);
      return known.viewer;
    } catch (error) {
      throw error instanceof AuthError ? error.withScheme('DPoP') : error;
    }
  }

  /** Not waited for if the token is known, or if there is none. */
  function authenticateRequest(request: AuthenticationRequest): Viewer | Promise<Viewer> {
    const credentials = readCredentials(request);
    switch (credentials.kind) {
      case 'none':
        return anonymous;
      case 'bearer':
        return authenticateBearer(credentials, request);
      case 'dpop':
        return authenticateDpop(credentials, request);
    }
  }

  const description = {
    schemes: acceptedSchemes[dpop],
    dpopAlgorithms: dpop === 'off' ? [] : resolved.dpopAlgorithms,
    dpopNonce: () => nonces?.current(),
    realm: resolved.realm,
    ...(resolved.resourceMetadata === undefined
      ? {}
      : { resourceMetadata: resolved.resourceMetadata }),
  };

  return {
    ...description,
    async authenticate(request) {
      try {
        const viewer = authenticateRequest(request);
        return viewer instanceof Promise ? await viewer : viewer;
      } catch (error) {
        throw error instanceof AuthError ? error.withSource(description) : error;
      }
    },
    forgetTokens: tokens.forget,
    ready: tokens.ready,
    statistics: tokens.statistics,
    warmUp: tokens.warmUp,
    bearerMethods:
      dpop !== 'required' && resolved.tokenFrom.includes('authorization') ? ['header'] : [],
    accessTokenOf: tokens.textOf,
    ...(tokens.checkRevocation === undefined ? {} : { checkRevocation: tokens.checkRevocation }),
    verifyLogoutToken: (token, logout) => verifyLogoutToken(token, logout, resolved),
  };
}

type DpopCredentials = Extract<Credentials, { kind: 'dpop' }>;
