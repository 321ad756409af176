import type { DocumentNode, GraphQLSchema } from 'graphql';
import { MissingPackageError } from '../shared/load-package.ts';
import type { DocumentValidation } from '../trusted-documents/validate-document.ts';
import type { DiagnosedSettings } from './doctor/diagnosed-api.ts';
import type { CommandSettings } from './token-source.ts';

/** What the commands of this repository have, and those of the package do not. */
export interface LocalIssuer {
  /** The names of its test users. Imports the API, so call it only if needed. */
  readonly loadTestUsers: () => Promise<readonly string[]>;
  /** The same users, with the scopes that they have for a schema with these scopes. */
  readonly loadUserScopes: (
    schemaScopes: readonly string[],
  ) => Promise<readonly { readonly name: string; readonly scopes: readonly string[] }[]>;
  /** In seconds. */
  readonly maxTokenLifetime: number;
}

/** Everything a command reads and writes, so that tests can replace it. */
export interface CommandIO {
  readonly arguments: readonly string[];
  /** How users start a command, for help and hints: `npm run --silent token -- --as guest`. */
  readonly formatCommand: (name: string, options?: string) => string;
  /** The path of the schema, unless an option names another. */
  readonly schemaFile: string;
  /** The SDL that modules of this API add to that schema. Default: none. */
  readonly loadModuleTypeDefs?: () => Promise<readonly string[]>;
  /** Builds a schema from SDL, as the server does. */
  readonly buildSchema: (document: DocumentNode) => GraphQLSchema;
  /** The limits that trusted documents must be within. Default: none are known. */
  readonly loadDocumentValidation?: () => Promise<DocumentValidation>;
  /** @throws CommandError with every invalid setting. */
  readonly loadSettings: () => Promise<CommandSettings>;
  /** The settings as far as `doctor` checks them. Does not throw for invalid ones. */
  readonly loadDiagnosedSettings: () => Promise<DiagnosedSettings>;
  readonly localIssuer: LocalIssuer | undefined;
  /**
   * Reads standard input. Undefined if there is none: a terminal, or a pipe that stays empty for 10
   * seconds.
   *
   * @param isExpected Reads a terminal too, and waits.
   */
  readonly readInput: (isExpected: boolean) => Promise<string | undefined>;
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

/**
 * Runs a command and returns the exit code. Prints expected errors as one line on standard error, and
 * unexpected ones with their stack.
 */
export async function runCommand(command: Command, io: CommandIO): Promise<ExitCode> {
  try {
    return await command(io);
  } catch (error) {
    if (error instanceof CommandError) {
      io.warn(`${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof MissingPackageError) {
      io.warn(`${error.message}\n`);
      return 2;
    }
    io.warn(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }
}
