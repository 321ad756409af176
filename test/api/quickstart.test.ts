import { readFileSync } from 'node:fs';
import { execute, parse, subscribe } from 'graphql';
import { expect, it } from 'vitest';
import * as definition from '../../src/api/index.ts';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { buildFixtureApi, fixtureTypeDefs } from '../support/fixture-api.ts';

// Other tests and the docs use the quickstart in test/fixture. Delete this file when you replace
// schema.graphql and src/api.

const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
// Without its modules, which the fixture does not have.
const own = buildApi({ typeDefs: read('schema.graphql'), ...definition, modules: [] });
const fixture = buildFixtureApi();

it('has the schema, sample operations and test users of the fixture', () => {
  expect(read('schema.graphql')).toBe(fixtureTypeDefs);
  const rules: readonly unknown[] = JSON.parse(read('test/fixture/access.json'));
  expect(JSON.parse(read('access.json'))).toEqual(expect.arrayContaining([...rules]));
  expect(own.sampleOperations).toEqual(fixture.sampleOperations);
  expect(own.testUsers).toEqual(fixture.testUsers);
});

const viewers: readonly (readonly [string, Viewer])[] = [
  ['anonymous', anonymous],
  ...fixture.testUsers.map(({ name, scopes }) => [name, viewerWith({ scopes })] as const),
];
it.each(viewers)('returns to %s what the fixture returns', async (_name, viewer) => {
  const queries = own.sampleOperations.map((text) => parse(text)).slice(0, -1);
  expect(queries).toHaveLength(5);
  for (const document of queries) {
    const [result, expected] = await Promise.all(
      [own, fixture].map(({ schema }) => execute({ schema, document, contextValue: { viewer } })),
    );
    expect(result).toEqual(expected);
  }
});

it('ticks', async () => {
  const viewer = viewerWith();
  const events = await subscribe({
    schema: own.schema,
    document: parse('subscription { clock { time tokenEndsIn } }'),
    contextValue: { viewer },
  });
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  const event = await events.next();
  await events.return();

  expect(event.value).toEqual({
    data: { clock: { time: expect.stringMatching(/^20.*Z$/), tokenEndsIn: expect.any(Number) } },
  });
});
