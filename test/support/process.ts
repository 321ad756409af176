import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The server in its own process. */
export interface ServerProcess {
  readonly output: { readonly text: string; readonly errors: string };
  /** Resolves once the output contains the text; rejects if the process ends first. */
  waitForOutput(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Resolves to the exit code. */
  readonly ended: Promise<number | null>;
}

/** Options for `startProcess`. */
export interface ProcessOptions {
  /** Where standard output goes: to the test (default), to a pipe that is not read, or to a file. */
  readonly output?: 'read' | 'unread' | number;
  /** The entry point. Default: `src/main.ts` of this project. */
  readonly main?: string;
  /** The program and its arguments, to run something other than the entry point. */
  readonly command?: readonly [string, ...string[]];
}

const ownMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const loader = createRequire(import.meta.url).resolve('tsx');

function runWithNode(main: string): readonly [string, ...string[]] {
  return [process.execPath, ...(main.endsWith('.ts') ? ['--import', loader] : []), main];
}

/** Starts `main.ts` with only the given environment variables. */
export function startProcess(
  folder: string,
  environment: Readonly<Record<string, string>>,
  { output: target = 'read', main = ownMain, command = runWithNode(main) }: ProcessOptions = {},
): ServerProcess {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', typeof target === 'number' ? target : 'pipe', 'pipe'],
  });
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
    waitForOutput: (text) =>
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
