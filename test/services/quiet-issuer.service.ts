import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../local-issuer/issuer-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

// In a process of its own, because a test runner has its own console.
test('two issuers at once print nothing and give the console back', async () => {
  const program = `
    const { startLocalIssuer } = await import('./src/local-issuer/local-issuer.ts');
    const { signInAs } = await import('./src/local-issuer/sign-in.ts');
    const { info, warn } = console;
    const start = (name) => startLocalIssuer({
      port: 0, audience: 'https://api.example', environment: undefined,
      scopes: [], users: [{ name: 'manager', scopes: [] }],
      keyFile: ${JSON.stringify(folder)} + '/' + name,
    });
    const issuers = await Promise.all([start('one.json'), start('two.json')]);
    for (const { issuer } of issuers) await signInAs({ issuer, user: 'manager', scope: 'openid' });
    await Promise.all(issuers.map((issuer) => issuer.close()));
    if (console.info !== info || console.warn !== warn) console.log('console is changed');
  `;
  const tsx = join('node_modules', '.bin', 'tsx');
  const child = spawn(tsx, ['--input-type=module', '--eval', program]);

  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);

  expect(output + errors).toBe('');
});
