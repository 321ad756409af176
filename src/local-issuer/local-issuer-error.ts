/** Why the local issuer cannot start. */
export type LocalIssuerErrorCode = 'production' | 'option' | 'key-file' | 'listen';

/** The local issuer cannot start. The message is one line and says how to fix it. */
export class LocalIssuerError extends Error {
  override readonly name = 'LocalIssuerError';
  readonly code: LocalIssuerErrorCode;

  constructor(code: LocalIssuerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
