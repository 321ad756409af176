import { fileURLToPath } from 'node:url';
import type { ApiDefinition } from '../server/api-definition.ts';
import { ConfigurationError } from '../server/configuration/configuration-error.ts';

/** Everything a command reads and writes, so that tests can replace it. */
export interface CommandIO {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The path of a file of variables; those of the environment override them. */
  readonly environmentFile: string;
  /** The path of the schema, unless an option names another. */
  readonly schemaFile: string;
  /** The names of the local issuer's test users. Imports the API, so call it only if needed. */
  readonly loadTestUsers: () => Promise<readonly string[]>;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly warn: (text: string) => void;
}

/**
 * How a command ends: 0 for success, 1 for a finding or a refusal, 2 for invalid arguments or if it
 * cannot find out.
 */
export type ExitCode = 0 | 1 | 2;

/** A command; it resolves to the exit code. */
export type Command = (io: CommandIO) => Promise<ExitCode>;

/** A command cannot do its work. The message is one line without secrets. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: ExitCode = 2;
}

/** The issuer did not issue a token. */
export class TokenRefusedError extends CommandError {
  override readonly name = 'TokenRefusedError';
  override readonly exitCode = 1;
}

/** The arguments are invalid. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}

/** The input and output of this process. */
export function processIO(words: readonly string[]): CommandIO {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', failUnlessClosed);
  return {
    arguments: words,
    environment: process.env,
    environmentFile: '.env',
    schemaFile: fileURLToPath(new URL('../../schema.graphql', import.meta.url)),
    loadTestUsers: async () => {
      const api: Pick<ApiDefinition, 'testUsers'> = await import('../api/index.ts');
      return (api.testUsers ?? []).map(({ name }) => name);
    },
    print: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
  };
}

/** Output that cannot be written is a failure, unless the reader closed the pipe (`| head`). */
function failUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.once('exit', () => {
    process.exitCode = 2;
  });
}

/**
 * Runs a command and returns the exit code. Prints expected errors as one line on standard error, and
 * unexpected ones with their stack.
 */
export async function runCommand(command: Command, io: CommandIO): Promise<ExitCode> {
  try {
    return await command(io);
  } catch (error) {
    if (error instanceof CommandError || error instanceof ConfigurationError) {
      io.warn(`${error.message}\n`);
      return error instanceof CommandError ? error.exitCode : 2;
    }
    io.warn(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }
}
