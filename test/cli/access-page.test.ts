import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type { AccessRule } from '../../src/authorization/review/access-rules.ts';
import { formatRule } from '../../src/authorization/review/format-rule.ts';
import { accessOf, viewersOf } from '../../src/authorization/review/viewer-access.ts';
import { accessCommand } from '../../src/cli/access-command.ts';
import { runInProcess } from './run-in-process.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-page-'));
  file = join(folder, 'schema.graphql');
  await writeFile(file, `${authDirectives}\n${sdl}`);
});
afterAll(() => rm(folder, { recursive: true }));

const sdl = `
  type Query {
    open: String
    token: String @auth
    media: Media
    listed(by: Order @auth(scope: "sort")): [Post] @auth(scope: ["a b", "c"], policy: "owner", maxAge: 60)
    odd: String @auth(scope: "</style><script>alert(1)</script>", claims: "a'b&<i>")
  }
  type Post @auth(scope: "read") { id: ID }
  union Media = Post | Video
  type Video @auth(policy: "owner") { id: ID }
  enum Order { NAME SECRET @auth(claims: "email") }
`;

const access = (...words: string[]) => runInProcess(accessCommand, { folder, arguments: words });

async function page(...words: string[]): Promise<string> {
  const { code, stderr, stdout } = await access('--html', ...words);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

interface Row {
  readonly coordinate: string;
  readonly kinds: string;
  readonly cells: readonly string[];
  readonly rule: string;
}

/** The rows of the table, with entities resolved. */
const rowsOf = (html: string): readonly Row[] =>
  [...html.matchAll(/<tr role="row" id="([^"]*)" data-kinds="([^"]*)">(.*?)<\/tr>/g)].map(
    ([, id = '', kinds = '', content = '']) => ({
      coordinate: unescaped(id),
      kinds,
      cells: [...content.matchAll(/<td role="cell" class="(\w+)"><span>\1<\/span>/g)].map(
        ([, found = '']) => found,
      ),
      rule: unescaped(/<code>(.*?)<\/code>/.exec(content)?.[1] ?? ''),
    }),
  );

const headingsOf = (html: string): readonly string[] =>
  [...html.matchAll(/<th role="columnheader" scope="col"><span>(.*?)<\/span>/g)].map(
    ([, name = '']) => unescaped(name),
  );

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

describe('npm run access -- --html', () => {
  it('has the rules of --json, with what is public first', async () => {
    const { stdout } = await access('--json', '--schema', file);
    const rules: readonly AccessRule[] = JSON.parse(stdout);
    const viewers = viewersOf(rules);
    const html = await page('--schema', file);
    const rows = rowsOf(html);

    expect([...rows].sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1))).toEqual(
      rules.map((rule) => ({
        coordinate: rule.coordinate,
        kinds: expect.any(String),
        cells: viewers.map((viewer) => accessOf(rule, viewer)),
        rule: formatRule(rule),
      })),
    );
    expect(rows.map(({ coordinate, kinds }) => `${coordinate}: ${kinds}`)).toEqual([
      'Query.open: public',
      'Query.token: signed in',
      'Order.SECRET: claims',
      'Post.id: scope',
      'Query.listed: scope policy step-up',
      'Query.listed(by:): scope',
      'Query.media: scope policy',
      'Query.odd: scope claims',
      'Video.id: policy',
    ]);
    expect(headingsOf(html)).toHaveLength(viewers.length);
  });

  it('escapes everything that comes from the schema or the command line', async () => {
    const html = await page('--schema', file, '--viewer', '"></th><img onerror>=<b>');
    expect(headingsOf(html)).toEqual(['anonymous', '"></th><img onerror>']);
    expect(html.match(/<(script|style|img|i|b)\b[^>]*>/g)).toEqual(['<style>', '<script>']);
  });

  it('requests nothing, and runs its own style and script only', async () => {
    const html = await page('--schema', file);
    expect(html).not.toMatch(/\b(?:src|href)="(?!#|data:,")/);
    expect(html).not.toMatch(/url\(|@import|fetch\(|http-equiv="refresh"/);
    const hash = (tag: string): string => {
      const [, content = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(html) ?? [];
      return `&#39;sha256-${createHash('sha256').update(content).digest('base64')}&#39;`;
    };
    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src ${hash('style')}; script-src ${hash('script')}; img-src data:;`,
    );
  });

  it('has a column for each test user if the schema is that of this API', async () => {
    const html = await page();
    expect(headingsOf(html)).toEqual(['anonymous', 'guest', 'manager', 'administrator']);
    const cellsOf = (coordinate: string) =>
      rowsOf(html).find((row) => row.coordinate === coordinate)?.cells;
    expect(cellsOf('Query.private')).toEqual(['refused', 'allowed', 'allowed', 'allowed']);
    expect(cellsOf('Query.privateScoped')).toEqual(['refused', 'refused', 'allowed', 'allowed']);
    expect(cellsOf('Query.admin')).toEqual(['refused', 'refused', 'refused', 'allowed']);
  });

  it('shows forty viewers at most', async () => {
    const many = join(folder, 'many.graphql');
    const fields = Array.from(
      { length: 60 },
      (_, index) => `f${index}: Int @auth(scope: "s${index}")`,
    );
    await writeFile(many, `${authDirectives} type Query { ${fields.join(' ')} }`);
    const html = await page('--schema', many);
    expect(headingsOf(html)).toHaveLength(40);
    expect(html).toContain('22 more sets of scopes are not shown.');
  });
});

describe('--viewer', () => {
  const named = ['--viewer', 'editor=a b', '--viewer', ' reader = read '];

  it('names the columns of every table', async () => {
    expect(headingsOf(await page('--schema', file, ...named))).toEqual([
      'anonymous',
      'editor',
      'reader',
    ]);
    const { stdout: text } = await access('--schema', file, ...named);
    expect(text).toContain('A  anonymous\nB  editor\nC  reader\n');
    expect(text).toMatch(/^Post.id +- - ✓ {2}@auth/m);
    const { stdout: markdown } = await access('--schema', file, '--markdown', ...named);
    expect(markdown).toContain('| Coordinate | anonymous | `editor` | `reader` | Rule |');
  });

  it.each<[string, readonly string[], string]>([
    ['without scopes', ['--viewer', 'editor'], '--viewer must be a name and scopes'],
    ['without a name', ['--viewer', '=a'], '--viewer must be a name and scopes'],
    ['too often', Array.from({ length: 17 }, () => '--viewer=a=b'), 'at most 16 times'],
    ['with --json', ['--json', '--viewer', 'a=b'], '--viewer has no effect with --json'],
    ['with --check', ['--check', 'x', '--viewer', 'a=b'], '--viewer has no effect with --json'],
    ['--html with --json', ['--json', '--html'], 'Choose one: --json, --markdown, --html or'],
  ])('is rejected: %s', async (_case, words, message) => {
    const { code, stderr } = await access('--schema', file, ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
