import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isJsonObject } from '../../src/shared/type-guards.ts';
import { freePort } from '../../test/support/free-ports.ts';
import { send } from '../../test/support/http.ts';

/** What the server process says about itself, since it was last asked. */
interface Vitals {
  /** The longest time in which the event loop did nothing else, in milliseconds. */
  readonly longestStopMs: number;
  /** After a garbage collection. */
  readonly heapMegabytes: number;
  readonly rssMegabytes: number;
}

/** The built server as a process of its own. */
export interface WatchedServer {
  readonly port: number;
  readonly origin: string;
  readonly endpoint: string;
  readVitals(): Promise<Vitals>;
  /** Lines of its log that are errors, and whatever it wrote elsewhere; the last ones. */
  readonly complaints: readonly string[];
  readonly isRunning: boolean;
  /** Resolves to its exit code. */
  stop(): Promise<number | null>;
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const maxComplaints = 50;
const startTimeoutMs = 60_000;

/**
 * Starts the build with a port of its own, and waits until it is ready.
 *
 * @throws {Error} If it exits, or is not ready in a minute
 */
export async function startWatchedServer(
  environment: Readonly<Record<string, string>>,
): Promise<WatchedServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', pathOf('probe.js'), pathOf('../../dist/main.js')],
    {
      // Where there is no .env.
      cwd: tmpdir(),
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        PORT: String(port),
        PUBLIC_URL: origin,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const complaints: string[] = [];
  const complain = (line: string): void => {
    if (complaints.push(line.slice(0, 2_000)) > maxComplaints) complaints.shift();
  };
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (isComplaint(line)) complain(line);
  });
  child.stderr?.setEncoding('utf8').on('data', complain);
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));

  const self: WatchedServer = {
    port,
    origin,
    endpoint: `${origin}/graphql`,
    complaints,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    async readVitals() {
      child.send('read');
      const [message] = await once(child, 'message');
      return message;
    },
    async stop() {
      if (self.isRunning) child.kill('SIGTERM');
      const timeout = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const code = await exited;
      clearTimeout(timeout);
      return code;
    },
  };
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isReady(origin))) {
    if (!self.isRunning) throw new Error(`The server exited: ${complaints.join('\n')}`);
    if (performance.now() > deadline) throw new Error('The server is not ready after a minute.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return self;
}

const isReady = async (origin: string): Promise<boolean> =>
  (await send(`${origin}/readyz`).catch(() => undefined))?.status === 200;

/** Errors, and lines that are not of the log at all. */
function isComplaint(line: string): boolean {
  try {
    const entry: unknown = JSON.parse(line);
    return isJsonObject(entry) && Number(entry['level']) >= 50;
  } catch {
    return line !== '';
  }
}
