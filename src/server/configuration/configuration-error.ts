/** One problem of the configuration. */
export interface ConfigurationProblem {
  /** The variable to change, or the file that it is in. */
  readonly variable: string;
  /** One line: the variable, what is wrong, what a correct value looks like. */
  readonly message: string;
}

/**
 * The configuration cannot be used. `message` lists every problem, one per line, for the person who
 * starts the server: it repeats no secret and is complete without the stack.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ message }) => message);
    super(
      lines.length === 1
        ? lines.join('')
        : [`The configuration has ${lines.length} problems:`, ...lines].join('\n  '),
      options,
    );
    this.problems = problems;
  }
}
