import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleOperations } from '../../src/api/sample-operations.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { sampleTabs } from '../../src/server/sample-tabs.ts';
import { createSchema } from '../../src/server/schema.ts';
import { commandsOf, unwrapped, withoutVolatile } from './console-block.ts';
import { blocksOf, readDocument, sectionOf } from './markdown.ts';
import { openShell, type Printed, type Shell } from './shell.ts';
import { createStage, type Stage } from './stage.ts';

const blocks = blocksOf(readDocument('README.md'));
const run = promisify(execFile);

let stage: Stage;
let shell: Shell;
let second: Shell;
let banner: string;
/** What the lines of the banner print; they run beside the tests, as each takes a second. */
let pasted: Promise<Printed>;

beforeAll(async () => {
  stage = await createStage();
  banner = await stage.start('npm start', (printed) => printed.includes('in a browser'));
  shell = openShell(stage.folder, stage.variables);
  second = openShell(stage.folder, stage.variables);
  pasted = second.run(linesForPasting(banner).join('\n'));
}, 60_000);
afterAll(async () => {
  await Promise.all([shell?.close(), second?.close()]);
  await stage?.close();
});

test('npm start prints what the README shows', () => {
  const shown = blocks.find(({ language }) => language === 'text')?.text ?? '';

  const printed = stage
    .fromStage(banner)
    .replace(/^> .*$/gm, '')
    .replaceAll('PORT=4000 ', '');

  expect(printed.trim()).toBe(shown.trim());
});

// In the order of the document, each with what came before it.
describe.sequential('the README, from top to bottom', () => {
  for (const block of blocks) {
    if (block.language === 'console') {
      test.each(commandsOf(block.text))(`${block.heading}: $command`, async (documented) => {
        const { text } = await shell.run(stage.toStage(documented.command));

        expect(unwrapped(withoutVolatile(stage.fromStage(text)))).toBe(
          unwrapped(withoutVolatile(documented.output)),
        );
      });
    }
    if (block.language === 'ts') {
      test(`${block.heading}: the code is well-typed against the package, and runs`, async () => {
        await startUserServer(block.text);
      });
    }
  }
});

test('each line that npm start prints for pasting works', async () => {
  const { text } = await pasted;

  expect(linesForPasting(banner)).toHaveLength(5);
  expect(text.match(/"message":/g)).toHaveLength(4);
  expect(text).not.toContain('errors');
  expect(withoutVolatile(text)).toContain('TOKEN');
});

test('every command that is not run here is one that cannot be', () => {
  const commands = blocks
    .filter(({ language }) => language === 'bash')
    .flatMap(({ text }) => text.trim().split('\n'));

  expect(
    commands.filter((command) => !/^npm (ci|install) |^NODE_ENV=production /.test(command)),
  ).toEqual([]);
});

test('production starts as the README says, but for the network', () => {
  const command = blocks
    .find(({ heading }) => heading === 'Production')
    ?.text.trim()
    .split('\n')
    .at(-1);
  const [entry, node, ...variables] = command?.split(' ').reverse() ?? [];

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

test('GraphiQL has the tabs that the README names', () => {
  const tabs = sampleTabs(createSchema(readDocument('schema.graphql')), sampleOperations, []);
  const names = tabs.map((text) => /^(?:query|subscription) (\w+)/m.exec(text)?.[1]);

  expect(sectionOf(readDocument('README.md'), 'In GraphiQL').replaceAll('\n', ' ')).toContain(
    names.join(', ').replace(/, (\w+)$/, ' and $1'),
  );
});

/** Every second line of the banner. */
function linesForPasting(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => /^ +((?:PORT=\d+ )?(?:curl|npm run) .*)$/.exec(line)?.[1] ?? []);
}

/** Lays out a user's project, with the package as `npm pack` made it, and starts its server. */
async function startUserServer(code: string): Promise<void> {
  const project = join(stage.folder, 'project');
  const installed = join(project, 'node_modules/graphql-resource-server');
  await mkdir(installed, { recursive: true });
  const [archive = ''] = (await readdir(stage.folder)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', join(stage.folder, archive), '-C', installed, '--strip-components=1']);
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
    'server.ts': stage.toStage(code),
    // Were the package's types lost, this would be well-typed too, and tsc would say so.
    'types.ts': `import type { Viewer } from 'graphql-resource-server';
// @ts-expect-error There are two kinds of viewer.
export const viewer: Viewer = { kind: 'neither' };
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);

  const port = Number(stage.toStage('5000'));
  const [checked] = await Promise.all([
    shell.run('node_modules/.bin/tsc -p project'),
    stage.start('cd project && exec ../node_modules/.bin/tsx server.ts', () => isListening(port)),
  ]);
  expect(checked).toEqual({ text: '', code: 0 });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
