import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, median } from './figure.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const rounds = 5;

/** From the start of the process to its first answer, and what it then keeps in memory. */
export async function measureStart(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'measure-'));
  const withIssuer = [];
  const without = [];
  // The first start makes the local issuer's keys; the others find them.
  await startOnce(folder, {});
  for (let round = 0; round < rounds; round += 1) {
    withIssuer.push(await startOnce(folder, {}));
    const remote = { OIDC_ISSUER: 'http://127.0.0.1:9/', OIDC_AUDIENCE: 'https://api' };
    without.push(await startOnce(folder, remote));
  }
  await rm(folder, { recursive: true });
  return [
    {
      name: 'start to first answer, with the local issuer',
      value: median(withIssuer.map((one) => one.milliseconds)),
      unit: 'ms',
      limit: 1500,
    },
    {
      name: 'start to first answer, without',
      value: median(without.map((one) => one.milliseconds)),
      unit: 'ms',
      limit: 800,
    },
    {
      name: 'resident after start, with the local issuer',
      value: median(withIssuer.map((one) => one.megabytes)),
      unit: 'MB',
      limit: 120,
    },
    {
      name: 'resident after start, without',
      value: median(without.map((one) => one.megabytes)),
      unit: 'MB',
      limit: 120,
    },
  ];
}

async function startOnce(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ milliseconds: number; megabytes: number }> {
  const port = await freePort();
  const begin = performance.now();
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: String(port), LOG_LEVEL: 'silent', ...environment },
    stdio: 'ignore',
  });
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error('The server ended instead of starting.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const milliseconds = performance.now() - begin;
    return { milliseconds, megabytes: await residentMegabytes(child.pid) };
  } finally {
    child.kill();
    await new Promise((resolve) => child.once('close', resolve));
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/graphql?query={public{message}}`);
    return (await response.text()).includes('"data"');
  } catch {
    return false;
  }
}

/** From /proc, which Linux has. */
export async function residentMegabytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
