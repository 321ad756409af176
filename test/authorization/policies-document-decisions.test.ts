import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { createPolicies } from '../support/policies-document-batches.ts';
import { policies } from '../support/policies-document-denials.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* Runs the examples of docs/policies.md about denials and batches. */

const page = blocksOf(readDocument('docs/policies.md'));
const textsOf = (title: string): string[] =>
  page.filter(({ heading }) => heading === title).map(({ text }) => text);

const sourceOf = (name: string): string =>
  readFileSync(new URL(`../support/${name}`, import.meta.url), 'utf8').replace(
    /'\.\.\/\.\.\/src\/.*'/,
    `'graphql-resource-server'`,
  );

describe('denials with a reason', () => {
  const [code, schema, operation, result] = textsOf('Denials with a reason');

  test('the policies are code that is checked', () => {
    expect(code).toBe(sourceOf('policies-document-denials.ts'));
  });

  test('the response', async () => {
    const api = new RulesApi(schema ?? '', { policies });
    const response = await api.post({ query: operation }, createViewer('read:messages'));
    const challenge = response.headers.get('www-authenticate');
    expect({ status: response.status, challenge, body: await response.json() }).toMatchObject(
      JSON.parse(result ?? ''),
    );
  });
});

describe('batched policies', () => {
  test('the policy is code that is checked', () => {
    expect(textsOf('Batched policies')).toEqual([sourceOf('policies-document-batches.ts')]);
  });

  test('asks about each document once', async () => {
    const asked: (readonly unknown[])[] = [];
    const api = new RulesApi(
      `type Query { documents: [Document] }
       type Document { title: String @auth(policy: "canRead") text: String @auth(policy: "canRead") }`,
      {
        data: { documents: [1, 2, 1].map((id) => ({ id, title: `${id}`, text: `${id}` })) },
        policies: createPolicies(async (_viewerId, ids) => {
          asked.push(ids);
          return new Set([1]);
        }),
      },
    );
    const { data } = await api.execute('{ documents { title text } }', { viewer: createViewer() });
    expect(asked).toEqual([[1, 2]]);
    expect(data).toEqual({
      documents: [
        { title: '1', text: '1' },
        { title: null, text: null },
        { title: '1', text: '1' },
      ],
    });
  });
});
