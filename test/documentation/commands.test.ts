import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsOf, unwrapped, withoutVolatile } from './console-block.ts';
import { blocksOf, readDocument } from './markdown.ts';
import { openShell, type Shell } from './shell.ts';
import { createStage, type Stage } from './stage.ts';

const blocks = blocksOf(readDocument('README.md'));
const run = promisify(execFile);

let stage: Stage;
let shell: Shell;
let banner: string;

beforeAll(async () => {
  stage = await createStage();
  banner = await stage.start('npm start', (printed) => printed.includes('in a browser'));
  shell = openShell(stage.folder, stage.variables);
}, 60_000);
afterAll(async () => {
  await shell?.close();
  await stage?.close();
});

test('npm start prints what the README shows', () => {
  const shown = blocks.find(({ language }) => language === 'text')?.text ?? '';

  const printed = stage.fromStage(banner).replace(/^> .*$/gm, '');

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

test('every command that is not run here is one that cannot be', () => {
  const commands = blocks
    .filter(({ language }) => language === 'bash')
    .flatMap(({ text }) => text.trim().split('\n'));

  expect(commands.filter((command) => !/^npm (ci|install) /.test(command))).toEqual([]);
});

test('the block of GraphiQL is what its header editor takes', () => {
  const header = blocks.find(({ heading }) => heading === 'In GraphiQL')?.text ?? '';

  expect(JSON.parse(header)).toEqual({ Authorization: 'Bearer TOKEN' });
});

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

  const checked = await shell.run('npx tsc -p project');
  expect(checked).toEqual({ text: '', code: 0 });

  const port = Number(stage.toStage('5000'));
  await stage.start('cd project && exec npx tsx server.ts', () => isListening(port));
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
