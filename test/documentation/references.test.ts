import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readClientCredentials } from '../../src/server/configuration/client-credentials.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { settings } from '../../src/server/configuration/settings.ts';
import { parseEnvironment } from '../../src/shared/environment-file.ts';
import { blocksOf, proseOf, readDocument, root } from './markdown.ts';

/** Files that are made by a command, or by the reader. */
const made = new Set([
  '.env',
  '.local-issuer.json',
  'codegen.json',
  'dist',
  'trusted-documents.json',
  'server.ts',
  'resolvers.ts',
  'src/context.ts',
  'src/resolver-types.ts',
]);

/** Users replace or delete what belongs to the schema of this API. */
const isOfOwnApi = (path: string): boolean => /^(?:src|test)\/api(?:\/|$)/.test(path);

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(new URL('docs', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(new URL('docs/adapters', root)).map((name) => `docs/adapters/${name}`),
];

test('the README leads to every page', () => {
  const readme = readDocument('README.md');

  // docs/adapters/README.md leads to the others in its folder.
  const isListed = (name: string): boolean =>
    name === 'README.md' ||
    /^docs\/adapters\/(?!README)/.test(name) ||
    readme.includes(`](${name}`);

  expect(documents.filter((name) => !isListed(name))).toEqual([]);
});

describe.each(documents)('%s', (name) => {
  const document = readDocument(name);
  const code = [...proseOf(document).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

  test('names files that are there', () => {
    const paths = code.filter(
      (text) =>
        /^[\w./-]+$/.test(text) && (/^(?:src|test|bench|docs)(?:\/|$)/.test(text) || isFile(text)),
    );

    expect(
      paths.filter(
        (path) => !made.has(path) && !isOfOwnApi(path) && !existsSync(new URL(path, root)),
      ),
    ).toEqual([]);
  });

  test('names npm scripts that are there', () => {
    const scripts = [...document.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(
      ([, script = '']) => script,
    );

    expect(scripts.filter((script) => !Object.hasOwn(packageJson.scripts, script))).toEqual([]);
  });

  test('names settings that are there', () => {
    const variables = code
      .flatMap(
        (text) =>
          /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PORT|HOST|GRAPHIQL|INTROSPECTION)(?:=|$)/.exec(
            text,
          )?.[1] ?? [],
      )
      .filter((text) => !codes.has(text));

    expect(variables.filter((variable) => !Object.hasOwn(settings, variable))).toEqual([]);
  });

  test('links to what is there', () => {
    const links = [...document.matchAll(/\]\(([^)#]*)(?:#([\w-]+))?\)/g)].flatMap(
      ([, to = '', anchor]) => (/^https?:/.test(to) ? [] : [{ to, anchor }]),
    );
    const base = new URL(name, root);
    // Many links lead to the same page.
    const anchors = new Map<string, ReadonlySet<string>>();
    const broken = links.filter(({ to, anchor }) => {
      const target = to === '' ? base : new URL(to, base);
      if (!existsSync(target)) return true;
      if (anchor === undefined) return false;
      const known = anchors.get(target.pathname) ?? anchorsOf(readFileSync(target, 'utf8'));
      anchors.set(target.pathname, known);
      return !known.has(anchor);
    });

    expect(broken).toEqual([]);
  });

  test('has files of settings that the API takes', () => {
    const files = blocksOf(document)
      .filter(({ language }) => language === 'ini')
      .map(({ text }) => parseEnvironment(text).variables);

    for (const file of files) {
      expect(Object.keys(file).length).toBeGreaterThan(0);
      expect(() => readClientCredentials(file)).not.toThrow();
      expect(() => readConfiguration(file)).not.toThrow();
    }
  });
});

test('the file of examples has every setting', () => {
  const example = readDocument('.env.example');

  const missing = Object.keys(settings).filter((name) => !example.includes(`\n#${name}=`));

  expect(missing).toEqual([]);
});

/** The anchors that GitHub gives to the headings of a document. A repeated one gets a number. */
function anchorsOf(document: string): ReadonlySet<string> {
  const anchors: string[] = [];
  for (const [, heading = ''] of proseOf(document).matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
    const count = anchors.filter((one) => one.replace(/-\d+$/, '') === anchor).length;
    anchors.push(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return new Set(anchors);
}

/** What looks like a setting and is a code of an answer. */
const codes = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'SERVICE_UNAVAILABLE',
  'GRAPHQL_PARSE_FAILED',
  'OPERATION_LIMIT_EXCEEDED',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_IN_LIST',
  'PERSISTED_QUERY_ID_REQUIRED',
  'RATE_LIMITED',
  'TOO_MANY_STREAMS',
]);

function isFile(text: string): boolean {
  return /^\.?[\w-]+\.(?:md|ts|json|graphql|example)$/.test(text) || text === '.env';
}
