import type { AuthenticatorOptions } from '../../authentication/authenticator-options.ts';
import type { Finding } from './finding.ts';

/** An API as its settings describe it: what `doctor` checks. */
export interface DiagnosedApi {
  /** How its access tokens are verified. */
  readonly authenticator: AuthenticatorOptions;
  /** Whether its issuer is the local one, which runs only while the API does. */
  readonly hasLocalIssuer: boolean;
  /** The API as its clients see it, without a trailing slash. */
  readonly publicUrl: string;
  /** Where it listens, if that is known. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** Where used proofs are recorded. */
  readonly redisUrl: string | undefined;
  /** Checks its database. Absent if none is configured. */
  readonly checkDatabase?: () => Promise<readonly Finding[]>;
}

/** What the settings say: every problem, or the API. */
export type DiagnosedSettings =
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }
  | { readonly kind: 'valid'; readonly api: DiagnosedApi };

/** What the checks use of the outside. */
export interface DoctorEnvironment {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The configured issuers, exactly as in `iss`; empty if they are looked up for each token. */
export function issuersOf({ issuer, issuers }: AuthenticatorOptions): readonly string[] {
  if (Array.isArray(issuers)) return issuers.map((one) => one.issuer);
  return typeof issuer === 'string' ? [issuer] : (issuer ?? []);
}

/** The configured audiences of one issuer, or of all if it is not known. */
export function audiencesOf(
  { audience, issuers }: AuthenticatorOptions,
  issuer: unknown,
): readonly string[] {
  const lists = Array.isArray(issuers)
    ? issuers.filter((one) => one.issuer === issuer).map((one) => one.audience)
    : [audience];
  return lists.flatMap((list) => list ?? []);
}
