import { createHash } from 'node:crypto';
import { mkdirSync, truncateSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { accessCommand } from '../../src/cli/access-command.ts';
import { documentsCommand } from '../../src/cli/documents-command.ts';
import { documentIdOf } from '../../src/trusted-documents/document-id.ts';
import { manifestFormat } from '../../src/trusted-documents/manifest.ts';
import { runInProcess } from './run-in-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'documents-'));
  await write('schema.sdl', `${authDirectives}\n${sdl}`);
});
afterEach(() => rm(folder, { recursive: true }));

const sdl = `
  type Query {
    open: String
    posts(by: Order @auth(scope: "sort"), filter: Filter): [Post]
    either: String @auth(scope: ["a", "b c"])
    own: String @auth(policy: "owner", claims: ["email"])
    media: Media
  }
  type Mutation { add(filter: Filter): Post @auth(acr: "gold", maxAge: 60) }
  type Post @auth(scope: "read") { id: ID title: String @auth(scope: "title") }
  union Media = Post | Video
  type Video @auth(policy: "owner") { id: ID }
  enum Order { NAME SECRET @auth(scope: "s") }
  input Filter { name: String secret: String @auth(scope: "secret") }
`;

const at = (name: string): string => join(folder, name);

async function write(name: string, content: string): Promise<void> {
  mkdirSync(join(at(name), '..'), { recursive: true });
  await writeFile(at(name), content);
}

const documents = (...words: string[]) =>
  runInProcess(documentsCommand, {
    folder,
    arguments: [...words, '--schema', at('schema.sdl'), '--out', at('manifest.json')],
  });

const manifest = async (): Promise<unknown> =>
  JSON.parse(await readFile(at('manifest.json'), 'utf8'));

const text = 'query Open {\n  open\n}';

describe('npm run documents', () => {
  it.each([
    ['query Name { open }', 'public'],
    ['query Name { __typename }', 'public'],
    ['query Name { posts { id } }', '@auth(scope: "read")'],
    ['query Name { posts { id title } }', '@auth(scope: "read title")'],
    ['query Name { posts { ...P } } fragment P on Post { title }', '@auth(scope: "read title")'],
    ['query Name($on: Boolean!) { open posts @include(if: $on) { id } }', '@auth(scope: "read")'],
    ['query Name { posts @skip(if: true) { id } open }', 'public'],
    ['query Name($by: Order) { posts(by: $by) { id } }', '@auth(scope: "read sort")'],
    ['query Name { posts(by: SECRET) { id } }', '@auth(scope: "read sort s")'],
    ['query Name($by: Order = SECRET) { posts(by: $by) { id } }', '@auth(scope: "read sort s")'],
    ['query Name($f: Filter) { posts(filter: $f) { id } }', '@auth(scope: "read")'],
    [
      'query Name($s: String) { posts(filter: { secret: $s }) { id } }',
      '@auth(scope: "read secret")',
    ],
    ['query Name { either }', '@auth(scope: ["a", "b c"])'],
    ['query Name { either posts { id } }', '@auth(scope: ["a read", "b c read"])'],
    ['query Name { own }', '@auth(claims: "email", policy: "owner")'],
    ['query Name { media { __typename } }', '(@auth(policy: "owner") or @auth(scope: "read"))'],
    ['mutation Name { add { id } }', '@auth(scope: "read", acr: "gold", maxAge: 60)'],
  ])('%s requires %s', async (document, rule) => {
    await write('a.graphql', document);
    const { code, stdout, stderr } = await documents(at('a.graphql'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^(?:query {9}|mutation {6})Name {2}/);
    expect(stdout.slice('subscription  Name  '.length)).toBe(`${rule}\n`);
  });

  it('writes the manifest', async () => {
    await write('a.graphql', 'query Posts { posts { ...P } } query Open { open }');
    await write('b/fragments.gql', 'fragment P on Post { id }');
    expect(await documents(folder)).toMatchObject({ code: 0, stderr: '' });
    const posts = 'query Posts {\n  posts {\n    ...P\n  }\n}\n\nfragment P on Post {\n  id\n}';
    expect(await manifest()).toEqual({
      format: manifestFormat,
      documents: {
        [documentIdOf(text)]: { name: 'Open', type: 'query', access: 'public', document: text },
        [documentIdOf(posts)]: {
          name: 'Posts',
          type: 'query',
          access: 'authenticated',
          scope: ['read'],
          document: posts,
        },
      },
    });
  });

  it.each([
    ['**/*.graphql', ['A', 'B', 'C']],
    ['*.graphql', ['A']],
    ['b/*.{graphql,gql}', ['B', 'D']],
    ['b/?.graphql', ['B']],
    ['b/**', ['B', 'C', 'D']],
    ['b', ['B', 'C', 'D']],
    ['b/d.gql', ['D']],
  ])('reads the files of %s', async (pattern, names) => {
    for (const [path, name] of [
      ['a.graphql', 'A'],
      ['b/b.graphql', 'B'],
      ['b/c/c.graphql', 'C'],
      ['b/d.gql', 'D'],
      ['b/node_modules/e.graphql', 'E'],
      ['b/.cache/f.graphql', 'F'],
    ] as const) {
      await write(path, `query ${name} { open }`);
    }
    const { code, stdout } = await documents(at(pattern));
    expect([code, stdout.match(/\b[A-F]\b/g)]).toEqual([0, names]);
  });

  it('skips definitions of types', async () => {
    await write('a.graphql', 'query Open { open } extend type Query { local: String }');
    await write('b/schema.graphql', sdl);
    const { code, stdout } = await documents(at('**/*.graphql'));
    expect([code, stdout.match(/Open|Query/g)]).toEqual([0, ['Open']]);
  });

  it.each([
    ['with LIMITS=measure', 'LIMITS=measure', 'query A { media { __typename } }'],
    [
      'with fewer objects',
      'MAX_COST=9',
      'query A($on: Boolean!) { posts @include(if: $on) { id } }',
    ],
  ])('takes a document that can run %s', async (_name, limit, document) => {
    await write('.env', `MAX_DEPTH=2\n${limit}`);
    await write('a.graphql', document);
    expect(await documents(at('a.graphql'))).toMatchObject({ code: 0, stderr: '' });
  });

  const hash = (algorithm: string): string => createHash(algorithm).update(text).digest('hex');
  const operation = { id: hash('sha256'), name: 'Open', type: 'query', body: text };

  it.each([
    ['GraphQL Code Generator and Relay', { [hash('sha256')]: text }],
    ['hashes with a prefix', { [`sha256:${hash('sha256')}`]: text }],
    ['Apollo', { format: 'apollo-persisted-query-manifest', version: 1, operations: [operation] }],
    [
      'itself',
      {
        format: manifestFormat,
        documents: { [documentIdOf(text)]: { name: 'Open', document: text } },
      },
    ],
  ])('reads a manifest of %s', async (_name, content) => {
    await write('persisted.json', JSON.stringify(content));
    // The same document twice.
    await write('a.graphql', 'query Open { open }');
    expect(await documents(at('persisted.json'), at('a.graphql'))).toMatchObject({ code: 0 });
    expect(await manifest()).toHaveProperty(['documents', documentIdOf(text), 'document'], text);
  });

  it.each([
    ['no file', {}, [], 'Pass files, folders or patterns'],
    ['a missing file', {}, ['none.graphql'], 'none.graphql does not exist.'],
    ['a pattern without files', {}, ['none/*.graphql'], 'No file matches'],
    ['a folder without files', { 'x/y.txt': '' }, ['x'], 'has no file that ends with'],
    ['a brace that is open', {}, ['*.{graphql'], 'a brace that is not closed'],
    [
      'a syntax error',
      { 'a.graphql': 'query {' },
      ['a.graphql'],
      'a.graphql cannot be parsed: Syntax Error',
    ],
    [
      'a document beyond a limit',
      { 'a.graphql': `query A { open ${'open @skip(if: false) '.repeat(51)} }` },
      ['a.graphql'],
      'A could never run. The operation is too large: its number of directives is 51, and the maximum of this API is 50.',
    ],
    [
      'a document beyond a limit of .env',
      { 'a.graphql': 'query A { media { __typename } }', '.env': 'MAX_DEPTH=1' },
      ['a.graphql'],
      'its depth is 2, and the maximum of this API is 1.',
    ],
    [
      'a document that costs too much whatever its variables',
      { 'a.graphql': 'query A($by: Order) { posts(by: $by) { id } }', '.env': 'MAX_COST=9' },
      ['a.graphql'],
      'its cost is 10, and the maximum of this API is 9.',
    ],
    [
      'a wrong limit',
      { 'a.graphql': 'query A { open }', '.env': 'MAX_DEPTH=none' },
      ['a.graphql'],
      'MAX_DEPTH "none"',
    ],
    [
      'a document with too many tokens',
      { 'a.graphql': `query A { ${'open '.repeat(2000)} }` },
      ['a.graphql'],
      'more than 2000 tokens',
    ],
    ['an empty file', { 'a.graphql': '' }, ['a.graphql'], 'cannot be parsed'],
    [
      'types alone',
      { 'a.graphql': 'type A { b: C }', 'b.graphql': 'extend type A { c: C }' },
      ['*.graphql'],
      'No operation is in ',
    ],
    ['no operation', { 'a.graphql': 'fragment P on Post { id }' }, ['a.graphql'], 'a.graphql.'],
    [
      'an operation without a name',
      { 'a.graphql': '{ open }' },
      ['a.graphql'],
      'an operation without a name',
    ],
    [
      'an unknown field',
      { 'a.graphql': 'query A { none }' },
      ['a.graphql'],
      'a.graphql: A does not match the schema: Cannot query field',
    ],
    [
      'a variable that is not allowed',
      { 'a.graphql': 'query A($__proto__: Order) { posts(by: $__proto__) { id } }' },
      ['a.graphql'],
      'a.graphql: A could never run. A variable cannot be named $__proto__: rename it.',
    ],
    [
      'an unknown fragment',
      { 'a.graphql': 'query A { ...P }' },
      ['a.graphql'],
      'Unknown fragment "P"',
    ],
    [
      'two operations of one name',
      { 'a.graphql': 'query A { open }', 'b.graphql': 'query A { either }' },
      ['*.graphql'],
      'the name A is also in',
    ],
    [
      'two fragments of one name',
      { 'a.graphql': 'fragment P on Post { id }', 'b.graphql': 'fragment P on Post { title }' },
      ['*.graphql'],
      'The fragment P is in',
    ],
    [
      'a hash of SHA-1',
      { 'a.json': JSON.stringify({ [hash('sha1')]: text }) },
      ['a.json'],
      "Set hashAlgorithm: 'sha256' of GraphQL Code Generator",
    ],
    [
      'a hash of MD5',
      { 'a.json': JSON.stringify({ [hash('md5')]: text }) },
      ['a.json'],
      "algorithm: 'SHA256' of Relay",
    ],
    [
      'the hash of another text',
      {
        'a.json': JSON.stringify({
          format: 'apollo-persisted-query-manifest',
          operations: [{ ...operation, body: `${text} ` }],
        }),
      },
      ['a.json'],
      'is not its SHA-256',
    ],
    ['JSON that is not a manifest', { 'a.json': '{"a":1}' }, ['a.json'], 'is not a manifest of'],
    ['a file that is not JSON', { 'a.json': 'a' }, ['a.json'], 'is not valid JSON'],
    [
      'several operations in one document',
      {
        'a.json': JSON.stringify({
          [createHash('sha256').update('query A { open } query B { open }').digest('hex')]:
            'query A { open } query B { open }',
        }),
      },
      ['a.json'],
      'several operations',
    ],
  ] as const)('rejects %s', async (_name, files, words, message) => {
    for (const [name, content] of Object.entries(files)) await write(name, content);
    const { code, stdout, stderr } = await documents(...words.map((word) => at(word)));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    await expect(manifest()).rejects.toThrow();
  });

  it('rejects a file of 100 MB without reading it', async () => {
    await write('a.graphql', '');
    truncateSync(at('a.graphql'), 100_000_000);
    const { code, stderr } = await documents(at('a.graphql'));
    expect([code, stderr]).toEqual([
      2,
      `${at('a.graphql')} has 100000000 bytes, and at most 16777216 are read.\n`,
    ]);
  });

  it('checks that the manifest is current', async () => {
    await write('a.graphql', 'query Open { open }');
    expect((await documents(at('a.graphql'), '--check')).code).toBe(1);
    await documents(at('a.graphql'));
    expect(await documents(at('a.graphql'), '--check')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    await write('a.graphql', 'query Open { open either }');
    const { code, stderr } = await documents(at('a.graphql'), '--check');
    expect(code).toBe(1);
    expect(stderr).toContain(`Build it again: npm run --silent documents -- '${at('a.graphql')}'`);
  });
});

describe('npm run access -- --check --documents', () => {
  const access = (...words: string[]) =>
    runInProcess(accessCommand, {
      folder,
      arguments: [...words, '--schema', at('schema.sdl')],
    });

  async function compare(change: (sdl: string) => string) {
    await write(
      'a.graphql',
      'query Posts { posts { id } } query Either { either } query Open { open }',
    );
    await documents(at('a.graphql'));
    await write('access.json', (await access('--json')).stdout);
    await write('schema.sdl', `${authDirectives}\n${change(sdl)}`);
    return access('--check', at('access.json'), '--documents', at('manifest.json'));
  }

  it('finds nothing without a change', async () => {
    expect(await compare((same) => same)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('names the documents that open', async () => {
    const { code, stdout } = await compare((old) =>
      old.replace('type Post @auth(scope: "read")', 'type Post @auth'),
    );
    expect(code).toBe(1);
    expect(stdout).toContain(
      '- document Posts  @auth(scope: "read")\n+ document Posts  @auth\n    opened for authenticated without scopes',
    );
    expect(stdout).not.toContain('document Either');
    expect(stdout).not.toContain('document Open');
  });

  it('names the documents that close', async () => {
    const { code, stdout } = await compare((old) =>
      old.replace('["a", "b c"]', '"a"').replace('open: String', 'open: String @auth'),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('+ document Either  @auth(scope: "a")\n    closed for b c\n');
    expect(stdout).toContain('+ document Open  @auth\n    closed for anonymous\n');
    expect(stdout).not.toContain('document Posts');
  });

  it('names the documents that do not match the schema any more', async () => {
    const { code, stdout } = await compare((old) =>
      old.replace('open: String', 'other: String @auth'),
    );
    expect(code).toBe(0);
    expect(stdout).toBe(
      '- document Open  does not match the schema: Cannot query field "open" on type "Query". Did you mean "own"?\n',
    );
  });

  it.each([
    ['without --check', ['--documents', 'manifest.json'], '--documents requires --check.'],
    [
      'a missing file',
      ['--check', 'access.json', '--documents', 'none.json'],
      'none.json cannot be read as JSON.',
    ],
    [
      'another file',
      ['--check', 'access.json', '--documents', 'access.json'],
      'is not a manifest of trusted documents',
    ],
  ])('rejects %s', async (_name, words, message) => {
    await write('access.json', (await access('--json')).stdout);
    const { code, stderr } = await access(
      ...words.map((word) => (word.startsWith('-') ? word : at(word))),
    );
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
