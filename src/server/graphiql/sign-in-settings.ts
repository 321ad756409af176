/** The settings of sign-in on the page. None of them is secret. */
export interface SignInSettings {
  /** The issuer, exactly as in `iss`. */
  readonly issuer: string;
  /** The URL of its metadata; null if that is below the issuer. */
  readonly metadataUrl: string | null;
  /** The public client of the page; null if none is configured, or no issuer has metadata. */
  readonly clientId: string | null;
  /** The API's identifier at the issuer; null if its tokens have no audience. */
  readonly audience: string | null;
  /** Scopes of OpenID Connect that a sign-in requests. They are not shown as scopes of the API. */
  readonly identityScopes: readonly string[];
  /** Every scope that a rule names. A sign-in requests all; the issuer grants those that the user has. */
  readonly scopes: readonly string[];
  /** Who can sign in at the local issuer, without a password; empty for any other issuer. */
  readonly testUsers: readonly PageUser[];
  /** The public URL of the endpoint, which DPoP proofs contain. */
  readonly endpoint: string;
  /** The port that commands find the local issuer by; null if they find it without. */
  readonly commandPort: number | null;
  /** Whether tokens can, must or cannot be bound to a key of the browser. */
  readonly dpop: 'off' | 'optional' | 'required';
}

/** A test user of the local issuer. */
interface PageUser {
  /** The login name, and the claim `sub`. */
  readonly name: string;
  readonly displayName: string;
  /** Every scope that the user can be granted. */
  readonly scopes: readonly string[];
}
