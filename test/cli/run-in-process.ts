import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Command, runCommand } from '../../src/cli/command.ts';
import {
  readDiagnosedSettings,
  readDocumentValidation,
  readSettings,
} from '../../src/cli/command-settings.ts';
import { maxTokenLifetime } from '../../src/local-issuer/clients-and-users.ts';
import { resolveTestUsers } from '../../src/server/test-users.ts';
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
    /** What modules add to it. Default: nothing. */
    readonly moduleTypeDefs?: readonly string[];
    /** Standard input. Default: a terminal. */
    readonly input?: string;
  },
): Promise<ScriptOutcome> {
  let stdout = '';
  let stderr = '';
  const source = {
    environment: options.variables ?? {},
    environmentFile: join(options.folder, '.env'),
  };
  const code = await runCommand(command, {
    arguments: options.arguments ?? [],
    formatCommand: (name, words) => `npm run --silent ${name}${words ? ` -- ${words}` : ''}`,
    schemaFile: options.schemaFile ?? fixtureSchemaFile,
    loadModuleTypeDefs: async () => options.moduleTypeDefs ?? [],
    buildSchema: (document) => makeExecutableSchema({ typeDefs: document }),
    loadDocumentValidation: async () => readDocumentValidation(source),
    loadSettings: async () => readSettings(source),
    loadDiagnosedSettings: async () => readDiagnosedSettings(source, {}),
    readInput: async () => options.input,
    localIssuer: {
      loadTestUsers: async () => testUsers.map(({ name }) => name),
      loadUserScopes: async (schemaScopes) => resolveTestUsers(testUsers, schemaScopes),
      maxTokenLifetime,
    },
    print: (text) => {
      stdout += text;
    },
    warn: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}
