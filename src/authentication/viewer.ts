/** Nobody: the request carried no credentials. */
export interface AnonymousViewer {
  readonly kind: 'anonymous';
}

/** Whoever a verified access token speaks for. */
export interface AuthenticatedViewer {
  readonly kind: 'authenticated';
  /** The claim `sub`: unique within `issuer` only. */
  readonly subject: string;
  /** The claim `iss`, equal to one of the configured issuers. */
  readonly issuer: string;
  /** The claim `client_id` (RFC 9068 §2.2), or `azp` where the issuer uses that. */
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
