import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** The result of a script. */
export interface ScriptOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of `src/cli` as npm does, in a folder without our `.env`, with no other environment
 * variables than these.
 */
export async function runScript(
  name: 'token' | 'query',
  options: {
    readonly folder: string;
    /** The folder of the project. Default: this one. */
    readonly project?: string;
    readonly variables?: Readonly<Record<string, string>>;
    readonly arguments?: readonly string[];
  },
): Promise<ScriptOutcome> {
  const { project = '.' } = options;
  const tsx = resolve(project, 'node_modules/.bin/tsx');
  const script = resolve(project, 'src/cli/main.ts');
  const child = spawn(tsx, [script, name, ...(options.arguments ?? [])], {
    cwd: options.folder,
    env: { PATH: process.env['PATH'], ...options.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((settle) => child.on('close', settle));
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ]);
  return { code, stdout, stderr };
}
