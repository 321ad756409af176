/**
 * The entry of this room. Given a viewer and another API, it gives back a token for calling that API on
 * behalf of the viewer. It must not know GraphQL or any server framework.
 */
import { timeoutMs } from '../authentication/issuer/fetch-json.ts';
import { getOwn } from '../authentication/token/json.ts';
import type { AuthenticatedViewer, Viewer } from '../authentication/viewer.ts';
import { sha256 } from '../shared/sha256.ts';
import { isJsonObject } from '../shared/type-guards.ts';
import {
  type ExchangeTarget,
  type FormParameters,
  isToken,
  toParameters,
} from './exchange-parameters.ts';
import { createExchangedToken, type ExchangedToken } from './exchanged-token.ts';
import { createExchangedTokenCache } from './exchanged-token-cache.ts';
import { createProofSigner } from './proof-signer.ts';
import { createTokenEndpoint } from './token-endpoint.ts';
import { TokenExchangeError } from './token-exchange-error.ts';
import {
  resolveTokenExchangeOptions,
  type TokenExchangeOptions,
} from './token-exchange-options.ts';

/** A token that is not that of a viewer, such as one of an older system. */
export interface SubjectToken {
  readonly token: string;
  /** When it expires, if that is known. The new token is not kept any longer. */
  readonly expiresAt?: Date;
}

/** Exchanges tokens. Made by `createTokenExchange`. */
export interface TokenExchange {
  /**
   * Gets an access token for calling another API on behalf of a viewer (RFC 8693). It is remembered for
   * the same viewer and target until 10 seconds before it or the viewer's own token expires, and calls
   * at the same time share one request. Failed requests are not repeated.
   *
   * Not checked: whether the viewer is allowed to call that API. The issuer decides.
   *
   * @throws {TokenExchangeError} if it was called with something that cannot be exchanged
   * @throws {TokenEndpointError} if the issuer refuses, or cannot be reached within 5 seconds
   */
  exchangeToken(subject: Viewer | SubjectToken, target: ExchangeTarget): Promise<ExchangedToken>;
}

/** A token is not used in the last milliseconds of its life, in which it could expire on the way. */
const earlyMs = 10_000;

/** Two documents, a request and its repetition with a nonce have ended by then, one way or the other. */
const maxExchangeMs = 4 * timeoutMs + 1_000;

/**
 * Creates a token exchange (RFC 8693) with one issuer: by a client secret or a private key, and bound to
 * a key of this process where the token of the viewer is bound to one (DPoP, RFC 9449).
 *
 * Nothing is requested before the first exchange. Tokens are remembered in memory, at most 10 MB.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 *
 * @example
 * ```ts
 * const authenticator = createAuthenticator({ issuer, audience, keepAccessTokens: true });
 * const { exchangeToken } = createTokenExchange({
 *   issuer,
 *   authenticator,
 *   client: { clientId: 'orders-api', clientSecret },
 * });
 *
 * const token = await exchangeToken(viewer, { audience: 'https://stock.example.com', scope: 'read:stock' });
 * const response = await fetch(url, { headers: await token.headersFor({ method: 'GET', url }) });
 * ```
 */
export function createTokenExchange(options: TokenExchangeOptions): TokenExchange {
  const settings = resolveTokenExchangeOptions(options);
  const { issuer, dpop, now, accessTokenOf } = settings;
  const signProof = createProofSigner(now);
  const requestToken = createTokenEndpoint({ ...settings, signProof });
  const cache = createExchangedTokenCache(now);
  const inFlight = new Map<string, Exchange>();
  const viewerKeys = createViewerKeys();

  /** What is exchanged. Throws if the viewer has no token any more, whatever is remembered. */
  function readSubject(subject: Viewer | SubjectToken): Subject {
    if (typeof subject !== 'object' || subject === null) {
      throw new TokenExchangeError('token_invalid');
    }
    if (!('kind' in subject)) return readSubjectToken(subject);
    if (subject.kind === 'anonymous') throw new TokenExchangeError('anonymous');
    if (subject.issuer !== issuer) throw new TokenExchangeError('other_issuer');
    const token = accessTokenOf(subject);
    if (token === undefined) throw new TokenExchangeError('token_unavailable');
    return {
      token,
      key: viewerKeys(subject),
      expiresAt: subject.expiresAt.getTime(),
      isBound: dpop === 'required' || (dpop === 'matching' && isBoundToKey(subject)),
    };
  }

  function readSubjectToken({ token, expiresAt }: SubjectToken): Subject {
    if (!isToken(token)) throw new TokenExchangeError('token_invalid');
    return {
      token,
      key: sha256(token),
      expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
      isBound: dpop === 'required',
    };
  }

  async function exchange(
    { token, expiresAt, isBound }: Subject,
    parameters: FormParameters,
    key: string,
  ): Promise<ExchangedToken> {
    const requestedAt = now();
    const issued = await requestToken([...parameters, ['subject_token', token]], isBound);
    const { accessToken, tokenType, expiresIn } = issued;
    const requested = parameters.find(([name]) => name === 'scope')?.[1].split(' ');
    const end = expiresIn === undefined ? undefined : requestedAt + expiresIn * 1000;
    const exchanged = createExchangedToken({
      accessToken,
      tokenType,
      scopes: issued.scopes ?? requested ?? [],
      expiresAt: end,
      signProof,
    });
    if (end !== undefined) cache.set(key, exchanged, Math.min(end, expiresAt) - earlyMs);
    return exchanged;
  }

  return {
    async exchangeToken(from, target) {
      const subject = readSubject(from);
      // Also if a new token is remembered, which is not to outlive it.
      if (subject.expiresAt <= now()) throw new TokenExchangeError('token_expired');
      const parameters = toParameters(target);
      const key = JSON.stringify([subject.key, subject.isBound, parameters]);
      const known = cache.get(key);
      if (known !== undefined) return known;
      const shared = inFlight.get(key);
      if (shared !== undefined && isRecent(shared.since, now())) return shared.token;

      const started: Exchange = { since: now(), token: exchange(subject, parameters, key) };
      inFlight.set(key, started);
      try {
        return await started.token;
      } finally {
        if (inFlight.get(key) === started) inFlight.delete(key);
      }
    },
  };
}

/** A token to exchange. */
interface Subject {
  readonly token: string;
  /** Identifies it in the cache. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Whether the new token must be bound to a key. */
  readonly isBound: boolean;
}

/** An exchange that has not ended. */
interface Exchange {
  readonly token: Promise<ExchangedToken>;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The runtime can drop a request, with the response that caused it. */
const isRecent = (since: number, now: number): boolean =>
  now >= since && now < since + maxExchangeMs;

/**
 * Numbers viewers. A token that is verified again, such as after it was forgotten, has another viewer,
 * for which nothing is remembered.
 */
function createViewerKeys(): (viewer: AuthenticatedViewer) => string {
  const keys = new WeakMap<AuthenticatedViewer, string>();
  let count = 0;
  return (viewer) => {
    const known = keys.get(viewer);
    if (known !== undefined) return known;
    count += 1;
    const key = `viewer ${count}`;
    keys.set(viewer, key);
    return key;
  };
}

/** Whether the viewer's own token is bound to a key (RFC 9449 §6). */
function isBoundToKey({ claims }: AuthenticatedViewer): boolean {
  const confirmation = getOwn(claims, 'cnf');
  return isJsonObject(confirmation) && getOwn(confirmation, 'jkt') !== undefined;
}
