import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Command, runCommand } from '../../src/cli/command.ts';
import {
  readDiagnosedSettings,
  readDocumentValidation,
  readSettings,
} from '../../src/cli/command-settings.ts';
import { readPackageDiagnosis, readPackageSettings } from '../../src/cli/package-settings.ts';
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
    /** Who reads the settings. Default: the commands of this repository. */
    readonly settings?: 'repository' | 'package';
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
  const { environment, environmentFile } = source;
  const isPackage = options.settings === 'package';
  const code = await runCommand(command, {
    arguments: options.arguments ?? [],
    formatCommand: (name, words) => `npm run --silent ${name}${words ? ` -- ${words}` : ''}`,
    schemaFile: options.schemaFile ?? fixtureSchemaFile,
    loadModuleTypeDefs: async () => options.moduleTypeDefs ?? [],
    buildSchema: (document) => makeExecutableSchema({ typeDefs: document }),
    loadDocumentValidation: async () => readDocumentValidation(source),
    loadSettings: async () =>
      isPackage ? readPackageSettings(environment, environmentFile) : readSettings(source),
    loadDiagnosedSettings: async () =>
      isPackage
        ? readPackageDiagnosis(environment, environmentFile)
        : readDiagnosedSettings(source, {}),
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
