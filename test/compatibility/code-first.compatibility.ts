import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/* One schema, written with each library: what is compared is what the rules do, not how they are written. */

const folder = fileURLToPath(new URL('code-first/', import.meta.url));
const { resolve } = createRequire(import.meta.url);
const run = promisify(execFile);

async function runHere(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['--import', resolve('tsx'), ...args], {
    cwd: folder,
  });
  return JSON.parse(stdout);
}

const reference = runHere('print-access.js', './schemas/sdl.js');
const schemas = readdirSync(`${folder}schemas`).filter((file) => file !== 'sdl.js');

describe('the same rules', () => {
  test('are those of the schema in SDL', async () => {
    const { access, results } = JSON.parse(JSON.stringify(await reference));
    expect(access.map(({ coordinate }: { coordinate: string }) => coordinate)).toEqual([
      'Mutation.addNote',
      'Node.id',
      'Node.owner',
      'Note.id',
      'Note.owner',
      'Note.text',
      'Note.visibility',
      'NoteInput.pinned',
      'Query.diary',
      'Query.me',
      'Query.node',
      'Query.notes',
      'Query.notes(owner:)',
      'Query.status',
      'Visibility.OWNER',
    ]);
    const refused = results.filter(({ errors }: { errors: string[] }) => errors.length > 0);
    expect([results.length, refused.length]).toEqual([24, 17]);
  });

  test.each(schemas)('%s', async (file) => {
    expect(await runHere('print-access.js', `./schemas/${file}`)).toEqual(await reference);
  });
});

test('rules that a library ignores are errors that say where to write them', async () => {
  const howTo =
    "write extensions: { directives: { auth: { scope: ['…'] } } }, or { directives: { public: true } }.";
  const problems: Record<string, string[]> = JSON.parse(
    JSON.stringify(await runHere('ignored-rules.js')),
  );
  problems['buildNexusWithDirectives']?.sort();
  expect(problems).toEqual({
    buildPothosWithoutPlugin: ['Query.argument(a:)', 'Query.both', 'Query.field', 'Level.HIGH'].map(
      (coordinate) =>
        `${coordinate}: has a rule in the option directives, which Pothos does not read without its plugin: add @pothos/plugin-directives, or ${howTo}`,
    ),
    buildNexusWithDirectives: [
      ...['Query.field', 'Note', 'Query.argument(a:)', 'Level', 'Level.HIGH', 'Time', 'Found'].map(
        (coordinate) =>
          `${coordinate}: has a rule in the option directives, which Nexus does not read: ${howTo}`,
      ),
      'Note: has a rule in extendType, which Nexus does not read: write it in the type.',
    ].sort(),
    buildNexusWithoutDefinitions: [
      'Query.field: uses @auth, which the schema does not define: add authDirectives to its SDL, or in code authDirective and publicDirective to its directives.',
    ],
    buildComposeWithTwoRules: [
      'Query.field: has one rule in the directives of its SDL (astNode) and another in extensions.directives: write it in one place.',
    ],
  });
});

test('rules that TypeGraphQL drops leave no trace, as documented', async () => {
  expect(await runHere('lost-directives.ts')).toEqual({
    'Memo.both': 'public',
    'Memo.field': ['a'],
    'Memo.resolver': ['a'],
    'Memo.text': 'public',
    'Query.memo': 'public',
  });
});

test('a rule for the whole schema applies to fields without @public', async () => {
  const table = ['Query.closed authenticated', 'Query.open public'];
  expect(await runHere('closed-schemas.js')).toEqual({
    buildPothos: table,
    buildNexus: table,
    buildCompose: table,
  });
});

test('the schemas pass the type checker', async () => {
  await run(process.execPath, [
    resolve('typescript/package.json').replace('package.json', 'bin/tsc'),
    '-p',
    folder,
  ]);
});
