import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as definition from '../../src/api/index.ts';
import { accessCommand } from '../../src/cli/access-command.ts';
import type { ApiDefinition } from '../../src/server/api-definition.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { sampleTabs } from '../../src/server/sample-tabs.ts';
import { runInProcess } from '../cli/run-in-process.ts';

const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

// True for any API: keep this file when you replace schema.graphql and src/api.
describe('this API', () => {
  const { schema, sampleOperations, testUsers } = buildApi({
    typeDefs: read('schema.graphql'),
    ...definition,
  });

  it('has sample operations that fit its schema', () => {
    const tabs = sampleTabs(schema, sampleOperations, testUsers);

    expect(sampleOperations.filter((text) => !tabs.some((tab) => tab.endsWith(text)))).toEqual([]);
  });

  it('is as accessible as access.json says', async () => {
    const { modules = [] }: Pick<ApiDefinition, 'modules'> = definition;
    const { stdout } = await runInProcess(accessCommand, {
      folder: '.',
      schemaFile: fileURLToPath(new URL('../../schema.graphql', import.meta.url)),
      moduleTypeDefs: modules.map(({ typeDefs }) => typeDefs),
      arguments: ['--json'],
    });

    expect(stdout).toBe(read('access.json'));
  });
});
