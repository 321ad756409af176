import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { explainCommand } from '../../src/cli/explain-command.ts';
import { createTestIssuer } from '../support/tokens.ts';
import { runInProcess } from './run-in-process.ts';

let folder: string;
let schema: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explain-'));
  schema = join(folder, 'schema.graphql');
  await writeFile(
    schema,
    `${authDirectives}
      type Query {
        posts(drafts: Boolean @auth(scope: "drafts")): [Post]
        me: Person @auth
        found: Found
        state: State
      }
      union Found = Page | Invoice
      type Page @auth(scope: "pages") { title: String }
      type Invoice @auth(scope: "invoices", claims: "staff") { total: Int }
      enum State { DRAFT @auth(scope: "drafts") DONE @auth(claims: "staff") }
      type Post { title: String author: Person secret: String @auth(scope: ["a b", "c"]) }
      type Person @auth(scope: "people") { name: String email: String @auth(claims: "staff") }
    `,
  );
});
afterAll(() => rm(folder, { recursive: true }));

const explain = (...words: string[]) => runInProcess(explainCommand, { folder, arguments: words });

describe('npm run explain', () => {
  it('explains an operation of this API', async () => {
    const outcome = await explain(
      '{ public { message } privateScoped { message } admin { message } }',
      '--scope',
      'read:messages',
    );
    expect(outcome).toEqual({
      code: 1,
      stderr: '',
      stdout: `Viewer: authenticated, with the scopes: read:messages

allowed      public                 Query.public         public
allowed      public.message         Greeting.message     public
allowed      privateScoped          Query.privateScoped  @auth(scope: "read:messages"), from Query.privateScoped
allowed      privateScoped.message  Greeting.message     public
refused      admin                  Query.admin          @auth(scope: "admin:write"), from Query.admin            Insufficient scope. Required: admin:write.
not reached  admin.message          Greeting.message     public

The whole operation requires the scope: read:messages admin:write
Its cost is 3.
`,
    });
  });

  it('shows supplied arguments, rules of types, and the smallest scope for the operation', async () => {
    const outcome = await explain(
      'query ($d: Boolean) { posts(drafts: $d) { again: title secret author { name email } } }',
      '--schema',
      schema,
      '--variables',
      '{"d":true}',
      '--scope',
      'drafts a b people',
    );
    expect(outcome.stdout).toBe(
      `Viewer: authenticated, with the scopes: a b drafts people

allowed  posts               Query.posts   @auth(scope: "drafts"), from Query.posts(drafts:)
allowed  posts.again         Post.title    public
allowed  posts.secret        Post.secret   @auth(scope: ["a b", "c"]), from Post.secret
allowed  posts.author        Post.author   @auth(scope: "people"), from Person
allowed  posts.author.name   Person.name   @auth(scope: "people"), from Person
refused  posts.author.email  Person.email  @auth(scope: "people", claims: "staff"), from Person, Person.email  The access token is missing required claims: staff.

The whole operation requires the scope: drafts c people
Its cost is 20.
`,
    );
    expect(outcome.code).toBe(1);
  });

  it.each([
    [
      '--anonymous',
      `refused  found  Query.found  (@auth(scope: "pages") or @auth(scope: "invoices", claims: "staff")), from Page, Invoice  Authentication required: sign in and send an access token in the Authorization header.
refused  state  Query.state  (@auth(scope: "drafts") or @auth(claims: "staff")), from State.DRAFT, State.DONE  Authentication required: sign in and send an access token in the Authorization header.
`,
    ],
    [
      '--scope=pages drafts',
      `allowed  found  Query.found  (@auth(scope: "pages") or @auth(scope: "invoices", claims: "staff")), from Page, Invoice
allowed  state  Query.state  (@auth(scope: "drafts") or @auth(claims: "staff")), from State.DRAFT, State.DONE
`,
    ],
  ])('calls a field public only if a type or value of it is: %s', async (who, lines) => {
    const query = '{ found { ... on Page { title } } state }';
    const outcome = await explain(query, '--schema', schema, who);
    const text = outcome.stdout.replaceAll(/^.*found\.title.*\n/gm, '').replaceAll(/ {2,}/g, '  ');
    expect(text).toContain(lines);
    expect(outcome.stdout).toContain('The whole operation requires the scope: pages');
    expect(outcome.code).toBe(who === '--anonymous' ? 1 : 0);
  });

  it('leaves out skipped selections and arguments that are not supplied', async () => {
    const query =
      'query A($x: Boolean!) { posts { title secret @include(if: $x) } } query B { me { name } }';
    const outcome = await explain(
      query,
      '--schema',
      schema,
      '--variables',
      '{"x":false}',
      '--operation-name',
      'A',
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).not.toContain('secret');
    expect(outcome.stdout).toContain('The whole operation requires no scope.');
    expect(outcome.stdout).toContain('Viewer: anonymous');
  });

  it('does not verify a token, and prints only its scopes', async () => {
    const token = createTestIssuer().sign({
      claims: { scope: 'read:messages', permissions: ['extra'], email: 'private@example.com' },
    });
    const outcome = await explain('{ privateScoped { message } }', '--token', token);
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain('Viewer: authenticated, with the scopes: extra read:messages');
    for (const part of [...token.split('.'), 'private@example.com', 'auth0|somebody']) {
      expect(outcome.stdout).not.toContain(part);
    }
  });

  it.each([
    ['scopes', { SCOPE_CLAIMS: 'realm_access.roles' }, 0, 'with the scopes: read:messages'],
    ['no setting', {}, 1, 'with the scopes: other'],
    ['invalid settings', { SCOPE_CLAIMS: 'a..b' }, 1, 'with the scopes: other'],
  ])('reads scopes where the API does: %s', async (_name, variables, code, says) => {
    const claims = { scope: 'other', realm_access: { roles: ['read:messages'] } };
    const words = ['{ privateScoped { message } }', '--token', createTestIssuer().sign({ claims })];
    const outcome = await runInProcess(explainCommand, { folder, variables, arguments: words });
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toContain(says);
  });

  it.each<[string, string[], number, RegExp]>([
    ['no operation', [], 2, /^Pass exactly one operation, in quotes/],
    ['two viewers', ['{ public { message } }', '--anonymous', '--scope', 'a'], 2, /^Choose one/],
    [
      'a token that is not a JWT',
      ['{ public { message } }', '--token', 'opaque'],
      2,
      /^--token is not a JWT/,
    ],
    [
      'a token that does not say who acts',
      ['{ public { message } }', '--token', createTestIssuer().sign({ claims: { act: 5 } })],
      2,
      /^The access token does not say clearly who acts for its subject \(act\)\.\n$/,
    ],
    ['invalid GraphQL', ['{'], 2, /^Invalid operation: Syntax Error/],
    ['an unknown field', ['{ nothing }'], 2, /^Cannot query field "nothing"/],
    [
      'fragments that are nested too deep',
      [
        `{ ...F0 } ${Array.from({ length: 200 }, (_, index) => `fragment F${index} on Query { ${index < 199 ? `...F${index + 1}` : '__typename'} }`).join(' ')}`,
      ],
      2,
      /^The operation is too large: its selections are nested 201 levels deep/,
    ],
    [
      'two operations without a name',
      ['query A { __typename } query B { __typename }'],
      2,
      /--operation-name/,
    ],
    [
      'an unknown operation',
      ['query A { __typename }', '--operation-name', 'B'],
      2,
      /^Cannot tell which operation/,
    ],
    [
      'no operation at all',
      ['fragment F on Query { __typename }'],
      2,
      /^Fragment "F" is never used/,
    ],
    ['a missing root type', ['mutation { any }'], 2, /^The schema has no mutation type/],
    [
      'a variable of another type',
      ['query ($x: Boolean!) { __typename @include(if: $x) }', '--variables', '{"x":"yes"}'],
      2,
      /^Invalid value for variable \$x: Boolean cannot represent/,
    ],
    [
      'a variable that is not allowed',
      ['query ($__proto__: Boolean!) { __typename @include(if: $__proto__) }'],
      2,
      /^A variable cannot be named \$__proto__/,
    ],
    [
      'a missing schema',
      ['{ any }', '--schema', 'nowhere.graphql'],
      2,
      /^nowhere.graphql cannot be read/,
    ],
    ['two schemas', ['{ a }', '--schema', 'a', '--schema', 'b'], 2, /^--schema is given twice/],
    ['invalid variables', ['{ __typename }', '--variables', '['], 2, /^--variables must be/],
  ])('reports %s', async (_, words, code, line) => {
    const outcome = await explain(...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(line);
  });
});
