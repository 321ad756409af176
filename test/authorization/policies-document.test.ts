import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { policies } from '../support/policies-document-forms.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* Runs the examples of docs/policies.md. */

const blocks = blocksOf(readDocument('docs/policies.md')).filter(
  ({ heading }) => heading === 'What a refusal looks like',
);
const [code, schema, operation, result, rejected, problem] = blocks.map(({ text }) => text);

test('what a refusal looks like: the policy is code that is checked', () => {
  const source = readFileSync(
    new URL('../support/policies-document-forms.ts', import.meta.url),
    'utf8',
  );
  expect(code).toBe(source.replace(/'\.\.\/\.\.\/src\/.*'/, `'graphql-resource-server'`));
});

test('what a refusal looks like: the response', async () => {
  const viewer = createViewer();
  const letters = [
    { id: '1', author: 'someone else', text: 'letter 1' },
    { id: '2', author: viewer.id, text: 'letter 2' },
  ];
  const api = new RulesApi(schema ?? '', {
    policies,
    resolvers: {
      Query: {
        letters: () => letters,
        letter: (_source, { id }) => letters.find((letter) => letter.id === id) ?? null,
      },
    },
  });
  const response = await api.post({ query: operation }, viewer);
  expect({ status: response.status, body: await response.json() }).toEqual(
    JSON.parse(result ?? ''),
  );
});

test('what a refusal looks like: a form that could not hold', () => {
  expect(() => new RulesApi(rejected ?? '', { policies })).toThrow((problem ?? '').trim());
});
