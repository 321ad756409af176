import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { accessCommand } from '../../src/cli/access-command.ts';
import { runInProcess, withSchema } from './run-in-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs it with the fixture's schema, unless another is given. */
const access = (...words: string[]) =>
  runInProcess(accessCommand, { folder, arguments: withSchema(words) });

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
  it('prints every coordinate with its rule, aligned', async () => {
    const outcome = await access('--schema', await schemaFile(sdl));
    expect(outcome).toEqual({
      code: 0,
      stderr: '',
      stdout: `Filter.secret      @auth
Order.SECRET       @auth(scope: "s")
Post.id            @auth(scope: "read")
Query.listed       @auth(scope: ["a b read", "c read"], claims: "email", policy: "owner", acr: "gold", maxAge: 60)
Query.listed(by:)  @auth(scope: "sort")
Query.media        (@auth(scope: "read") or @auth(policy: "owner"))
Query.open         public
Query.token        @auth
Video.id           @auth(policy: "owner")
`,
    });
  });

  it('prints the same as JSON, and finds nothing wrong with what it printed', async () => {
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
      'a rule that has gone',
      (text) => text.replace('token: String @auth', 'token: String'),
      '- Query.token  @auth\n+ Query.token  public\n',
    ],
    [
      'a new open field',
      (text) => text.replace('open: String', 'open: String\n more: Int'),
      '+ Query.more  is new and public\n',
    ],
    [
      'an argument that asks no longer',
      (text) => text.replace(' @auth(scope: "sort")', ''),
      '- Query.listed(by:)  @auth(scope: "sort"), and now nothing\n',
    ],
    [
      'an enum value that asks no longer',
      (text) => text.replace(' @auth(scope: "s")', ''),
      '- Order.SECRET  @auth(scope: "s"), and now nothing\n',
    ],
    [
      'another way in',
      (text) => text.replace('@auth(scope: "read")', '@auth(scope: ["read", "x"])'),
      '- Post.id  @auth(scope: "read")\n+ Post.id  @auth(scope: ["read", "x"])\n',
    ],
    [
      'a union of which one member is open now',
      (text) => text.replace('type Video @auth(policy: "owner")', 'type Video'),
      '- Query.media  (@auth(scope: "read") or @auth(policy: "owner"))\n+ Query.media  public\n',
    ],
    [
      'a union of which one member requires less',
      (text) => text.replace('type Video @auth(policy: "owner")', 'type Video @auth'),
      '- Query.media  (@auth(scope: "read") or @auth(policy: "owner"))\n+ Query.media  @auth\n',
    ],
  ])('tells of %s', async (_, change, difference) => {
    const { stdout } = await access('--schema', await schemaFile(sdl), '--json');
    const kept = join(folder, 'kept.json');
    await writeFile(kept, stdout);
    const outcome = await access('--schema', await schemaFile(change(sdl)), '--check', kept);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain(difference);
    expect(outcome.stderr).toContain(`More is open than ${kept} says.`);
  });

  it.each<[string, (text: string) => string]>([
    [
      'a stricter rule',
      (text) => text.replace('token: String @auth', 'token: String @auth(scope: "x")'),
    ],
    [
      'a new guarded field',
      (text) => text.replace('open: String', 'open: String\n more: Int @auth'),
    ],
    ['what has gone', (text) => text.replace('token: String @auth\n', '')],
    ['an argument that has gone', (text) => text.replace('by: Order @auth(scope: "sort"), ', '')],
  ])('does not mind %s', async (_, change) => {
    const { stdout } = await access('--schema', await schemaFile(sdl), '--json');
    const kept = join(folder, 'kept.json');
    await writeFile(kept, stdout);
    const outcome = await access('--schema', await schemaFile(change(sdl)), '--check', kept);
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['no schema there', ['--schema', 'nowhere.graphql'], /^nowhere.graphql cannot be read/],
    [
      'a file that was never kept',
      ['--check', 'nowhere.json'],
      /^nowhere.json cannot be read as JSON/,
    ],
    ['a folder to compare with', ['--check', '.'], /^\. cannot be read as JSON/],
    ['two things to do', ['--json', '--check', 'access.json'], /^Choose one: --json or --check\./],
    ['two files', ['--check', 'a.json', '--check', 'b.json'], /^--check is given twice\./],
  ])('says so in one line: %s', async (_, words, line) => {
    const outcome = await access(...words);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(line);
    expect(outcome.stderr.trim()).not.toContain('\n');
  });

  it.each([
    ['is no SDL', 'type Query {', /is no schema: Syntax Error/],
    [
      'has a rule that cannot be enforced',
      'type Query { a: String @auth(scope: "") }',
      /Query.a: scope must hold at least one string/,
    ],
  ])('says what is wrong with a schema that %s', async (_, text, line) => {
    const outcome = await access('--schema', await schemaFile(text));
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toMatch(line);
  });

  it.each([
    ['no JSON', 'nothing'],
    ['no list', '{}'],
    ['a list of something else', '[{"coordinate":"Query.a"}]'],
    ['a rule that is none', '[{"coordinate":"Query.a","access":["public"]}]'],
    ['a scope of nothing', '[{"coordinate":"Query.a","access":"authenticated","scope":[]}]'],
  ])('does not compare with %s', async (_, text) => {
    const file = join(folder, 'unusable.json');
    await writeFile(file, text);
    const outcome = await access('--check', file);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(`${file} `);
  });

  it('says which words are wrong', async () => {
    expect(await access('--jsno')).toMatchObject({ code: 2, stdout: '' });
  });
});
