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

/** What becomes of what the process says. */
export interface ProcessOptions {
  /**
   * Where standard output goes: to the test (default), to a reader that reads nothing, or to a
   * file, by its descriptor.
   */
  readonly output?: 'read' | 'unread' | number;
  /** What is run. Default: the sources. */
  readonly main?: string;
}

const ownMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const loader = createRequire(import.meta.url).resolve('tsx');

/** Starts main.ts, or that of a copy, with nothing in its environment but what is given. */
export function startProcess(
  folder: string,
  environment: Readonly<Record<string, string>>,
  { output: target = 'read', main = ownMain }: ProcessOptions = {},
): ServerProcess {
  const child = spawn(
    process.execPath,
    main.endsWith('.ts') ? ['--import', loader, main] : [main],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', typeof target === 'number' ? target : 'pipe', 'pipe'],
    },
  );
  const output = { text: '', errors: '' };
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  if (target === 'read') {
    child.stdout?.on('data', (data) => {
      output.text += data;
      heard();
    });
  }
  child.stderr?.on('data', (data) => {
    output.errors += data;
    heard();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once(target === 'unread' ? 'exit' : 'close', (code) => {
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
