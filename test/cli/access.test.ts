import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { accessCommand } from '../../src/cli/access-command.ts';
import { runInProcess } from './run-in-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-'));
});
afterAll(() => rm(folder, { recursive: true }));

const access = (...words: string[]) => runInProcess(accessCommand, { folder, arguments: words });

async function schemaFile(sdl: string): Promise<string> {
  const file = join(folder, 'schema.graphql');
  await writeFile(file, `${authDirectives}\n${sdl}`);
  return file;
}

const sdl = `
  type Query {
    open: String
    token: String @auth
    media: Media
    listed(by: Order @auth(scope: "sort"), filter: Filter): [Post] @auth(scope: ["a b", "c"], claims: ["email"], policy: "owner", acr: "gold", maxAge: 60)
  }
  type Post @auth(scope: "read") { id: ID }
  union Media = Post | Video
  type Video @auth(policy: "owner") { id: ID }
  enum Order { NAME SECRET @auth(scope: "s") }
  input Filter { name: String secret: String @auth }
`;

describe('npm run access', () => {
  it('prints who can access each coordinate, and its rule, in 80 columns', async () => {
    const outcome = await access('--schema', await schemaFile(sdl));
    expect(outcome).toEqual({
      code: 0,
      stderr: '',
      stdout: `A  anonymous
B  authenticated without scopes
C  a b read
D  c read
E  read
F  s
G  sort

                   A B C D E F G
Filter.secret      - ✓ ✓ ✓ ✓ ✓ ✓  @auth
Order.SECRET       - - - - - ✓ -  @auth(scope: "s")
Post.id            - - ✓ ✓ ✓ - -  @auth(scope: "read")
Query.listed       - - ? ? - - -
    @auth(scope: ["a b read", "c read"], claims: "email", policy: "owner", acr:
    "gold", maxAge: 60)
Query.listed(by:)  - - - - - - ✓  @auth(scope: "sort")
Query.media        - ? ✓ ✓ ✓ ? ?
    (@auth(scope: "read") or @auth(policy: "owner"))
Query.open         ✓ ✓ ✓ ✓ ✓ ✓ ✓  public
Query.token        - ✓ ✓ ✓ ✓ ✓ ✓  @auth
Video.id           - ? ? ? ? ? ?  @auth(policy: "owner")

✓ allowed   - refused   ? decided by its policy, claims or authentication
`,
    });
    for (const line of outcome.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('keeps the table within 80 columns with long names and many scopes', async () => {
    const fields = Array.from(
      { length: 30 },
      (_, index) =>
        `${'aFieldWithAVeryLongName'.repeat(3)}${index}: String @auth(scope: "${'scope'.repeat(20)}${index}")`,
    );
    const file = await schemaFile(`type Query { open: String ${fields.join(' ')} }`);
    const { stdout } = await access('--schema', file);
    expect(stdout).toContain('16 more sets of scopes are not shown.');
    const long = stdout.split('\n').filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  it('prints the table as Markdown', async () => {
    const types =
      'type Query { open: String token: String @auth list: Int @auth(scope: ["a|b", "c"]) }';
    expect(await access('--schema', await schemaFile(types), '--markdown')).toEqual({
      code: 0,
      stderr: '',
      stdout: `| Coordinate | anonymous | authenticated without scopes | \`a\\|b\` | \`c\` | Rule |
|---|:-:|:-:|:-:|:-:|---|
| \`Query.list\` | - | - | ✓ | ✓ | \`@auth(scope: ["a\\|b", "c"])\` |
| \`Query.open\` | ✓ | ✓ | ✓ | ✓ | public |
| \`Query.token\` | - | ✓ | ✓ | ✓ | \`@auth\` |

✓ allowed, - refused, ? decided by its policy, claims or authentication.
`,
    });
  });

  it('keeps the cells of the Markdown apart with any scope', async () => {
    const types = 'type Query { a: Int @auth(scope: "a`|``b") }';
    const { stdout } = await access('--schema', await schemaFile(types), '--markdown');
    expect(stdout).toContain('| `Query.a` | - | - | ✓ | ``` @auth(scope: "a`\\|``b") ``` |\n');
  });

  it('prints JSON, and finds no difference from what it printed', async () => {
    const schema = await schemaFile(sdl);
    const { stdout } = await access('--schema', schema, '--json');
    expect(JSON.parse(stdout)).toContainEqual({
      coordinate: 'Query.token',
      access: 'authenticated',
      from: ['Query.token'],
    });
    const kept = join(folder, 'kept.json');
    await writeFile(kept, stdout);
    expect(await access('--schema', schema, '--check', kept)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it.each<[string, (text: string) => string, string]>([
    [
      'a removed rule',
      (text) => text.replace('token: String @auth', 'token: String'),
      '- Query.token  @auth\n+ Query.token  public\n    opened for anonymous\n',
    ],
    [
      'a new public field',
      (text) => text.replace('open: String', 'open: String\n more: Int'),
      '+ Query.more  is new and public\n',
    ],
    [
      'an argument without a rule',
      (text) => text.replace(' @auth(scope: "sort")', ''),
      '- Query.listed(by:)  @auth(scope: "sort"), now without a rule\n    opened for anonymous, authenticated without scopes, a b read, c read, read, s\n',
    ],
    [
      'an enum value without a rule',
      (text) => text.replace(' @auth(scope: "s")', ''),
      '- Order.SECRET  @auth(scope: "s"), now without a rule\n',
    ],
    [
      'an alternative scope',
      (text) => text.replace('@auth(scope: "read")', '@auth(scope: ["read", "x"])'),
      '- Post.id  @auth(scope: "read")\n+ Post.id  @auth(scope: ["read", "x"])\n    opened for a b x, c x, x\n',
    ],
    [
      'a union with a member that is now public',
      (text) => text.replace('type Video @auth(policy: "owner")', 'type Video'),
      '- Query.media  (@auth(scope: "read") or @auth(policy: "owner"))\n+ Query.media  public\n',
    ],
    [
      'a union with a member that requires less',
      (text) => text.replace('type Video @auth(policy: "owner")', 'type Video @auth'),
      '- Query.media  (@auth(scope: "read") or @auth(policy: "owner"))\n+ Query.media  @auth\n',
    ],
  ])('reports %s', async (_, change, difference) => {
    const { stdout } = await access('--schema', await schemaFile(sdl), '--json');
    const kept = join(folder, 'kept.json');
    await writeFile(kept, stdout);
    const outcome = await access('--schema', await schemaFile(change(sdl)), '--check', kept);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain(difference);
    expect(outcome.stderr).toContain(`Access is wider than ${kept} allows.`);
  });

  it('says for whom a stricter rule is closed, and accepts it', async () => {
    const { stdout } = await access('--schema', await schemaFile(sdl), '--json');
    const kept = join(folder, 'kept.json');
    await writeFile(kept, stdout);
    const stricter = sdl.replace('token: String @auth', 'token: String @auth(scope: "sort")');
    expect(await access('--schema', await schemaFile(stricter), '--check', kept)).toEqual({
      code: 0,
      stderr: '',
      stdout: `- Query.token  @auth
+ Query.token  @auth(scope: "sort")
    closed for authenticated without scopes, a b read, c read, read, s
`,
    });
  });

  it.each<[string, (text: string) => string]>([
    [
      'a new guarded field',
      (text) => text.replace('open: String', 'open: String\n more: Int @auth'),
    ],
    ['a removed field', (text) => text.replace('token: String @auth\n', '')],
    ['a removed argument', (text) => text.replace('by: Order @auth(scope: "sort"), ', '')],
  ])('accepts %s', async (_, change) => {
    const { stdout } = await access('--schema', await schemaFile(sdl), '--json');
    const kept = join(folder, 'kept.json');
    await writeFile(kept, stdout);
    const outcome = await access('--schema', await schemaFile(change(sdl)), '--check', kept);
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['a missing schema', ['--schema', 'nowhere.graphql'], /^nowhere.graphql cannot be read/],
    ['a missing baseline', ['--check', 'nowhere.json'], /^nowhere.json cannot be read as JSON/],
    ['a folder as baseline', ['--check', '.'], /^\. cannot be read as JSON/],
    [
      'two modes',
      ['--json', '--check', 'access.json'],
      /^Choose one: --json, --markdown, --html or --check\./,
    ],
    ['two files', ['--check', 'a.json', '--check', 'b.json'], /^--check is given twice\./],
  ])('prints one line for %s', async (_, words, line) => {
    const outcome = await access(...words);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(line);
    expect(outcome.stderr.trim()).not.toContain('\n');
  });

  it.each([
    ['is not SDL', 'type Query {', /is not a valid schema: Syntax Error/],
    [
      'has a rule that cannot be enforced',
      'type Query { a: String @auth(scope: "") }',
      /Query.a: scope must be a list of at least one string/,
    ],
  ])('reports a schema that %s', async (_, text, line) => {
    const outcome = await access('--schema', await schemaFile(text));
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toMatch(line);
  });

  it.each([
    ['text that is not JSON', 'nothing'],
    ['an object', '{}'],
    ['a list of something else', '[{"coordinate":"Query.a"}]'],
    ['an invalid rule', '[{"coordinate":"Query.a","access":["public"]}]'],
    ['an empty scope', '[{"coordinate":"Query.a","access":"authenticated","scope":[]}]'],
  ])('does not compare with %s', async (_, text) => {
    const file = join(folder, 'unusable.json');
    await writeFile(file, text);
    const outcome = await access('--check', file);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(`${file} `);
  });

  it('rejects unknown options', async () => {
    expect(await access('--jsno')).toMatchObject({ code: 2, stdout: '' });
  });
});
