/** Has the prototype of `Error`, but does not call its constructor, which captures the trace. */
class ErrorWithoutTrace implements Error {
  static {
    Object.setPrototypeOf(ErrorWithoutTrace.prototype, Error.prototype);
  }

  declare readonly name: string;
  declare readonly message: string;

  constructor(message: string, { cause }: ErrorOptions) {
    Object.defineProperty(this, 'message', { value: message, writable: true, configurable: true });
    if (cause === undefined) return;
    Object.defineProperty(this, 'cause', { value: cause, writable: true, configurable: true });
  }

  get stack(): string {
    return `${this.name}: ${this.message}`;
  }

  set stack(value: string) {
    Object.defineProperty(this, 'stack', { value, writable: true, configurable: true });
  }
}

/**
 * `Error` as a base class, without a stack trace: for errors that clients cause at will, and whose
 * code says where they arise. Capturing a trace takes longer than everything else about them.
 */
export const UntracedError: new (message: string, options: ErrorOptions) => Error =
  ErrorWithoutTrace;
