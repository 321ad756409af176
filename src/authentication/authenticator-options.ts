import { systemClock, type TimeSource } from '../shared/clock.ts';
import { type DpopMode, dpopModes } from './dpop/dpop-mode.ts';
import { normaliseTarget } from './dpop/dpop-target.ts';
import type { FetchFunction } from './issuer/fetch-json.ts';
import { isSecureUrl } from './issuer/secure-url.ts';
import { createMemoryReplayStore } from './replay/memory-replay-store.ts';
import type { ReplayStore } from './replay/replay-store.ts';
import { type AccessTokenProfile, accessTokenProfiles } from './token/access-token-profile.ts';
import {
  isSignatureAlgorithm,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from './token/signature-algorithm.ts';

/** Whose access tokens are accepted, and how they are verified. */
export interface AuthenticatorOptions {
  /**
   * The trusted issuers, each exactly as in the claim `iss`, a trailing slash included. `https`, or
   * `http` on a loopback host.
   */
  readonly issuer: string | readonly string[];
  /** The identifiers of this API. A token must name one of them in the claim `aud`. */
  readonly audience: string | readonly string[];
  /** Claims that every token must carry, not null. Default: none. */
  readonly requiredClaims?: readonly string[];
  /** Default `jwt`. */
  readonly profile?: AccessTokenProfile;
  /** The signature algorithms to accept. Default: all that are supported, none of them symmetric. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Seconds by which the clocks of issuer and API may differ. Default 5; at most 300. */
  readonly clockTolerance?: number;
  /** Default `off`. Anything else needs `publicUrl`. */
  readonly dpop?: DpopMode;
  /**
   * The origin of this API as its clients see it, such as `https://api.example.com`, with the path
   * that a proxy in front takes away where there is one. What DPoP proofs are compared with; what
   * requests say of their host never is.
   */
  readonly publicUrl?: string;
  /**
   * Where used DPoP proofs are remembered. Default: in memory, which does for one instance. Several
   * must share one.
   */
  readonly replayStore?: ReplayStore;
  /**
   * With `required`, a DPoP proof must hold a nonce that this API gave out in the header DPoP-Nonce
   * in the last five to ten minutes (RFC 9449 §9). Default `off`.
   */
  readonly dpopNonce?: 'off' | 'required';
  /**
   * What nonces are made with: 32 characters or more that cannot be guessed, the same for all
   * instances. Without effect where the replay store is in memory: nonces of an earlier process
   * must not be accepted there. Default: made by each authenticator.
   */
  readonly dpopNonceSecret?: string;
  /** Default: the global `fetch`. Asked for discovery documents and key sets only. */
  readonly fetch?: FetchFunction;
  /** What tokens, proofs and keys are compared with. Default: the system's clock. */
  readonly clock?: TimeSource;
  /** @deprecated Use `clock`. */
  readonly now?: () => Date;
  /**
   * Told each time the keys of an issuer could not be fetched, with an error that names the URL and
   * what was wrong, and holds nothing of any token: fit for a log. Default: nothing.
   */
  readonly onFetchFailure?: (issuer: string, error: unknown) => void;
}

/** The options, complete and checked. Times are in milliseconds. */
export interface AuthenticatorSettings {
  readonly issuers: readonly string[];
  readonly audiences: ReadonlySet<string>;
  readonly requiredClaims: readonly string[];
  readonly profile: AccessTokenProfile;
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
  readonly clockTolerance: number;
  readonly dpop: DpopMode;
  /** Without a slash at the end; empty where DPoP is off. */
  readonly publicUrl: string;
  readonly replayStore: ReplayStore;
  readonly dpopNonce: 'off' | 'required';
  readonly dpopNonceSecret: string | undefined;
  readonly fetch: FetchFunction;
  readonly now: () => number;
  readonly onFetchFailure: (issuer: string, error: unknown) => void;
}

/**
 * Completes the options, or refuses them, every fault in one error.
 *
 * @throws {TypeError} names each wrong option and says what a right value is
 */
export function resolveAuthenticatorOptions(options: AuthenticatorOptions): AuthenticatorSettings {
  const clock = options.clock ?? { now: options.now ?? systemClock.now };
  const settings: AuthenticatorSettings = {
    issuers: listOf(options.issuer),
    audiences: new Set(listOf(options.audience)),
    requiredClaims: options.requiredClaims ?? [],
    profile: options.profile ?? 'jwt',
    algorithms: new Set(options.algorithms ?? signatureAlgorithms),
    clockTolerance: (options.clockTolerance ?? 5) * 1000,
    dpop: options.dpop ?? 'off',
    publicUrl: (options.publicUrl ?? '').replace(/\/$/, ''),
    replayStore: options.replayStore ?? createMemoryReplayStore({ clock }),
    dpopNonce: options.dpopNonce ?? 'off',
    dpopNonceSecret: options.dpopNonceSecret,
    // Looked up at each call, as tracers and tests replace the global one.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: () => clock.now().getTime(),
    onFetchFailure: options.onFetchFailure ?? (() => {}),
  };
  const faults = [...unknownNames(options), ...faultsOf(settings)];
  if (faults.length > 0) throw new TypeError(`createAuthenticator: ${faults.join(' ')}`);
  return settings;
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
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

/** A misspelt option would otherwise be a check that is silently not made. */
const unknownNames = (options: AuthenticatorOptions): readonly string[] =>
  Object.keys(options)
    .filter((name) => !Object.hasOwn(optionNames, name))
    .map((name) => `There is no option ${name}: ${Object.keys(optionNames).join(', ')}.`);

/** What a quoted `error_description` can hold (RFC 6750 §3); a missing claim is named in one. */
const claimName = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

function faultsOf(settings: AuthenticatorSettings): readonly string[] {
  const { issuers, audiences, requiredClaims, profile, algorithms, clockTolerance } = settings;
  const { dpop, publicUrl, replayStore, dpopNonce, dpopNonceSecret } = settings;
  const rules: readonly (readonly [isRight: boolean, mend: string])[] = [
    [
      issuers.length > 0 && issuers.every(isIssuer),
      'issuer must be the full URL of an issuer, or several, each exactly as in the claim iss: https (http on a loopback host only), without query or fragment, such as https://tenant.eu.auth0.com/.',
    ],
    [
      audiences.size > 0 && [...audiences].every((name) => typeof name === 'string' && name !== ''),
      'audience must be the identifier of this API, or several: strings that are not empty, such as https://api.example.com.',
    ],
    [
      Array.isArray(requiredClaims) && requiredClaims.every((name) => claimName.test(name)),
      'requiredClaims must be a list of claim names: printable ASCII without quote and backslash, such as email.',
    ],
    [
      accessTokenProfiles.has(profile),
      `profile must be one of: ${[...accessTokenProfiles].join(', ')}.`,
    ],
    [
      algorithms.size > 0 && [...algorithms].every(isSignatureAlgorithm),
      `algorithms must be some of: ${signatureAlgorithms.join(', ')}. none and HS* are never accepted.`,
    ],
    [
      clockTolerance >= 0 && clockTolerance <= 300_000,
      'clockTolerance must be a number of seconds between 0 and 300.',
    ],
    [dpopModes.has(dpop), `dpop must be one of: ${[...dpopModes].join(', ')}.`],
    [
      publicUrl === '' ? dpop === 'off' : isPublicUrl(publicUrl),
      'publicUrl must be the origin of this API as its clients see it, such as https://api.example.com: dpop needs it.',
    ],
    [typeof replayStore.isFirstUse === 'function', 'replayStore must have isFirstUse.'],
    [dpopNonce === 'off' || dpopNonce === 'required', 'dpopNonce must be off or required.'],
    [
      dpopNonce === 'off' || dpop !== 'off',
      'dpopNonce is for DPoP proofs: set dpop to optional or required.',
    ],
    [
      dpopNonceSecret === undefined || dpopNonceSecret.length >= 32,
      'dpopNonceSecret must be a text of at least 32 characters that nobody can guess.',
    ],
  ];
  return rules.filter(([isRight]) => !isRight).map(([, mend]) => mend);
}

function isIssuer(text: unknown): boolean {
  if (typeof text !== 'string' || !isSecureUrl(text) || /[?#\s]/.test(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

const isPublicUrl = (text: string): boolean =>
  normaliseTarget(text) !== undefined && !/[?#]/.test(text);
