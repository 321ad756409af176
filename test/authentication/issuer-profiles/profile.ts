import type { AuthErrorReason } from '../../../src/authentication/auth-error-reasons.ts';
import { createTestClock } from '../../support/clock.ts';

/** An issuer as it shapes its documents and tokens, and what becomes of them with the settings of its section. */
export interface IssuerProfile {
  /** The heading of its section in docs/issuers.md. */
  readonly section: string;
  readonly algorithm: 'RS256' | 'ES256';
  /** Where its metadata are, and the issuer that they name. Undefined if they are not requested. */
  readonly discovery?: { readonly url: string; readonly issuer: string } & Claims;
  readonly keySet: KeySet;
  /** The header of its tokens, apart from `alg` and `kid`. */
  readonly header: Claims;
  /** The header of requests that has the token. Default: Authorization. */
  readonly sentIn?: string;
  readonly accessToken: AcceptedToken;
  /** What else is accepted, by what it is. */
  readonly accepted?: Readonly<Record<string, AcceptedToken>>;
  /** The ID token of a user who signs in, or what comes closest. */
  readonly idToken: RejectedToken;
  /** An access token for another API, or for a client that is not allowed. */
  readonly elsewhere: RejectedToken;
  /** The issuer of another tenant of the same vendor. */
  readonly otherIssuer: string;
  /** What else is rejected, by what it is. */
  readonly rejected?: Readonly<Record<string, RejectedToken>>;
}

export type Claims = Readonly<Record<string, unknown>>;

interface KeySet {
  readonly url: string;
  readonly contentType?: string;
  /** Turns the public key into the keys as they are published. Default: that key, with `alg`, `use` and `kid`. */
  readonly publish?: (key: Claims) => readonly Claims[];
}

interface AcceptedToken {
  readonly claims: Claims;
  readonly viewer: {
    readonly subject: string;
    readonly clientId: string | undefined;
    readonly scopes: readonly string[];
  };
}

interface RejectedToken {
  readonly reason: AuthErrorReason;
  readonly header?: Claims;
  readonly claims: Claims;
}

/** Stands still at the time when the tokens are issued. */
export const clock = createTestClock();

/** In seconds since the epoch. */
export const now = clock.seconds();

/** The times of a token that was issued a minute ago, and is valid for an hour. */
export const times = { iat: now - 60, exp: now + 3_540 };

/** Published without `alg`, with a certificate, as Microsoft does. */
export const withoutAlg =
  (others: Claims = {}): NonNullable<KeySet['publish']> =>
  ({ alg: _, ...key }) => [{ ...key, x5t: key['kid'], x5c: ['AAAA'], ...others }];
