import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Libsql from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestKey } from '../support/tokens.ts';

const keys = { keys: [createTestKey().jwk] };
let origin = '';

const server = createServer((request, response) => {
  const isDiscovery = request.url?.endsWith('openid-configuration');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(isDiscovery ? { issuer: origin, jwks_uri: `${origin}/keys` } : keys));
});
server.keepAliveTimeout = 60_000;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address !== null) origin = `http://127.0.0.1:${address.port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const startScript = (script: string) =>
  spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

it('does not keep a process alive that has nothing left to do', async () => {
  const module = new URL('../../src/authentication/authenticator.ts', import.meta.url);
  const script = `
    const { createAuthenticator } = await import(${JSON.stringify(module.href)});
    const authenticator = createAuthenticator({ issuer: ${JSON.stringify(origin)}, audience: 'a' });
    await authenticator.warmUp();
    process.stdout.write(String(authenticator.ready()));
  `;
  const child = startScript(script);
  let output = '';
  let finishedAt = Number.NaN;
  child.stdout.on('data', (chunk) => {
    output += chunk;
    finishedAt = performance.now();
  });
  const [code] = await once(child, 'close');
  expect([code, output]).toEqual([0, 'true']);
  // A timeout of 5 s or a connection kept open would show.
  expect(performance.now() - finishedAt).toBeLessThan(3000);
});

it('keeps a process alive that waits to migrate SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'process-exit-'));
  const path = join(folder, 'api.sqlite');
  const other = new Libsql(path);
  other.pragma('journal_mode = WAL');
  other.exec('create table other (id); begin immediate');
  const module = new URL('../../src/database/database.ts', import.meta.url);
  const child = startScript(`
    const { openDatabase } = await import(${JSON.stringify(module.href)});
    const migrations = { '2026-01-01-notes': async () => {} };
    const database = openDatabase({ url: ${JSON.stringify(`file:${path}`)}, migrations });
    process.stdout.write('waiting ');
    process.stdout.write(String(await database.migrate()));
  `);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child.stdout, 'data');
  // After some attempts.
  await pause(300);
  other.exec('rollback');
  const [code] = await once(child, 'close');
  other.close();
  await rm(folder, { recursive: true });

  expect([code, output]).toEqual([0, 'waiting 2026-01-01-notes']);
});
