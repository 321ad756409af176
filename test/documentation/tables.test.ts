import { readdirSync } from 'node:fs';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import {
  renderEnvironmentExample,
  renderSettingsTable,
} from '../../scripts/docs/settings-reference.ts';
import { statusOf } from '../../src/authentication/auth-error-reasons.ts';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { buildFixtureApi, fixtureTypeDefs } from '../support/fixture-api.ts';
import { blocksOf, plain, readDocument, root, sectionOf, tableRows } from './markdown.ts';

const readme = readDocument('README.md');
const production = readDocument('docs/production.md');

test('npm run docs has written the settings', () => {
  expect(readDocument('docs/configuration.md')).toContain(`\n\n${renderSettingsTable()}\n\n`);
  expect(readDocument('.env.example')).toBe(renderEnvironmentExample());
});

describe('the tables of dependencies are those of package.json', () => {
  const [, forDevelopment = ''] = sectionOf(production, 'Dependencies').split(
    'For development only:',
  );
  const all = tableRows(sectionOf(production, 'Dependencies'));
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

describe('the table of fields', () => {
  const rows = tableRows(sectionOf(readme, 'Who sees what')).map((row) => row.map(plain));
  const { schema, testUsers } = buildFixtureApi();

  test('is the schema, and so is what stands above it', () => {
    const [, fields = ''] = /type Query \{\n([\s\S]*?)\n\}/.exec(fixtureTypeDefs) ?? [];
    const written = [...fields.matchAll(/^ {2}(\w+): \w+ ?(.*)$/gm)];
    const shown = blocksOf(readme).find(({ heading }) => heading === 'Who sees what');

    expect(rows.map(([field, rule]) => [field, rule])).toEqual(
      written.map(([, field, rule]) => [field, rule || 'none']),
    );
    expect(shown?.text).toBe(`type Query {\n${written.map(([line]) => line).join('\n')}\n}\n`);
  });

  const viewers: readonly (readonly [string, Viewer])[] = [
    ['No token', anonymous],
    ...['guest', 'manager', 'administrator'].map((name) => {
      const user = testUsers.find((one) => one.name === name);
      const viewer = viewerWith({ scopes: user?.scopes ?? [] });
      return [name, viewer] as const;
    }),
  ];

  test.each(viewers)('says what is allowed to: %s', (name, viewer) => {
    const column = 2 + viewers.findIndex(([one]) => one === name);
    const statuses = rows.map(([field = '']) => {
      const selection = field === 'viewer' ? 'subject' : 'message';
      const document = parse(`{ ${field} { ${selection} } }`);
      const [refusal] = findRefusals({ schema, document, viewer });
      return refusal === undefined ? 'yes' : String(statusOf[refusal.code]);
    });

    expect(rows.map((row) => row[column])).toEqual(statuses);
  });
});

test('the table of compatibility has the versions that are tested', () => {
  const versions: Readonly<Record<string, string>> = {
    ...packageJson.dependencies,
    ...packageJson.devDependencies,
  };
  const [[, node] = [], ...packages] = tableRows(sectionOf(readme, 'Compatibility')).map((row) =>
    row.map(plain),
  );

  expect(node?.startsWith(packageJson.engines.node.replace('>=', ''))).toBe(true);
  expect(packages.length).toBeGreaterThan(0);
  expect(packages).toEqual(packages.map(([name = '']) => [name, versions[name]]));
});

test('the table of commands has scripts that are there, and all of them', () => {
  const documented = tableRows(sectionOf(readDocument('docs/cli.md'), 'Commands')).flatMap((row) =>
    [...row.join(' ').matchAll(/`npm (?:run )?([\w:]+)`/g)].map(([, script]) => script),
  );

  expect(documented.sort()).toEqual(
    Object.keys(packageJson.scripts)
      .filter((script) => !script.startsWith('pre'))
      .sort(),
  );
});

test('the architecture says of every section of docs/directive.md where it is enforced', () => {
  const sections = [...readDocument('docs/directive.md').matchAll(/^## (.+)$/gm)];
  const rows = tableRows(
    sectionOf(readDocument('docs/architecture.md'), 'Where each rule is enforced'),
  );

  expect(rows.map(([section]) => section)).toEqual(sections.map(([, heading]) => heading));
});

test('the architecture says of every room what it must not know', () => {
  const rooms = readdirSync(new URL('src', root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map(({ name }) => `src/${name}`);
  const rows = tableRows(sectionOf(readDocument('docs/architecture.md'), 'Rooms'));

  expect(rows.map(([room]) => plain(room)).sort()).toEqual(rooms.sort());
});

test('the README is short', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(260);
});

test('the way of a request takes twelve files at most', () => {
  const rows = tableRows(sectionOf(readDocument('docs/architecture.md'), 'The way of one request'));
  const numbers = rows.flatMap(([number = '', file = '']) =>
    file.includes('](') ? [Number(number)] : [],
  );

  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(numbers.length).toBeGreaterThan(5);
  expect(numbers.length).toBeLessThanOrEqual(12);
});
