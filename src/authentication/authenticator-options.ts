import { systemClock, type TimeSource } from '../shared/clock.ts';
import { defaultRealm } from './auth-error.ts';
import { type DpopMode, dpopModes } from './credentials.ts';
import { normalizeHtu } from './dpop/dpop-proof.ts';
import { type DpopAlgorithm, dpopAlgorithms, isDpopAlgorithm } from './dpop/proof-key.ts';
import type { Introspection } from './introspection/introspection.ts';
import type { FetchFunction } from './issuer/fetch-json.ts';
import { acceptedTokensNames } from './issuer/issuer-problems.ts';
import type { KeySource } from './issuer/key-source.ts';
import type { IssuerResolver } from './issuer/tenant-issuers.ts';
import type { AcceptedTokens, TrustedIssuer } from './issuer/trusted-issuer.ts';
import {
  findTrustProblems,
  resolveTrustedIssuers,
  type TrustedIssuers,
} from './issuer/trusted-issuers.ts';
import { createMemoryReplayStore } from './replay/memory-replay-store.ts';
import type { ReplayStore } from './replay/replay-store.ts';
import { findRevocationsProblems, type Revocations } from './revocation/revocations.ts';
import { jwsLength } from './token/compact-jws.ts';
import { findLocationProblems, type TokenLocation } from './token-location.ts';

/**
 * Options for `createAuthenticator`: whose access tokens are accepted, and how they are verified.
 *
 * Either `issuer` and `audience`, or `issuers` is required.
 */
export interface AuthenticatorOptions extends AcceptedTokens {
  /**
   * The trusted issuer or issuers, exactly as in the `iss` claim, including any trailing slash. The URL
   * must be `https`, or `http` on a loopback host, unless `keys` is set.
   */
  readonly issuer?: string | readonly string[];
  /**
   * The identifier of this API, or several. The `aud` claim of a token must contain at least one of
   * them. Can be left out if `clients` is set: then tokens must have no audience.
   */
  readonly audience?: string | readonly string[];
  /** How opaque tokens of the issuer are verified. Requires a single `issuer`. Default: they are not. */
  readonly introspection?: Introspection;
  /** Where the keys of the issuer are, if there is only one. Default: as for `issuers`. */
  readonly keys?: KeySource;
  /**
   * The clients whose tokens are accepted: see `TrustedIssuer.clients`. Belongs to `issuer`. Default:
   * every client.
   */
  readonly clients?: readonly string[];
  /**
   * The trusted issuers, if they differ in more than their URL: each has an audience of its own. What an
   * entry leaves out of `requiredClaims`, `profile`, `algorithms`, `scopes` and `machineTokens` is taken
   * from the options of the same name.
   *
   * For tenants that come and go, a function that finds the issuer of each.
   */
  readonly issuers?: readonly TrustedIssuer[] | IssuerResolver;
  /** Seconds by which the clocks of issuer and API may differ. Default 5, at most 300. */
  readonly clockTolerance?: number;
  /**
   * The size of the longest accepted token, in bytes, from 1024 (1 KiB) to 65536 (64 KiB). Servers and proxies
   * limit headers too, Node to 16 KiB. Opaque tokens cannot exceed 4 KiB. Default 8192.
   */
  readonly maxTokenBytes?: number;
  /**
   * Where the access token is read: one place, or several. Nothing else is read, and a request with tokens
   * in two of them is rejected. Tokens in cookies and headers of their own are Bearer tokens: one that is
   * bound to a key is rejected there. Default `authorization`.
   */
  readonly tokenFrom?: TokenLocation | readonly TokenLocation[];
  /** Whether DPoP is supported. `optional` and `required` need `publicUrl`. Default `off`. */
  readonly dpop?: DpopMode;
  /** The accepted signature algorithms of DPoP proofs. Default: all supported ones. */
  readonly dpopAlgorithms?: readonly DpopAlgorithm[];
  /**
   * The origin of this API as its clients see it, such as `https://api.example.com`, followed by the
   * path that a reverse proxy strips, if any. The `htu` claim of a DPoP proof is compared with it, and
   * never with the `Host` header.
   */
  readonly publicUrl?: string;
  /**
   * Remembers used DPoP proofs. Default: an in-memory store, which is sufficient for one instance.
   * Several instances must share one: see `createRedisReplayStore`.
   */
  readonly replayStore?: ReplayStore;
  /**
   * With `required`, a DPoP proof must contain a nonce that this API sent in the `DPoP-Nonce` header
   * within the last 5 to 10 minutes (RFC 9449 §9). Default `off`.
   */
  readonly dpopNonce?: 'off' | 'required';
  /**
   * The secret of the nonces: at least 32 random characters, the same for all instances. Ignored with
   * an in-memory replay store, which must not accept nonces of an earlier process. Default: random for
   * each authenticator.
   */
  readonly dpopNonceSecret?: string;
  /**
   * Whether the tokens of viewers are kept in memory, as long as the viewers are, for `accessTokenOf`:
   * `createTokenExchange` needs them for calls to other APIs. Default false: only hashes are kept.
   */
  readonly keepAccessTokens?: boolean;
  /** The `realm` of every challenge (RFC 9110 §11.5). Default `graphql`. */
  readonly realm?: string;
  /** The URL of this API's metadata, named in every challenge (RFC 9728 §5.1). Default: none. */
  readonly resourceMetadata?: string;
  /**
   * Which tokens are revoked: the result of `createRevocationList`, or an object with a method `isRevoked`.
   * Checked for each request. Default: not checked.
   */
  readonly revocations?: Revocations;
  /** Fetches discovery documents and key sets. Default: the global `fetch`. */
  readonly fetch?: FetchFunction;
  /** The time that tokens, proofs and keys are checked against. Default: the system clock. */
  readonly clock?: TimeSource;
  /** @deprecated Use `clock`. */
  readonly now?: () => Date;
  /**
   * Called on each failed attempt to fetch the keys of an issuer, and on failed introspections, at most
   * once per second. The error names the URL and the problem, and contains nothing from a token, so it
   * can be logged. Default: does nothing.
   */
  readonly onFetchFailure?: (issuer: string, error: unknown) => void;
  /**
   * Called with the first success after such a failure: the issuer is reachable again. Default: does nothing.
   */
  readonly onFetchRecovery?: (issuer: string) => void;
  /**
   * Called with the first failure of a function in `scopes`: once for each issuer. What the function threw
   * can contain claims. Default: does nothing; the token is rejected in any case.
   */
  readonly onScopesFailure?: (issuer: string, error: unknown) => void;
  /**
   * Called at most once per second with what prevents the function in `issuers` from finding a tenant: it
   * threw, took too long, or returned an invalid issuer. What it threw can contain parts of the token, so
   * decide what to log of it. Default: does nothing; the response is 503 in any case.
   */
  readonly onTenantFailure?: (error: unknown) => void;
}

/** Resolved options. */
export interface AuthenticatorSettings extends TrustedIssuers {
  /** Milliseconds. */
  readonly clockTolerance: number;
  readonly maxTokenBytes: number;
  readonly tokenFrom: readonly TokenLocation[];
  readonly dpop: DpopMode;
  readonly dpopAlgorithms: readonly DpopAlgorithm[];
  /** Without a trailing slash. Can be empty if DPoP is off. */
  readonly publicUrl: string;
  readonly replayStore: ReplayStore;
  readonly dpopNonce: 'off' | 'required';
  readonly dpopNonceSecret: string | undefined;
  readonly keepAccessTokens: boolean;
  readonly realm: string;
  readonly resourceMetadata: string | undefined;
  readonly revocations: Revocations | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Applies the defaults and validates the options.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 */
export function resolveAuthenticatorOptions(options: AuthenticatorOptions): AuthenticatorSettings {
  const clock = options.clock ?? { now: options.now ?? systemClock.now };
  const settings = {
    clockTolerance: (options.clockTolerance ?? 5) * 1000,
    maxTokenBytes: options.maxTokenBytes ?? jwsLength.default,
    tokenFrom: [options.tokenFrom ?? 'authorization'].flat(),
    dpop: options.dpop ?? 'off',
    dpopAlgorithms: options.dpopAlgorithms ?? dpopAlgorithms,
    publicUrl: (options.publicUrl ?? '').replace(/\/$/, ''),
    replayStore: options.replayStore ?? createMemoryReplayStore({ clock }),
    dpopNonce: options.dpopNonce ?? 'off',
    dpopNonceSecret: options.dpopNonceSecret,
    keepAccessTokens: options.keepAccessTokens ?? false,
    realm: options.realm ?? defaultRealm,
    resourceMetadata: options.resourceMetadata,
    revocations: options.revocations,
    now: () => clock.now().getTime(),
  };
  const problems = [
    ...findUnknownOptions(options),
    ...findTrustProblems(options),
    ...findInvalidOptions(settings),
    ...findLocationProblems(settings),
    ...findRevocationsProblems(settings.revocations),
  ];
  if (problems.length > 0) throw new TypeError(`createAuthenticator: ${problems.join(' ')}`);
  return { ...settings, ...resolveTrustedIssuers(options, settings.now) };
}

const optionNames: Readonly<Record<keyof AuthenticatorOptions, true>> = {
  issuer: true,
  audience: true,
  introspection: true,
  clients: true,
  keys: true,
  issuers: true,
  ...acceptedTokensNames,
  clockTolerance: true,
  maxTokenBytes: true,
  tokenFrom: true,
  dpop: true,
  dpopAlgorithms: true,
  publicUrl: true,
  replayStore: true,
  dpopNonce: true,
  dpopNonceSecret: true,
  keepAccessTokens: true,
  realm: true,
  resourceMetadata: true,
  revocations: true,
  fetch: true,
  clock: true,
  now: true,
  onFetchFailure: true,
  onFetchRecovery: true,
  onScopesFailure: true,
  onTenantFailure: true,
};

/** Otherwise, a misspelled option would silently disable a check. */
const findUnknownOptions = (options: AuthenticatorOptions): readonly string[] =>
  Object.keys(options)
    .filter((name) => !Object.hasOwn(optionNames, name))
    .map(
      (name) => `Unknown option ${name}. The options are: ${Object.keys(optionNames).join(', ')}.`,
    );

function findInvalidOptions(
  settings: Omit<AuthenticatorSettings, keyof TrustedIssuers>,
): readonly string[] {
  const { clockTolerance, dpop, publicUrl, replayStore, dpopNonce, dpopNonceSecret } = settings;
  const { keepAccessTokens, maxTokenBytes } = settings;
  const checks: readonly (readonly [isValid: boolean, problem: string])[] = [
    [
      clockTolerance >= 0 && clockTolerance <= 300_000,
      'clockTolerance must be a number of seconds between 0 and 300.',
    ],
    [
      Number.isInteger(maxTokenBytes) &&
        maxTokenBytes >= jwsLength.min &&
        maxTokenBytes <= jwsLength.max,
      `maxTokenBytes must be a whole number between ${jwsLength.min} and ${jwsLength.max}.`,
    ],
    [
      isListOfDpopAlgorithms(settings.dpopAlgorithms),
      `dpopAlgorithms must be a list of: ${dpopAlgorithms.join(', ')}.`,
    ],
    [dpopModes.has(dpop), `dpop must be one of: ${[...dpopModes].join(', ')}.`],
    [
      publicUrl === '' ? dpop === 'off' : isPublicUrl(publicUrl),
      'publicUrl must be the origin of this API as its clients see it, such as https://api.example.com. It is required for DPoP.',
    ],
    [typeof replayStore.isFirstUse === 'function', 'replayStore must have a method isFirstUse.'],
    [dpopNonce === 'off' || dpopNonce === 'required', 'dpopNonce must be off or required.'],
    [
      [settings.realm, settings.resourceMetadata ?? ' '].every((text) =>
        /^[\x20-\x7E]+$/.test(text),
      ),
      'realm and resourceMetadata must be printable ASCII: they are sent in a header.',
    ],
    [
      dpopNonce === 'off' || dpop !== 'off',
      'dpopNonce requires DPoP: set dpop to optional or required.',
    ],
    [
      dpopNonceSecret === undefined || dpopNonceSecret.length >= 32,
      'dpopNonceSecret must be a string of at least 32 random characters.',
    ],
    [typeof keepAccessTokens === 'boolean', 'keepAccessTokens must be true or false.'],
  ];
  return checks.filter(([isValid]) => !isValid).map(([, problem]) => problem);
}

const isListOfDpopAlgorithms = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isDpopAlgorithm);

const isPublicUrl = (text: string): boolean =>
  normalizeHtu(text) !== undefined && !/[?#]/.test(text);
