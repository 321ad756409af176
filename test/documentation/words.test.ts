import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from './markdown.ts';

/** Words that need a second reading, and what to write instead. */
const alternatives: Readonly<Record<string, RegExp>> = {
  fix: /\bmend(?:s|ed|ing)?\b/i,
  'called with': /\btold of\b/i,
  'is allowed': /\b(?:may|can|cannot|to) (?:not )?be had\b/i,
  'no one': /\bnobody\b/i,
  someone: /\bsomebody\b/i,
  'the client': /\bwhoever\b/i,
  again: /\banew\b/i,
  recently: /\blately\b/i,
  release: /\blet(?:s|ting)? go of\b/i,
  exactly: /\bspelt\b/i,
  'our own': /\bof ours\b/i,
};

const files = [
  ...['.env.example', 'CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md'],
  'schema.graphql',
  ...['docs', 'examples', 'src'].flatMap(filesBelow),
];

test.each(Object.entries(alternatives))('write "%s" instead', (_alternative, words) => {
  const found = files.flatMap((name) =>
    readFileSync(new URL(name, root), 'utf8')
      .split('\n')
      .flatMap((line, index) => (words.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
  );

  expect(found).toEqual([]);
});

/** The text files of a folder, without what is installed or built there. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(new URL(folder, root)).flatMap((entry) => {
    const name = `${folder}/${entry}`;
    if (['node_modules', 'dist', 'package-lock.json'].includes(entry)) return [];
    if (statSync(new URL(name, root)).isDirectory()) return filesBelow(name);
    return /\.(?:css|graphql|html|js|json|md|ts|tsx)$/.test(entry) ? [name] : [];
  });
}
