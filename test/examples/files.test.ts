import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { browserClient } from '../../src/local-issuer/clients-and-users.ts';
import { localAudience } from '../../src/server/configuration/issuer-configuration.ts';
import { plain, tableRows } from '../documentation/markdown.ts';
import { apps } from './serve-app.ts';

const examples = new URL('../../examples/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, examples), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, examples), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.'))
    .map((name) => `${folder}/${name}`);

const sharedFiles = filesIn('shared');
const sharedPackages = new Set(sharedFiles.flatMap((file) => importsOf(file).packages));

test('the table of settings matches the settings', () => {
  const settings = read('shared/settings.ts');
  const defaults = [...settings.matchAll(/import\.meta\.env\.(\w+) \?\? '([^']+)'/g)];

  const documented = tableRows(read('shared/README.md')).map((row) => row.map(plain));

  expect(documented.map(([name, , value]) => [name, value])).toEqual(
    defaults.map(([, name, value]) => [name, value]),
  );
  expect(settings).toContain(`'${localAudience}'`);
  expect(settings).toContain(`'${browserClient.clientId}'`);
});

test.each(['shared', ...apps])('the README of %s names existing files', (folder) => {
  const readme = read(`${folder}/README.md`);
  const names = [...readme.matchAll(/`([\w./]+\.tsx?)`|\]\((?!https?:)([^)#]+)/g)];

  const paths = names.map(([, file, link]) => file ?? link ?? '');

  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(new URL(`${folder}/${path}`, examples)))).toEqual([]);
});

describe.each(apps)('%s', (app) => {
  const files = [...sharedFiles, ...filesIn(`${app}/src`)];
  const { dependencies, devDependencies } = JSON.parse(read(`${app}/package.json`));

  test('depends on exact versions, and its lock file names no host', () => {
    const versions = Object.values({ ...dependencies, ...devDependencies });

    expect(versions).toEqual(versions.map(() => expect.stringMatching(/^\d+\.\d+\.\d+$/)));
    expect(read(`${app}/package-lock.json`)).not.toContain('"resolved"');
  });

  test('can be copied with the shared folder: it imports nothing from elsewhere', () => {
    const imports = files.map(importsOf);

    for (const path of imports.flatMap(({ paths }) => paths)) {
      expect(path).toMatch(new RegExp(`^/(shared|${app}/src)/`));
    }
    for (const name of imports.flatMap(({ packages }) => packages)) {
      expect(dependencies).toHaveProperty([name]);
    }
  });

  test('resolves the packages of the shared folder from its own node_modules', () => {
    const [, list] = /dedupe: \[([^\]]*)\]/.exec(read(`${app}/vite.config.ts`)) ?? [];

    const deduped = [...(list ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name);

    expect(new Set(deduped)).toEqual(sharedPackages);
  });

  test('never writes to the console, and stores nothing in localStorage', () => {
    for (const file of files) {
      const code = read(file).replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
      expect(code).not.toMatch(/console\.|localStorage/);
    }
  });
});

/** The packages that a file imports, and the paths from the folder of the examples. */
function importsOf(file: string): { packages: string[]; paths: string[] } {
  const specifiers = /\.tsx?$/.test(file)
    ? [...read(file).matchAll(/^(?:(?:import|\}) .*from|import) '([^']+)';$/gm)].map(
        ([, name = '']) => name,
      )
    : [];
  return {
    packages: specifiers
      .filter((name) => !name.startsWith('.'))
      .map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? ''),
    paths: specifiers
      .filter((name) => name.startsWith('.'))
      .map((name) => new URL(name, `file:///${file}`).pathname),
  };
}
