import { ConfigurationError } from '../server/configuration/configuration-error.ts';
import { CommandError, type ExitCode } from './command-error.ts';

/** All that a command knows of the world, so that tests can stand in for it. */
export interface CommandEdge {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The path of the file whose variables lie beneath the environment. */
  readonly environmentFile: string;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly warn: (text: string) => void;
}

/** What a command does; it resolves to the exit code. */
export type Command = (edge: CommandEdge) => Promise<ExitCode>;

/** The edge of this process. */
export function processEdge(): CommandEdge {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', failUnlessClosed);
  return {
    arguments: process.argv.slice(2),
    environment: process.env,
    environmentFile: '.env',
    print: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
  };
}

/** Output that cannot be written was not printed. A reader that has gone (`| head`) had enough. */
function failUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.once('exit', () => {
    process.exitCode = 2;
  });
}

/**
 * Runs a command and returns the exit code. What went wrong is one line on standard error; of an
 * error in the command itself it is the whole stack.
 */
export async function runCommand(command: Command, edge: CommandEdge): Promise<ExitCode> {
  try {
    return await command(edge);
  } catch (error) {
    if (error instanceof CommandError || error instanceof ConfigurationError) {
      edge.warn(`${error.message}\n`);
      return error instanceof CommandError ? error.exitCode : 2;
    }
    edge.warn(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }
}
