/** What the page needs to know to sign people in. None of it is secret. */
export interface SignInSettings {
  /** Whom people sign in at, exactly as in `iss`. */
  readonly issuer: string;
  /** The public client as which they do; null where none is configured. */
  readonly clientId: string | null;
  /** The API's identifier at the issuer. */
  readonly audience: string;
  /** Every scope that a rule names: people are asked for all of them, and get those they may have. */
  readonly scopes: readonly string[];
  /** The endpoint as clients see it, which is what DPoP proofs are made for. */
  readonly endpoint: string;
  /** Whether tokens may, must or cannot be bound to a key of the browser. */
  readonly dpop: 'off' | 'optional' | 'required';
}
