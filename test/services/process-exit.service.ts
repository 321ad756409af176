import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
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

it('does not keep a process alive that has nothing left to do', async () => {
  const module = new URL('../../src/authentication/authenticator.ts', import.meta.url);
  const script = `
    const { createAuthenticator } = await import(${JSON.stringify(module.href)});
    const authenticator = createAuthenticator({ issuer: ${JSON.stringify(origin)}, audience: 'a' });
    await authenticator.warmUp();
    process.stdout.write(String(authenticator.ready()));
  `;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
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
