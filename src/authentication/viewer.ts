import { createHash } from 'node:crypto';

/** Nobody: the request carried no credentials. */
export interface AnonymousViewer {
  readonly kind: 'anonymous';
}

/** Whoever a verified access token speaks for. */
export interface AuthenticatedViewer {
  readonly kind: 'authenticated';
  /**
   * Who this is, as one value: made of `issuer` and `subject` by `viewerId`, equal in every token
   * of the same subject, and in no other. What to store as an owner or author, and to compare.
   */
  readonly id: string;
  /**
   * The claim `sub`: unique within `issuer` only (OpenID Connect Core §8), so never compared alone.
   */
  readonly subject: string;
  /** The claim `iss`, equal to one of the configured issuers. */
  readonly issuer: string;
  /**
   * The claim `client_id` (RFC 9068 §2.2), or `azp` where the issuer uses that. Unique within
   * `issuer` only, as `subject` is.
   */
  readonly clientId?: string;
  /**
   * The union of the claims `scope` (space-delimited), `scp` (string or array) and `permissions`
   * (array). Compared exactly and case-sensitively.
   */
  readonly scopes: ReadonlySet<string>;
  /** Every claim of the access token, as signed. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The claim `exp`. */
  readonly expiresAt: Date;
}

/** Who is asking. */
export type Viewer = AnonymousViewer | AuthenticatedViewer;

/** The viewer of a request without credentials. */
export const anonymous: AnonymousViewer = Object.freeze({ kind: 'anonymous' });

/**
 * The `id` of the viewer that an issuer calls by this subject: the SHA-256 of the JSON text
 * `["ISSUER","SUBJECT"]`, in base64url. 43 characters, the same in every release. For viewers that
 * are made without an authenticator, and for records that hold issuer and subject so far.
 *
 * @example
 * ```ts
 * const author = viewerId({ issuer: 'https://login.example.com/', subject: 'auth0|ada' });
 * ```
 */
export function viewerId({
  issuer,
  subject,
}: Pick<AuthenticatedViewer, 'issuer' | 'subject'>): string {
  // As JSON no two pairs have one text, and unpaired surrogates stay distinct in UTF-8.
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url');
}
