import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerCommand } from './scenarios.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The CPUs of the server and of the load generator; undefined where they cannot be pinned. */
export const pinnedCpus = findPinnedCpus();

function findPinnedCpus(): { readonly server: number; readonly load: number } | undefined {
  if (availableParallelism() < 2) return undefined;
  const { stdout } = spawnSync('taskset', ['-pc', String(process.pid)], { encoding: 'utf8' });
  const allowed = (/: ([\d,-]+)\s*$/.exec(stdout ?? '')?.[1] ?? '').split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 || 0 }, (_, index) => first + index);
  });
  const [server, load] = [allowed[0], allowed.at(-1)];
  return server === undefined || load === undefined ? undefined : { server, load };
}

/** A command that runs on one CPU, where that is possible. */
export function pinned(
  cpu: 'server' | 'load',
  command: string,
  args: readonly string[],
): [command: string, args: string[]] {
  return pinnedCpus
    ? ['taskset', ['-c', String(pinnedCpus[cpu]), command, ...args]]
    : [command, [...args]];
}

/** A server that runs as a process of its own. */
export interface ServerProcess {
  readonly port: number;
  /** Why it exited, or undefined while it runs. */
  readonly exitReason: string | undefined;
  /** CPU time since its start, in microseconds, with its child processes. */
  cpuMicroseconds(): number;
  /** Resident memory in megabytes, with its child processes. */
  residentMegabytes(): number;
  stop(): Promise<void>;
  /** Ends it without waiting, for when this process exits. */
  kill(): void;
}

/** Starts a server. It may not listen yet. */
export function startServerProcess(
  { command, arguments: args, environment = {} }: ServerCommand,
  options: {
    readonly port: number;
    readonly folder: string;
    readonly environment: Readonly<Record<string, string>>;
  },
): ServerProcess {
  const { port, folder } = options;
  const child = spawn(...pinned('server', command, args), {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: String(port),
      ...options.environment,
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors = `${errors}${data}`.slice(-2_000);
  });
  child.once('error', (error) => {
    errors = error.message;
  });
  const exited = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  return {
    port,
    get exitReason() {
      return isRunning(child) ? undefined : findErrorMessage(errors);
    },
    cpuMicroseconds: () => sumOf(processTree(child), cpuMicrosecondsOf),
    residentMegabytes: () => sumOf(processTree(child), residentMegabytesOf),
    kill: () => void child.kill(),
    async stop() {
      if (isRunning(child)) child.kill();
      const timeout = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(timeout);
    },
  };
}

/** The line that has the message of an uncaught error, or else the last one. */
function findErrorMessage(output: string): string {
  const lines = output.trim().split('\n');
  return lines.find((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1) ?? 'it exited';
}

const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

const sumOf = (processes: readonly number[], measure: (pid: number) => number): number =>
  processes.reduce((total, pid) => total + measure(pid), 0);

const read = (path: string): string => readFileSync(path, 'utf8');

function processTree({ pid }: ChildProcess): number[] {
  if (pid === undefined) return [];
  const childrenOf = (parent: number): number[] =>
    read(`/proc/${parent}/task/${parent}/children`)
      .split(' ')
      .filter((text) => text !== '')
      .map(Number);
  const tree = [pid];
  for (const parent of tree) tree.push(...childrenOf(parent));
  return tree;
}

/** From the scheduler, in nanoseconds: /proc/PID/stat counts in steps of 10 ms. */
const cpuMicrosecondsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1_000)
    .reduce((total, time) => total + time, 0);

const residentMegabytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]) / 1_000;

/**
 * Copies the build into a new folder and makes the schema of the benchmark its own, as users do:
 * `schema.graphql` and `api` are replaced, nothing else.
 */
export async function copyBuild(): Promise<{
  readonly folder: string;
  remove(): void;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  await cp(pathOf('../package.json'), join(folder, 'package.json'));
  await cp(pathOf('../dist'), join(folder, 'dist'), { recursive: true });
  await symlink(pathOf('../node_modules'), join(folder, 'node_modules'));
  await cp(pathOf('servers/schema.graphql'), join(folder, 'schema.graphql'));
  await cp(pathOf('peers/servers/schema.js'), join(folder, 'dist/api/index.js'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
