import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The server as a process of its own, from its sources. */
export interface ServerProcess {
  readonly output: { readonly text: string; readonly errors: string };
  /** Resolves when the output holds the text; rejects when the process ends before. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

const ownMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const loader = createRequire(import.meta.url).resolve('tsx');

/** Starts main.ts, or that of a copy, with nothing in its environment but what is given. */
export function startProcess(
  folder: string,
  environment: Readonly<Record<string, string>>,
  main: string = ownMain,
): ServerProcess {
  const child = spawn(process.execPath, ['--import', loader, main], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '', errors: '' };
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (data) => {
    output.text += data;
    heard();
  });
  child.stderr.on('data', (data) => {
    output.errors += data;
    heard();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
      heard();
    });
  });
  return {
    output,
    ended,
    signal: (name) => void child.kill(name),
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.text.includes(text)) resolve();
          else if (child.exitCode !== null) reject(new Error(`It ended: ${output.errors}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
  };
}
