import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/free-ports.ts';

const run = promisify(execFile);

/** The folders of the example front ends. */
export const apps = ['apollo-react', 'urql-react'] as const;
export type App = (typeof apps)[number];

export type AppSettings = Readonly<Record<`VITE_${string}`, string>>;

export interface ServedApp {
  /** `http://localhost:PORT` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Builds an app with these settings, and serves the result. */
export async function serveApp(app: App, settings: AppSettings): Promise<ServedApp> {
  const { cwd, vite, env } = viteOf(app, settings);
  const folder = await mkdtemp(join(tmpdir(), `${app}-`));
  await run(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', folder], {
    cwd,
    env,
  });
  const { origin, close } = await serveFolder(folder);
  return {
    origin,
    async close() {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts Vite's development server, as `npm start` of an app does. */
export async function startDevelopmentServer(app: App, settings: AppSettings): Promise<ServedApp> {
  const { cwd, vite, env } = viteOf(app, settings);
  const port = await freePort();
  const server = spawn(process.execPath, [vite, '--port', String(port), '--strictPort'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Its first line is printed when it listens.
  await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
  return {
    origin: `http://localhost:${port}`,
    async close() {
      if (server.exitCode !== null || !server.kill()) return;
      await once(server, 'exit');
    },
  };
}

function viteOf(app: App, settings: AppSettings) {
  const cwd = fileURLToPath(new URL(`../../examples/${app}`, import.meta.url));
  const vite = join(cwd, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) {
    throw new Error(
      `The packages of ${app} are not installed. Run npm ci --prefix examples/${app}`,
    );
  }
  return { cwd, vite, env: { PATH: process.env['PATH'], ...settings } };
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

async function serveFolder(folder: string): Promise<ServedApp> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname === '/' ? '/index.html' : pathname;
    try {
      const content = await readFile(join(folder, name));
      response.writeHead(200, { 'content-type': types[extname(name)] ?? 'text/plain' });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
