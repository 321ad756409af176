import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsOf, unwrapped, withoutVolatile } from '../documentation/console-block.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { createProjectCopy, type ProjectCopy } from './project-copy.ts';
import { openShell, type Shell } from './shell.ts';

/** The section of docs/getting-started.md whose steps are followed here. */
const blocks = blocksOf(readDocument('docs/getting-started.md')).filter(
  ({ heading }) => heading === 'Make it your own',
);
const [types = '', code = ''] = ['graphql', 'ts'].map(
  (language) => blocks.find((block) => block.language === language)?.text,
);
const commands = blocks
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => commandsOf(text));

let copy: ProjectCopy;
let shell: Shell;
let startupMessage: string;
beforeAll(async () => {
  copy = await createProjectCopy();
  const schema = join(copy.folder, 'schema.graphql');
  const [definitions] = (await readFile(schema, 'utf8')).split(/^(?:"""[^"]*"""\n)?type /m);
  await writeFile(schema, `${definitions}\n${types}`);
  const folder = join(copy.folder, 'src/api');
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await writeFile(join(folder, 'index.ts'), code);
  // The build checks the types.
  startupMessage = await copy.start('npm start', (printed) => printed.includes('in a browser'));
  shell = openShell(copy.folder, copy.variables);
}, 120_000);
afterAll(async () => {
  await shell?.close();
  await copy?.close();
});

test('npm start offers what each person of this API can do', () => {
  for (const text of [
    '{books{title}}',
    'token -- --scope books:read',
    "query -- '{ books { title } }' --as ann",
    "query -- '{ books { title } }' --as bob",
  ]) {
    expect(startupMessage).toContain(text);
  }
  expect(startupMessage).not.toMatch(/messages|admin|private|manager|guest/);
});

describe.sequential('the steps', () => {
  test.each(commands)('$command', async ({ command, output }) => {
    const { text } = await shell.run(copy.toLocalPorts(command));

    expect(unwrapped(withoutVolatile(copy.toDocumentedPorts(text)))).toBe(
      unwrapped(withoutVolatile(output)),
    );
  });
});

test('GraphiQL has tabs for this API only', async () => {
  const settings = await fetch(copy.toLocalPorts('http://localhost:4000/graphiql/settings.json'));
  const tabs = (await settings.json()).tabs.join('\n');

  expect(tabs).toMatch(/query Books \{[\s\S]*mutation AddBook \{/);
  expect(tabs).not.toMatch(/messages|admin|private|greeting|clock/i);
});
