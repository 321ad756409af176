import { Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type Block, blocksOf, plain, readDocument, tableRows } from '../documentation/markdown.ts';
import { policies as forTables } from '../support/migrating-policies.ts';
import { namesakes } from '../support/namesakes.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

/* Runs the examples of docs/migrating.md, and guards every rule that it shows. */

const page = readDocument('docs/migrating.md');
const blocks = blocksOf(page);
const libraries = [
  'The graphql-tools recipe',
  'graphql-shield',
  'mercurius-auth',
  'Pothos scope-auth',
  '@envelop/generic-auth',
  "Apollo's directives",
];

describe('what is stricter', () => {
  const examples = blocks.flatMap((block, index) => {
    const next = blocks[index + 1];
    return block.language === 'graphql' ? [{ ...block, response: next?.text ?? '' }] : [];
  });

  test('has an example of each difference', () => {
    const [, section = ''] = page.split('## What is stricter here');
    const headings = [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);

    expect(headings.length).toBe(6);
    expect(examples.map(({ heading }) => heading)).toEqual(headings);
  });

  test.each(examples)('$heading', async ({ text, response }) => {
    const { definitions } = parse(text);
    const sourceOf = (isOperation: boolean): string =>
      definitions
        .filter(({ kind }) => (kind === Kind.OPERATION_DEFINITION) === isOperation)
        .map(({ loc }) => text.slice(loc?.start, loc?.end))
        .join('\n');
    const schema = sourceOf(false);
    const api = new RulesApi(schema, { resolvers: namesakes(schema, {}) });

    const received = await api.post({ query: sourceOf(true) }, viewerIn(text));
    const body: object = await received.json();

    expect({ status: received.status, ...withoutWords(body), ran: api.ran }).toEqual(
      JSON.parse(response),
    );
  });
});

describe('before and after', () => {
  const diffs = blocks.filter(({ language }) => language === 'diff');

  test('has a table and a change for each library', () => {
    expect(diffs.map(({ heading }) => heading)).toEqual(libraries);
  });

  test.each(diffs.filter(isChangeOfSdl))('$heading: the result can be guarded', (block) => {
    const sdl = afterOf(block);
    const query = sdl.includes('type Query') ? '' : 'type Query { status: String }';

    expect(() => new RulesApi(`${sdl}\n${query}`, { policies: forTables })).not.toThrow();
  });

  test('the result for Pothos is a line of the schema that is tested', () => {
    const [pothos] = diffs.filter((block) => !isChangeOfSdl(block));

    expect(readDocument('docs/code-first.md')).toContain(pothos && afterOf(pothos));
  });
});

describe('the rules in the tables', () => {
  const rules = tableRows(page)
    .map(([, here = '']) => here)
    .flatMap((here) => [...here.matchAll(/`(@auth\([^`]*)`/g)].map(([, rule = '']) => rule));

  test('are there', () => {
    expect(rules.length).toBeGreaterThan(8);
    expect(tableRows(page).every((row) => row.length === 2 && row.every(plain))).toBe(true);
  });

  test.each(rules)('%s can be enforced', (rule) => {
    const types = `type Query { field: String ${rule} }`;

    expect(() => new RulesApi(types, { policies: forTables })).not.toThrow();
  });
});

test('the policies are code that is checked', () => {
  const source = readDocument('test/support/migrating-policies.ts').replace(
    /'\.\.\/\.\.\/src\/.*'/,
    `'graphql-resource-server'`,
  );

  expect(blocks.filter(({ language }) => language === 'ts').map(({ text }) => text)).toEqual([
    source,
  ]);
});

test('the page is short', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
});

function isChangeOfSdl({ heading }: Block): boolean {
  return heading !== 'Pothos scope-auth';
}

/** The text of a diff after the change. */
function afterOf({ text }: Block): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('-'))
    .map((line) => line.slice(1))
    .join('\n');
}

/** The viewer that the comment of an example names. */
function viewerIn(text: string): typeof anonymousViewer {
  const [, scopes] = /# scopes: (.+)$/m.exec(text) ?? [];
  if (scopes !== undefined) return createViewer(scopes);
  if (!text.includes('# no token')) throw new Error('The example names no viewer.');
  return anonymousViewer;
}

/** A response without the messages and locations of its errors. */
function withoutWords(body: object): object {
  if (!('errors' in body) || !Array.isArray(body.errors)) return body;
  const errors = body.errors.map(({ message: _message, locations: _locations, ...rest }) => rest);
  return { ...body, errors };
}
