/** What kept the local issuer from starting. */
export type LocalIssuerErrorCode = 'production' | 'option' | 'key-file' | 'listen';

/** The local issuer cannot start. The message is one line and says what to do. */
export class LocalIssuerError extends Error {
  override readonly name = 'LocalIssuerError';
  readonly code: LocalIssuerErrorCode;

  constructor(code: LocalIssuerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
