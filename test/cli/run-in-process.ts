import { join } from 'node:path';
import { type Command, runCommand } from '../../src/cli/command.ts';
import { fixtureSchemaFile } from '../support/fixture-api.ts';
import type { ScriptOutcome } from './run-script.ts';

/** Runs a command as its script does, but in this process: starting one takes half a second. */
export async function runInProcess(
  command: Command,
  options: {
    readonly folder: string;
    readonly variables?: Readonly<Record<string, string>>;
    readonly arguments?: readonly string[];
  },
): Promise<ScriptOutcome> {
  let stdout = '';
  let stderr = '';
  const code = await runCommand(command, {
    arguments: options.arguments ?? [],
    environment: options.variables ?? {},
    environmentFile: join(options.folder, '.env'),
    print: (text) => {
      stdout += text;
    },
    warn: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

/** Adds the schema of the fixture where a test names none. */
export function withSchema(words: readonly string[]): readonly string[] {
  return words.includes('--schema') ? words : [...words, '--schema', fixtureSchemaFile];
}
