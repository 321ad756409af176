import { join } from 'node:path';
import { type Command, runCommand } from '../../src/cli/command.ts';
import { testUsers } from '../fixture/index.ts';
import { fixtureSchemaFile } from '../support/fixture-api.ts';
import type { ScriptOutcome } from './run-script.ts';

/**
 * Runs a command as its script does, but in this process, since starting one takes half a second;
 * and for the API of the fixture.
 */
export async function runInProcess(
  command: Command,
  options: {
    readonly folder: string;
    readonly variables?: Readonly<Record<string, string>>;
    readonly arguments?: readonly string[];
    /** Default: the schema of the fixture. */
    readonly schemaFile?: string;
  },
): Promise<ScriptOutcome> {
  let stdout = '';
  let stderr = '';
  const code = await runCommand(command, {
    arguments: options.arguments ?? [],
    environment: options.variables ?? {},
    environmentFile: join(options.folder, '.env'),
    schemaFile: options.schemaFile ?? fixtureSchemaFile,
    loadTestUsers: async () => testUsers.map(({ name }) => name),
    print: (text) => {
      stdout += text;
    },
    warn: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}
