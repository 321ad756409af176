import { systemClock, type TimeSource } from '../shared/clock.ts';
import { type DpopMode, dpopModes } from './credentials.ts';
import { normalizeHtu } from './dpop/dpop-proof.ts';
import type { FetchFunction } from './issuer/fetch-json.ts';
import { isSecureUrl } from './issuer/fetch-json.ts';
import { createMemoryReplayStore } from './replay/memory-replay-store.ts';
import type { ReplayStore } from './replay/replay-store.ts';
import { type AccessTokenProfile, accessTokenProfiles } from './token/access-token-profile.ts';
import {
  isSignatureAlgorithm,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from './token/public-key.ts';

/** Options for `createAuthenticator`: whose access tokens are accepted, and how they are verified. */
export interface AuthenticatorOptions {
  /**
   * The trusted issuer or issuers, exactly as in the `iss` claim, including any trailing slash. The URL
   * must be `https`, or `http` on a loopback host.
   */
  readonly issuer: string | readonly string[];
  /**
   * The identifier of this API, or several. The `aud` claim of a token must contain at least one of
   * them.
   */
  readonly audience: string | readonly string[];
  /** Names of claims that every token must have, with a value other than null. Default: none. */
  readonly requiredClaims?: readonly string[];
  /** Which JWTs are accepted as access tokens. Default `jwt`. */
  readonly profile?: AccessTokenProfile;
  /** The accepted signature algorithms. Default: all supported ones, all of them asymmetric. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Seconds by which the clocks of issuer and API may differ. Default 5, at most 300. */
  readonly clockTolerance?: number;
  /** Whether DPoP is supported. `optional` and `required` need `publicUrl`. Default `off`. */
  readonly dpop?: DpopMode;
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
  /** Fetches discovery documents and key sets. Default: the global `fetch`. */
  readonly fetch?: FetchFunction;
  /** The time that tokens, proofs and keys are checked against. Default: the system clock. */
  readonly clock?: TimeSource;
  /** @deprecated Use `clock`. */
  readonly now?: () => Date;
  /**
   * Called on each failed attempt to fetch the keys of an issuer. The error names the URL and the
   * problem, and contains nothing from a token, so it can be logged. Default: does nothing.
   */
  readonly onFetchFailure?: (issuer: string, error: unknown) => void;
}

/** Resolved options. */
export interface AuthenticatorSettings {
  readonly issuers: readonly string[];
  readonly audiences: ReadonlySet<string>;
  readonly requiredClaims: readonly string[];
  readonly profile: AccessTokenProfile;
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
  /** Milliseconds. */
  readonly clockTolerance: number;
  readonly dpop: DpopMode;
  /** Without a trailing slash. Can be empty if DPoP is off. */
  readonly publicUrl: string;
  readonly replayStore: ReplayStore;
  readonly dpopNonce: 'off' | 'required';
  readonly dpopNonceSecret: string | undefined;
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFetchFailure: (issuer: string, error: unknown) => void;
}

/**
 * Applies the defaults and validates the options.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 */
export function resolveAuthenticatorOptions(options: AuthenticatorOptions): AuthenticatorSettings {
  const clock = options.clock ?? { now: options.now ?? systemClock.now };
  const settings: AuthenticatorSettings = {
    issuers: toList(options.issuer),
    audiences: new Set(toList(options.audience)),
    requiredClaims: options.requiredClaims ?? [],
    profile: options.profile ?? 'jwt',
    algorithms: new Set(options.algorithms ?? signatureAlgorithms),
    clockTolerance: (options.clockTolerance ?? 5) * 1000,
    dpop: options.dpop ?? 'off',
    publicUrl: (options.publicUrl ?? '').replace(/\/$/, ''),
    replayStore: options.replayStore ?? createMemoryReplayStore({ clock }),
    dpopNonce: options.dpopNonce ?? 'off',
    dpopNonceSecret: options.dpopNonceSecret,
    // Looked up on each call, because tracers and tests replace the global function.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: () => clock.now().getTime(),
    onFetchFailure: options.onFetchFailure ?? (() => {}),
  };
  const problems = [...findUnknownOptions(options), ...findInvalidOptions(settings)];
  if (problems.length > 0) throw new TypeError(`createAuthenticator: ${problems.join(' ')}`);
  return settings;
}

const toList = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

const optionNames: Readonly<Record<keyof AuthenticatorOptions, true>> = {
  issuer: true,
  audience: true,
  requiredClaims: true,
  profile: true,
  algorithms: true,
  clockTolerance: true,
  dpop: true,
  publicUrl: true,
  replayStore: true,
  dpopNonce: true,
  dpopNonceSecret: true,
  fetch: true,
  clock: true,
  now: true,
  onFetchFailure: true,
};

/** Otherwise, a misspelled option would silently disable a check. */
const findUnknownOptions = (options: AuthenticatorOptions): readonly string[] =>
  Object.keys(options)
    .filter((name) => !Object.hasOwn(optionNames, name))
    .map(
      (name) => `Unknown option ${name}. The options are: ${Object.keys(optionNames).join(', ')}.`,
    );

/** The characters of an `error_description` (RFC 6750 §3), which names a missing claim. */
const claimNamePattern = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

function findInvalidOptions(settings: AuthenticatorSettings): readonly string[] {
  const { issuers, audiences, requiredClaims, profile, algorithms, clockTolerance } = settings;
  const { dpop, publicUrl, replayStore, dpopNonce, dpopNonceSecret } = settings;
  const checks: readonly (readonly [isValid: boolean, problem: string])[] = [
    [
      issuers.length > 0 && issuers.every(isIssuer),
      'issuer must be the full URL of an issuer, or a list of them, exactly as in the iss claim: https (or http on a loopback host), without query or fragment, such as https://tenant.eu.auth0.com/.',
    ],
    [
      audiences.size > 0 && [...audiences].every((name) => typeof name === 'string' && name !== ''),
      'audience must be the identifier of this API, or a list of them: non-empty strings, such as https://api.example.com.',
    ],
    [
      Array.isArray(requiredClaims) && requiredClaims.every((name) => claimNamePattern.test(name)),
      'requiredClaims must be a list of claim names: printable ASCII without quotes and backslashes, such as email.',
    ],
    [
      accessTokenProfiles.has(profile),
      `profile must be one of: ${[...accessTokenProfiles].join(', ')}.`,
    ],
    [
      algorithms.size > 0 && [...algorithms].every(isSignatureAlgorithm),
      `algorithms must be a list of: ${signatureAlgorithms.join(', ')}. none and HS* are never accepted.`,
    ],
    [
      clockTolerance >= 0 && clockTolerance <= 300_000,
      'clockTolerance must be a number of seconds between 0 and 300.',
    ],
    [dpopModes.has(dpop), `dpop must be one of: ${[...dpopModes].join(', ')}.`],
    [
      publicUrl === '' ? dpop === 'off' : isPublicUrl(publicUrl),
      'publicUrl must be the origin of this API as its clients see it, such as https://api.example.com. It is required for DPoP.',
    ],
    [typeof replayStore.isFirstUse === 'function', 'replayStore must have a method isFirstUse.'],
    [dpopNonce === 'off' || dpopNonce === 'required', 'dpopNonce must be off or required.'],
    [
      dpopNonce === 'off' || dpop !== 'off',
      'dpopNonce requires DPoP: set dpop to optional or required.',
    ],
    [
      dpopNonceSecret === undefined || dpopNonceSecret.length >= 32,
      'dpopNonceSecret must be a string of at least 32 random characters.',
    ],
  ];
  return checks.filter(([isValid]) => !isValid).map(([, problem]) => problem);
}

function isIssuer(text: unknown): boolean {
  if (typeof text !== 'string' || !isSecureUrl(text) || /[?#\s]/.test(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

const isPublicUrl = (text: string): boolean =>
  normalizeHtu(text) !== undefined && !/[?#]/.test(text);
