import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';

const source = fileURLToPath(new URL('eslint/', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eslint-'));
  cpSync(join(source, 'eslint.config.js'), join(folder, 'eslint.config.js'));
  symlinkSync(join(source, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The messages of ESLint for files of a schema, by the place where they are. */
async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
  const all = { directives: authDirectives, ...files };
  for (const [name, text] of Object.entries(all))
    writeFileSync(join(folder, `${name}.graphql`), text);
  const output = await new Promise<string>((resolve) => {
    execFile('npx', ['eslint', '--format', 'json', '.'], { cwd: folder }, (_, stdout, stderr) =>
      resolve(stdout || stderr),
    );
  });
  const results: { filePath: string; messages: { line: number; message: string }[] }[] =
    JSON.parse(output);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, message }) => `${filePath.slice(folder.length + 1)}:${line} ${message}`),
  );
}

const undecided = 'has neither @auth nor @public: add one of them (requireRuleOn: root-fields).';

it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  [
    'an undecided root field, and nothing below',
    { schema: 'type Query {\n  a: T\n  b: Int @auth\n  c: Int @public\n}\ntype T { x: Int }\n' },
    [`schema.graphql:2 Query.a ${undecided}`],
  ],
  [
    'fields of an extension in another file',
    {
      schema: 'type Query { a: Int @auth }\ntype Mutation { x: Int @public }\n',
      more: 'extend type Mutation {\n  y: Int\n}\n',
    },
    [`more.graphql:2 Mutation.y ${undecided}`],
  ],
  [
    'nothing where the rule of the schema decides',
    { schema: 'schema @auth { query: Root }\ntype Root { a: Int b: Int @public }\n' },
    [],
  ],
  [
    'nothing where the type returned has a rule',
    { schema: 'type Query { a: T }\ntype T @auth { x: Int }\n' },
    [],
  ],
  [
    'a rule that cannot be enforced, on a field and on an argument',
    { schema: 'type Query {\n  a(x: Int @auth(maxAge: -1)): Int @auth(scope: "")\n}\n' },
    [
      'schema.graphql:2 Query.a scope must be a list of at least one string, none of them empty. To require nothing, remove scope.',
      'schema.graphql:2 Query.a(x:) maxAge must be a whole number of seconds, zero or more, such as maxAge: 3600.',
    ],
  ],
  ['no policy, whatever its name', { schema: 'type Query { a: Int @auth(policy: "mine") }\n' }, []],
])('reports %s', async (_, files, expected) => {
  expect((await lint(files)).sort()).toEqual(expected);
});

it('requires a rule on every field if told so', async () => {
  const config = readFileSync(join(folder, 'eslint.config.js'), 'utf8');
  writeFileSync(
    join(folder, 'eslint.config.js'),
    config.replace(`'error'`, `['error', 'all-fields']`),
  );
  expect(await lint({ schema: 'type Query { a: T @public }\ntype T {\n  x: Int\n}\n' })).toEqual([
    'schema.graphql:3 T.x has neither @auth nor @public: add one of them (requireRuleOn: all-fields).',
  ]);
});

it('is set up as docs/reviewing.md says', () => {
  const page = readFileSync(new URL('../../docs/reviewing.md', import.meta.url), 'utf8');
  expect(page).toContain(
    `\`\`\`js\n${readFileSync(join(source, 'eslint.config.js'), 'utf8')}\`\`\``,
  );
});
