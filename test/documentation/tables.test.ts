import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { settings } from '../../src/server/configuration/settings.ts';
import { plain, readDocument, sectionOf, tableRows } from './markdown.ts';

const readme = readDocument('README.md');

test('the table of settings is what the settings are', () => {
  const documented = tableRows(sectionOf(readme, 'Settings')).map((row) => row.map(plain));

  expect(documented).toEqual(
    Object.entries(settings).map(([name, setting]) => [name, setting.description, setting.default]),
  );
});

describe('the tables of dependencies are those of package.json', () => {
  const [, forDevelopment = ''] = sectionOf(readme, 'Dependencies').split('For development only:');
  const all = tableRows(sectionOf(readme, 'Dependencies'));
  const development = tableRows(forDevelopment);
  const cases: readonly [
    string,
    readonly (readonly string[])[],
    Readonly<Record<string, string>>,
  ][] = [
    ['dependencies', all.slice(0, all.length - development.length), packageJson.dependencies],
    ['devDependencies', development, packageJson.devDependencies],
  ];

  test.each(cases)('%s', (_name, rows, dependencies) => {
    expect(rows.map(([name]) => plain(name))).toEqual(Object.keys(dependencies).sort());
    expect(rows.map(([, reason]) => reason)).toEqual(
      rows.map(() => expect.stringMatching(/\w.*\.$/)),
    );
  });
});

test('the table of fields is the schema', () => {
  const schema = readDocument('schema.graphql');
  const [, fields = ''] = /type Query \{\n([\s\S]*?)\n\}/.exec(schema) ?? [];
  const written = [...fields.matchAll(/^ {2}(\w+): \w+ ?(.*)$/gm)];

  const documented = tableRows(sectionOf(readme, 'Run it')).map((row) => row.map(plain));

  expect(documented.map(([field, rule]) => [field, rule])).toEqual(
    written.map(([, field, rule]) => [field, rule || 'none']),
  );
});

test('the table of commands has scripts that are there, and all of them', () => {
  const documented = tableRows(sectionOf(readme, 'Commands')).flatMap((row) =>
    [...row.join(' ').matchAll(/`npm (?:run )?([\w:]+)`/g)].map(([, script]) => script),
  );

  expect(documented.sort()).toEqual(
    Object.keys(packageJson.scripts)
      .filter((script) => !script.startsWith('pre'))
      .sort(),
  );
});
