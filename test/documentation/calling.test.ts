import { describe, expect, test } from 'vitest';
import { callExamples, callingDocument } from './calling-examples.ts';
import { blocksOf, proseOf, readDocument, sectionOf } from './markdown.ts';

// The examples themselves run in test/services/calling.service.ts.
describe('docs/calling.md', () => {
  test('has one section for each language of its table', () => {
    const headings = [...proseOf(callingDocument).matchAll(/^## (.+)$/gm)].map(([, name]) => name);

    expect(headings).toEqual(['What comes back', ...callExamples.map(({ name }) => name)]);
  });

  test('shows the same output in every language', () => {
    for (const { run } of callExamples) {
      expect(run.output.split('\n').sort()).toEqual([
        '200',
        '{"data":{"privateScoped":{"message":"Hello from a private field that requires the scope read:messages."}}}',
      ]);
    }
  });

  test('gets its token like docs/getting-started.md', () => {
    const [first] = blocksOf(callingDocument);

    expect(readDocument('docs/getting-started.md')).toContain(first?.text.replace('export ', '$ '));
  });

  test('is linked from the README, and its own links lead to what they promise', () => {
    const links = [...callingDocument.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);

    expect(readDocument('README.md')).toContain('](docs/calling.md)');
    expect(links).toEqual(['answers.md', 'dpop.md']);
    expect(readDocument('docs/dpop.md')).toContain('Authorization: DPoP');
    expect(sectionOf(readDocument('docs/answers.md'), 'Status and code')).toContain('FORBIDDEN');
  });
});
