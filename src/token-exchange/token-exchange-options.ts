import {
  type ClientCredentials,
  findClientProblems,
} from '../authentication/client-authentication.ts';
import { type FetchFunction, isSecureUrl } from '../authentication/issuer/fetch-json.ts';
import type { AuthenticatedViewer } from '../authentication/viewer.ts';
import { systemClock, type TimeSource } from '../shared/clock.ts';
import { findUnknownOptions } from '../shared/unknown-options.ts';

/** Options for `createTokenExchange`. */
export interface TokenExchangeOptions {
  /**
   * The issuer that exchanges tokens, exactly as in the claim `iss`. Viewers of another one are
   * rejected, so that no issuer gets the tokens of another.
   */
  readonly issuer: string;
  /** The credentials of this API as a client of the issuer. */
  readonly client: ClientCredentials;
  /**
   * Gives back the access token of a viewer: the result of `createAuthenticator` with
   * `keepAccessTokens: true`. Default: none, so that only tokens themselves can be exchanged.
   */
  readonly authenticator?: {
    readonly accessTokenOf: (viewer: AuthenticatedViewer) => string | undefined;
  };
  /** The URL of the issuer's token endpoint. Default: what its discovery document says. */
  readonly tokenEndpoint?: string;
  /**
   * Whether new tokens are bound to a key that this process generates (RFC 9449). `matching`: those of
   * viewers whose own token is bound to a key. A response with a token that is not bound is then an
   * error. Default `matching`.
   */
  readonly dpop?: 'matching' | 'required' | 'off';
  /** Default: the global `fetch`. */
  readonly fetch?: FetchFunction;
  /** Default: the system clock. */
  readonly clock?: TimeSource;
}

/** Resolved options. */
export interface TokenExchangeSettings {
  readonly issuer: string;
  readonly client: ClientCredentials;
  readonly accessTokenOf: (viewer: AuthenticatedViewer) => string | undefined;
  readonly tokenEndpoint: string | undefined;
  readonly dpop: 'matching' | 'required' | 'off';
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const optionNames: Readonly<Record<keyof TokenExchangeOptions, true>> = {
  issuer: true,
  client: true,
  authenticator: true,
  tokenEndpoint: true,
  dpop: true,
  fetch: true,
  clock: true,
};

/**
 * Applies the defaults and validates the options.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 */
export function resolveTokenExchangeOptions(options: TokenExchangeOptions): TokenExchangeSettings {
  const { issuer, client, authenticator, tokenEndpoint, dpop = 'matching' } = options;
  const { fetch, clock = systemClock } = options;
  const checks: readonly (readonly [isValid: boolean, problem: string])[] = [
    [
      isEndpoint(issuer),
      'issuer must be the URL of the issuer, exactly as in the iss claim: https (or http on a loopback host), such as https://tenant.eu.auth0.com/.',
    ],
    [
      tokenEndpoint === undefined || isEndpoint(tokenEndpoint),
      'tokenEndpoint must be a URL: https (or http on a loopback host), without credentials or fragment.',
    ],
    [
      authenticator === undefined || typeof authenticator.accessTokenOf === 'function',
      'authenticator must be the result of createAuthenticator.',
    ],
    [
      ['matching', 'required', 'off'].includes(dpop),
      'dpop must be one of: matching, required, off.',
    ],
    [fetch === undefined || typeof fetch === 'function', 'fetch must be a function.'],
    [typeof clock.now === 'function', 'clock must have a method now.'],
  ];
  const problems = [
    ...findUnknownOptions(options, Object.keys(optionNames)),
    ...findClientProblems(client, 'client'),
    ...checks.filter(([isValid]) => !isValid).map(([, problem]) => problem),
  ];
  if (problems.length > 0) throw new TypeError(`createTokenExchange: ${problems.join(' ')}`);
  return {
    issuer,
    client,
    accessTokenOf: (viewer) => authenticator?.accessTokenOf(viewer),
    tokenEndpoint,
    dpop,
    // Looked up on each call, because tracers and tests replace the global function.
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: () => clock.now().getTime(),
  };
}

/** Whether tokens and credentials may be sent to a URL. */
function isEndpoint(text: unknown): boolean {
  if (typeof text !== 'string' || !isSecureUrl(text) || text.includes('#')) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
