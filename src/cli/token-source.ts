import type { CryptoKeyPair, TokenEndpointResponse } from 'openid-client';

/** What to sign in with at the local issuer. */
interface LocalSignIn {
  readonly user: string;
  readonly scope?: string;
  readonly audience?: string;
  readonly lifetime?: number;
  readonly keyPair?: CryptoKeyPair;
}

/** Where tokens come from, and the client that requests them. */
export type TokenSource = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
} & (
  | {
      readonly kind: 'local';
      /** @throws TokenRefusedError if the issuer rejects it. */
      signIn(request: LocalSignIn): Promise<TokenEndpointResponse>;
    }
  | {
      readonly kind: 'tenant';
      /** The URL of its metadata, if that is not below the issuer. */
      readonly discovery?: string;
      /** Undefined if its tokens have none. */
      readonly audience?: string;
    }
);

/** What the commands that call an API have to know of it. */
export interface CommandSettings {
  /** The URL of the API, unless an option overrides it. */
  readonly endpoint: string;
  /**
   * The configured issuer, or else the local issuer.
   *
   * @throws CommandError if no client is configured for it.
   */
  tokenSource(): TokenSource;
}
