import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../support/free-ports.ts';

/** A PostgreSQL server of our own. */
export interface PostgresProcess {
  readonly port: number;
  /** The URL of a database, for its owner by default, which is not a superuser. */
  url(database: string, role?: string): string;
  /** Creates an empty database, and returns the URL for its owner, `api`. */
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser, in a database of `createDatabase`. */
  run(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Starts it again, with the same data. */
  start(): Promise<void>;
  /** Ends every connection at once, as a crash does. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const superuser = 'postgres';
const owner = 'api';

/** Faster, and still nothing is lost unless the whole machine crashes. */
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
  'max_connections=100',
].flatMap((setting) => ['-c', setting]);

/**
 * Starts PostgreSQL on a free port. It refuses to run as root, so it is then started as the user `postgres`.
 *
 * @throws {Error} That says what to install, if there is none.
 */
export async function startPostgres(): Promise<PostgresProcess> {
  const bin = findPrograms();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  const user = unprivilegedUser();
  if (user) await chown(folder, user.uid, user.gid);
  const options: SpawnOptions = { ...user, cwd: folder, stdio: 'ignore' };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', join(folder, 'data'), '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    { ...user, cwd: folder, stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } },
  );
  let child: ChildProcess | undefined;
  let count = 0;

  const url = (database: string, role = owner): string =>
    `postgres://${role}@127.0.0.1:${port}/${database}`;
  const run: PostgresProcess['run'] = async (target, sql) => {
    const client = new pg.Client({
      connectionString: url(new URL(target).pathname.slice(1), superuser),
    });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const self: PostgresProcess = {
    port,
    url,
    run,
    async createDatabase() {
      count += 1;
      const created = url(`test_${count}`);
      await run(url('postgres'), `create database test_${count} owner ${owner}`);
      return created;
    },
    async start() {
      const words = ['-D', join(folder, 'data'), '-p', String(port), ...settings];
      child = spawn(join(bin, 'postgres'), words, options);
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`PostgreSQL ended with code ${code}.`);
      });
      // Only of interest until it responds.
      ended.catch(() => {});
      await Promise.race([untilItResponds(() => run(url('postgres'), 'select 1')), ended]);
    },
    async kill() {
      const running = child;
      child = undefined;
      if (running === undefined) return;
      const ended = once(running, 'exit');
      running.kill('SIGQUIT');
      await ended;
    },
    async close() {
      await self.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await self.start();
  await run(url('postgres'), `create role ${owner} login`);
  return self;
}

/** Debian keeps the programs of each version in a folder outside PATH. */
function findPrograms(): string {
  const versions = '/usr/lib/postgresql';
  try {
    const [newest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    if (newest !== undefined) return join(versions, newest, 'bin');
  } catch {
    // Not Debian.
  }
  try {
    return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
  } catch (cause) {
    throw new Error(
      'These tests need PostgreSQL, and it is not installed. On Debian and Ubuntu: apt-get install postgresql. With Homebrew: brew install postgresql.',
      { cause },
    );
  }
}

function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string): number =>
    Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function untilItResponds(attempt: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await attempt();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
