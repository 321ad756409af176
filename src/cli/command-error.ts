/**
 * How a command ends: 0 when all is well, 1 for a finding or a refusal, 2 when it was called wrongly
 * or could not find out.
 */
export type ExitCode = 0 | 1 | 2;

/** A command cannot do what was asked. The message is one line and holds no secret. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: ExitCode = 2;
}

/** The issuer refuses to give the token. */
export class TokenRefusedError extends CommandError {
  override readonly name = 'TokenRefusedError';
  override readonly exitCode = 1;
}

/** The command was called wrongly. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}
