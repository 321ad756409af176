// The commands of `npm run token`, `query`, `access`, `explain` and `doctor`, for the API of this repository.
import { fileURLToPath } from 'node:url';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { maxTokenLifetime } from '../local-issuer/clients-and-users.ts';
import type { ApiDefinition } from '../server/api-definition.ts';
import { runProcess } from './commands.ts';

type Definition = Pick<ApiDefinition, 'modules' | 'testUsers'>;
const loadDefinition = async (): Promise<Definition> => import('../api/index.ts');

await runProcess(process.argv.slice(2), {
  formatCommand: (name, options) =>
    `npm run --silent ${name}${options === undefined ? '' : ` -- ${options}`}`,
  schemaFile: fileURLToPath(new URL('../../schema.graphql', import.meta.url)),
  loadModuleTypeDefs: async () =>
    ((await loadDefinition()).modules ?? []).map(({ typeDefs }) => typeDefs),
  buildSchema: (document) => makeExecutableSchema({ typeDefs: document }),
  loadDocumentValidation: async () => {
    const { readDocumentValidation } = await import('./command-settings.ts');
    return readDocumentValidation({ environment: process.env, environmentFile: '.env' });
  },
  loadSettings: async () => {
    const { readSettings } = await import('./command-settings.ts');
    return readSettings({ environment: process.env, environmentFile: '.env' });
  },
  loadDiagnosedSettings: async () => {
    const { readDiagnosedSettings } = await import('./command-settings.ts');
    const { combineMigrations } = await import('../server/api-modules.ts');
    return readDiagnosedSettings(
      { environment: process.env, environmentFile: '.env' },
      combineMigrations((await loadDefinition()).modules ?? []),
    );
  },
  localIssuer: {
    loadTestUsers: async () => ((await loadDefinition()).testUsers ?? []).map(({ name }) => name),
    loadUserScopes: async (schemaScopes) => {
      const { resolveTestUsers } = await import('../server/test-users.ts');
      return resolveTestUsers((await loadDefinition()).testUsers ?? [], schemaScopes);
    },
    maxTokenLifetime,
  },
});
