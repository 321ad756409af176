import { ConfigurationError } from '../app/configuration/configuration-error.ts';
import { CommandError } from './command-error.ts';

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

/** What a command does; it answers with the exit code. */
export type Command = (edge: CommandEdge) => Promise<number>;

/** The edge of this process. */
export function processEdge(): CommandEdge {
  return {
    arguments: process.argv.slice(2),
    environment: process.env,
    environmentFile: '.env',
    print: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
  };
}

/**
 * Runs a command and returns the exit code. What went wrong is one line on standard error; a fault
 * of our own is thrown on, to keep its stack.
 */
export async function runCommand(command: Command, edge: CommandEdge): Promise<number> {
  try {
    return await command(edge);
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof ConfigurationError)) throw error;
    edge.warn(`${error.message}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}
