import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { commandsOf, unwrapped, withoutVolatile } from '../documentation/console-block.ts';
import { type Block, blocksOf, readDocument, sectionOf } from '../documentation/markdown.ts';
import { createProjectCopy, type ProjectCopy } from './project-copy.ts';
import { openShell, type Printed, type Shell } from './shell.ts';

/** In the order in which they are run: the first one makes the package that others install. */
const documents = [
  'README.md',
  'docs/getting-started.md',
  'docs/adding-it.md',
  'docs/issuers.md',
  'docs/answers.md',
  'docs/troubleshooting.md',
  'docs/testing.md',
  'docs/cli.md',
  'docs/configuration.md',
  'docs/production.md',
  'docs/messages.md',
].map((name) => ({ name, blocks: blocksOf(readDocument(name)).filter(isRunHere) }));
const blocks = documents.flatMap((document) => document.blocks);
const run = promisify(execFile);

let copy: ProjectCopy;
let second: Shell;
let startupMessage: string;
/** What the lines of the startup message print; they run beside the tests, as each takes a second. */
let pasted: Promise<Printed>;

beforeAll(async () => {
  copy = await createProjectCopy();
  startupMessage = await copy.start('npm start', (printed) => printed.includes('in a browser'));
  second = openShell(copy.folder, copy.variables);
  pasted = second.run(linesForPasting(startupMessage).join('\n'));
}, 60_000);
afterAll(async () => {
  await second?.close();
  await copy?.close();
});

test('npm start prints what is shown', () => {
  const shown = blocks.find(({ language }) => language === 'text')?.text ?? '';

  const printed = copy
    .toDocumentedPorts(startupMessage)
    .replace(/^> .*$/gm, '')
    .replaceAll('PORT=4000 ', '');

  expect(printed.trim()).toBe(shown.trim());
});

// Each document in a terminal of its own, from top to bottom.
describe.sequential.each(documents.filter(({ blocks: own }) => own.some(isRun)))(
  '$name, from top to bottom',
  ({ blocks: own }) => {
    let shell: Shell;
    beforeAll(() => {
      shell = openShell(copy.folder, copy.variables);
    });
    afterAll(() => shell?.close());

    for (const block of own) {
      if (block.language === 'console') {
        test.each(commandsOf(block.text))(`${block.heading}: $command`, async (documented) => {
          const { text } = await shell.run(copy.toLocalPorts(documented.command));

          expect(unwrapped(withoutVolatile(copy.toDocumentedPorts(text)))).toBe(
            unwrapped(withoutVolatile(documented.output)),
          );
        });
      }
      const commands = commandLines(block).filter((command) => command.startsWith('npm run '));
      if (commands.length > 0) {
        test.each(commands)(`${block.heading}: %s`, async (command) => {
          expect((await shell.run(copy.toLocalPorts(command))).code).toBe(0);
        });
      }
      if (block.language === 'ts') {
        test(`${block.heading}: the code is well-typed against the package, and runs`, async () => {
          await runUserCode(block.text, shell);
        });
      }
    }
  },
);

test('each line that npm start prints for pasting works', async () => {
  const { text } = await pasted;

  expect(linesForPasting(startupMessage)).toHaveLength(6);
  expect(text.match(/"message":/g)).toHaveLength(4);
  expect(text).not.toContain('errors');
  expect(withoutVolatile(text)).toContain('TOKEN');
});

test('every command that is not run here is one that cannot be', () => {
  const commands = blocks.flatMap(commandLines);

  expect(
    commands.filter(
      (command) =>
        !/^ |^npm (ci|init|install|run|pkg) |^NODE_ENV=production |npx graphql-resource-server /.test(
          command,
        ),
    ),
  ).toEqual([]);
});

const production = blocks
  .flatMap(commandLines)
  .filter((command) => command.startsWith('NODE_ENV=production '));

test('production is started in the README, and in the page about it', () => {
  expect(production).toHaveLength(2);
});

test.each(production)('production starts, but for the network: %s', (command) => {
  const [entry, node, ...variables] = command.split(' ').reverse();

  const configuration = readConfiguration(
    Object.fromEntries(variables.map((variable) => variable.split('='))),
  );

  expect([node, entry]).toEqual(['node', 'dist/main.js']);
  expect(configuration).toMatchObject({
    environment: 'production',
    graphiql: false,
    introspection: 'off',
    allowedOrigins: [],
  });
});

test('GraphiQL has the tabs that are named', async () => {
  const settings = await fetch(copy.toLocalPorts('http://localhost:4000/graphiql/settings.json'));
  const tabs = JSON.stringify((await settings.json()).tabs);
  const names = [...tabs.matchAll(/(?:\\n|")(?:query|mutation|subscription) (\w+)[ (]/g)].map(
    ([, name]) => name,
  );

  expect(names).toHaveLength(12);
  expect(
    sectionOf(readDocument('docs/getting-started.md'), 'In GraphiQL').replaceAll('\n', ' '),
  ).toContain(names.join(', ').replace(/, (\w+)$/, ' and $1'));
});

/** Every second line of the startup message. */
function linesForPasting(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => /^ +((?:PORT=\d+ )?(?:curl|npm run) .*)$/.exec(line)?.[1] ?? []);
}

/** The steps to an API of one's own are followed in own-api.document.ts. */
function isRunHere({ heading }: Block): boolean {
  return heading !== 'Make it your own';
}

/** Whether something of a block is run here. */
function isRun(block: Block): boolean {
  return (
    ['console', 'ts'].includes(block.language) ||
    commandLines(block).some((command) => command.startsWith('npm run '))
  );
}

/** The commands of a block that shows no output. */
function commandLines({ language, text }: Block): readonly string[] {
  return language === 'bash' ? text.trim().split('\n') : [];
}

/** Lays out a user's project, with the package as `npm run package` made it, and runs or starts this code. */
async function runUserCode(code: string, shell: Shell): Promise<void> {
  const isServer = code.includes('.listen(');
  const project = join(copy.folder, 'project');
  const installed = join(project, 'node_modules/graphql-resource-server');
  await mkdir(installed, { recursive: true });
  const archive = join(copy.folder, 'dist/graphql-resource-server.tgz');
  await run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1']);
  const files = {
    'package.json': JSON.stringify({ type: 'module' }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'NodeNext',
        target: 'ES2023',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        types: ['node'],
      },
    }),
    [isServer ? 'server.ts' : 'example.ts']: copy.toLocalPorts(code),
    // Were the package's types lost, this would be well-typed too, and tsc would say so.
    'types.ts': `import type { Viewer } from 'graphql-resource-server';
// @ts-expect-error There are two kinds of viewer.
export const viewer: Viewer = { kind: 'neither' };
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);

  const port = Number(copy.toLocalPorts('5000'));
  const file = isServer ? 'server.ts' : 'example.ts';
  const [checked, ran] = await Promise.all([
    shell.run('node_modules/.bin/tsc -p project'),
    isServer
      ? copy.start(`cd project && exec ../node_modules/.bin/tsx ${file}`, () => isListening(port))
      : run(join(copy.folder, 'node_modules/.bin/tsx'), [file], { cwd: project }),
  ]);
  expect(checked).toEqual({ text: '', code: 0 });
  if (typeof ran === 'object') expect(ran).toEqual({ stdout: '', stderr: '' });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
