import type { SignProof } from './proof-signer.ts';

/** The request that an exchanged token is sent with. */
export interface OnwardRequest {
  /** Default `POST`. */
  readonly method?: string;
  /** The URL of the API that is called. */
  readonly url: string;
  /** What that API sent in `DPoP-Nonce`. Only for tokens that are bound to a key. Default: none. */
  readonly nonce?: string;
}

/** What an exchanged token consists of. */
export interface ExchangedTokenParts {
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch; undefined if the issuer did not say. */
  readonly expiresAt: number | undefined;
  readonly signProof: SignProof;
}

/**
 * An access token for another API. The token itself appears neither in JSON nor in logs. Calls for the
 * same viewer and target share one.
 */
export interface ExchangedToken {
  /** `DPoP` if it is bound to the key of this process: each request then needs a proof. */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** The granted scopes: those of the response, or else the requested ones. */
  readonly scopes: readonly string[];
  /** When it expires. Undefined if the issuer did not say. A new `Date` each time it is read. */
  readonly expiresAt: Date | undefined;
  /** The token itself. `headersFor` is sufficient for requests. */
  readonly accessToken: string;
  /**
   * Creates the headers of one request to the other API: `authorization`, and `dpop` with a new proof
   * (RFC 9449 §7.1) if the token is bound to a key.
   *
   * Not checked: whether the URL is that of the audience, or `https`.
   */
  headersFor(request: OnwardRequest): Promise<Readonly<Record<string, string>>>;
}

/** Has the token in a private field, and gives it back by a getter that no serializer looks for. */
class OpaqueExchangedToken implements ExchangedToken {
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly scopes: readonly string[];
  readonly #parts: ExchangedTokenParts;

  constructor(parts: ExchangedTokenParts) {
    this.tokenType = parts.tokenType;
    this.scopes = Object.freeze([...parts.scopes]);
    this.#parts = parts;
    Object.freeze(this);
  }

  get accessToken(): string {
    return this.#parts.accessToken;
  }

  get expiresAt(): Date | undefined {
    const { expiresAt } = this.#parts;
    return expiresAt === undefined ? undefined : new Date(expiresAt);
  }

  async headersFor({
    method = 'POST',
    url,
    nonce,
  }: OnwardRequest): Promise<Readonly<Record<string, string>>> {
    const { accessToken, tokenType, signProof } = this.#parts;
    const authorization = `${tokenType} ${accessToken}`;
    if (tokenType === 'Bearer') return { authorization };
    return { authorization, dpop: await signProof({ method, url, accessToken, nonce }) };
  }
}

/** Creates a token that can be shared: nothing about it can be changed. */
export const createExchangedToken = (parts: ExchangedTokenParts): ExchangedToken =>
  new OpaqueExchangedToken(parts);
