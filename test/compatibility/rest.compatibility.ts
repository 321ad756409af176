import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type InstalledProject, installProject } from './installed-project.ts';
import servers from './servers/package.json' with { type: 'json' };

/** The routes of docs/rest.md, with the authenticator of a test issuer. */
let project: InstalledProject;
beforeAll(async () => {
  const { express, hono, graphql } = servers.dependencies;
  project = await installProject([`express@${express}`, `hono@${hono}`, `graphql@${graphql}`]);
  for (const name of ['express.js', 'hono.js']) {
    await project.write(name, await readFile(new URL(`rest/${name}`, import.meta.url), 'utf8'));
  }
  await project.write(
    'authenticator.js',
    `import { createAuthenticator } from 'graphql-resource-server';
    import { createTestIssuer } from 'graphql-resource-server/testing';
    export const issuer = createTestIssuer();
    export const authenticator = createAuthenticator(issuer.authenticatorOptions);`,
  );
});
afterAll(() => project?.remove());

const listen = {
  express: `const { app } = await import('./express.js');
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const ask = (headers) => fetch('http://127.0.0.1:' + server.address().port + '/reports', { headers });
    const stop = () => server.close();`,
  hono: `const { app } = await import('./hono.js');
    const ask = (headers) => app.request('http://api.test/reports', { headers });
    const stop = () => {};`,
};

test.each(Object.entries(listen))('%s protects a route', async (_, start) => {
  const { stdout, stderr } = await project.evaluate(`
    import { issuer } from './authenticator.js';
    ${start}
    const reader = await issuer.token({ subject: 'ann', scopes: ['read:reports'] });
    const other = await issuer.token({ subject: 'ann' });
    for (const token of [undefined, 'opaque', other, reader]) {
      const response = await ask(token ? { authorization: 'Bearer ' + token } : {});
      const challenge = response.headers.get('www-authenticate');
      console.log(response.status, response.headers.get('cache-control'),
        /error="(\\w+)"/.exec(challenge)?.[1] ?? challenge, await response.text());
    }
    stop();
  `);
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^401 no-store Bearer realm="graphql" \{"code":"UNAUTHENTICATED"/),
    expect.stringMatching(/^401 no-store invalid_token \{"code":"UNAUTHENTICATED"/),
    expect.stringMatching(/^403 no-store insufficient_scope \{"code":"FORBIDDEN"/),
    '200 no-store null {"reportsOf":"ann"}',
  ]);
});
