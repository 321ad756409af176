import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { browserClient } from '../../src/local-issuer/clients-and-users.ts';
import { localAudience } from '../../src/server/configuration/configuration-issuer.ts';
import { plain, tableRows } from '../documentation/markdown.ts';
import { apps } from './build-app.ts';

const examples = new URL('../../examples/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, examples), 'utf8');

/** Where the two clients differ; all else is one app, written twice so that each can be copied. */
const different = ['App.tsx', 'client.ts', 'useAnswer.ts'];

test('both apps are the same but for their clients', () => {
  const [first, ...others] = apps.map((app) =>
    Object.fromEntries(
      readdirSync(new URL(`${app}/src`, examples)).map((name) => [
        name,
        different.includes(name) ? '' : read(`${app}/src/${name}`),
      ]),
    ),
  );

  for (const other of others) expect(other).toEqual(first);
});

describe.each(apps)('%s', (app) => {
  test('names exact versions, and its lock file no host', () => {
    const { dependencies, devDependencies } = JSON.parse(read(`${app}/package.json`));
    const versions = Object.values({ ...dependencies, ...devDependencies });

    expect(versions).toEqual(versions.map(() => expect.stringMatching(/^\d+\.\d+\.\d+$/)));
    expect(read(`${app}/package-lock.json`)).not.toContain('"resolved"');
  });

  test('has a table of settings that says what the settings are', () => {
    const settings = read(`${app}/src/settings.ts`);
    const written = [...settings.matchAll(/import\.meta\.env\.(\w+) \?\? '([^']+)'/g)];

    const documented = tableRows(read(`${app}/README.md`)).map((row) => row.map(plain));

    expect(documented.map(([name, , value]) => [name, value])).toEqual(
      written.map(([, name, value]) => [name, value]),
    );
    expect(settings).toContain(`'${localAudience}'`);
    expect(settings).toContain(`'${browserClient.clientId}'`);
  });

  test('names files and links that are there', () => {
    const readme = read(`${app}/README.md`);
    const files = [...readme.matchAll(/`(src\/[\w./]+)`|\]\((?!https?:)([^)#]+)/g)];

    const paths = files.map(([, file, link]) => file ?? link ?? '');

    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(new URL(`${app}/${path}`, examples)))).toEqual([]);
  });

  test('never writes to the console, and keeps nothing in localStorage', () => {
    for (const name of readdirSync(new URL(`${app}/src`, examples))) {
      const code = read(`${app}/src/${name}`).replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
      expect(code).not.toMatch(/console\.|localStorage/);
    }
  });
});
