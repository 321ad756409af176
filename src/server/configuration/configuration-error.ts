/** One thing that is wrong with the configuration. */
export interface ConfigurationFault {
  /** The variable to change, or the file it stands in. */
  readonly variable: string;
  /** One whole line: the variable, what is wrong, what a right value looks like. */
  readonly message: string;
}

/**
 * The configuration cannot be used. `message` lists every fault, one line each, and is made for the
 * person who starts the server: it repeats no secret and needs no stack beside it.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[], options?: ErrorOptions) {
    const lines = faults.map((fault) => fault.message);
    super(
      lines.length === 1
        ? lines.join('')
        : [`The configuration has ${lines.length} faults:`, ...lines].join('\n  '),
      options,
    );
    this.faults = faults;
  }
}
