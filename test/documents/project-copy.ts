import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copyProject } from '../support/copy-project.ts';
import { freePorts } from '../support/free-ports.ts';

/** A copy of the project in its own folder, with its own ports. */
export interface ProjectCopy {
  readonly folder: string;
  /** The complete environment of every process that runs in the copy. */
  readonly variables: Readonly<Record<string, string>>;
  /** Replaces the ports that the documents name with those of this copy. */
  toLocalPorts(text: string): string;
  /** The reverse of `toLocalPorts`. */
  toDocumentedPorts(text: string): string;
  /** Starts a command that keeps running, waits until it is ready, and returns what it printed. */
  start(command: string, isReady: (printed: string) => boolean | Promise<boolean>): Promise<string>;
  /** Interrupts everything that was started, as Ctrl+C does, and removes the folder. */
  close(): Promise<void>;
}

export async function createProjectCopy(): Promise<ProjectCopy> {
  const folder = await copyProject();
  await addMessages(folder);
  const [api, issuer, other] = await freePorts();
  const ports = [
    [4000, api],
    [4001, issuer],
    [5000, other],
  ] as const;
  // Without the user's own configuration, and without npm's.
  const variables = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    PORT: String(api),
    // In a new home directory, npm looks for a newer version of itself.
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };
  const running: ChildProcess[] = [];

  return {
    folder,
    variables,
    toLocalPorts: (text) =>
      ports.reduce((all, [documented, local]) => replacePort(all, documented, local), text),
    toDocumentedPorts: (text) =>
      ports.reduce((all, [documented, local]) => replacePort(all, local, documented), text),
    async start(command, isReady) {
      const child = spawn('bash', ['-c', command], { cwd: folder, env: variables, detached: true });
      running.push(child);
      let printed = '';
      for (const output of [child.stdout, child.stderr]) {
        output.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
        });
      }
      while (!(await isReady(printed))) {
        if (child.exitCode !== null) throw new Error(`${command} ended:\n${printed}`);
        await pause(50);
      }
      return printed;
    },
    async close() {
      await Promise.all(running.map(interrupt));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Adds the resource of docs/messages.md to the API of the copy: the documents show the whole API. */
async function addMessages(folder: string): Promise<void> {
  const source = fileURLToPath(new URL('../../src/api/messages', import.meta.url));
  await cp(source, join(folder, 'src/api/messages'), { recursive: true });
  await appendFile(
    join(folder, 'src/api/index.ts'),
    "import { messages } from './messages/index.ts';\n\nexport const modules = [messages];\n",
  );
  // The rules that reviewers of the documents' API keep, with those of the module.
  const main = join(folder, 'src/cli/main.ts');
  const { stdout } = await promisify(execFile)('npx', ['tsx', main, 'access', '--json'], {
    cwd: folder,
    maxBuffer: 4_000_000,
  });
  await writeFile(join(folder, 'access.json'), stdout);
}

function replacePort(text: string, from: number, to: number): string {
  return text.replace(new RegExp(`\\b${from}\\b`, 'g'), String(to));
}

async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, 'SIGINT');
  await closed;
}
