/** A command cannot do what was asked. The message is one line and holds no secret. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: 1 | 2 = 1;
}

/** The command was called wrongly. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}
