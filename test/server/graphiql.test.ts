import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphiqlListener } from '../../src/server/graphiql/listener.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const browser = ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'];

let server: TestServer;
let hidden: TestServer;
beforeAll(async () => {
  server = await startTestServer({ GRAPHIQL_CLIENT_ID: 'page-client', DPOP: 'required' });
  hidden = await startTestServer({ GRAPHIQL: 'off' }, server.issuer);
});
afterAll(() => Promise.all([server.stop(), hidden.stop()]));

async function portOf(listening: Server): Promise<number> {
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (typeof address !== 'object' || address === null) throw new Error('No address.');
  return address.port;
}

describe('GraphiQL', () => {
  it('consists of our own files only, with nothing of the request', async () => {
    const page = await send(`${server.endpoint}?query=%3C/script%3E%3Cscript%3Ealert(1)`, {
      headers: [...browser, 'X-Any', 'alert(1)', 'Host', 'evil.test'],
    });
    expect(page.text).not.toMatch(/alert|evil/);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts.filter((part) => part !== 'data:,' && !part.startsWith('graphiql/'))).toEqual([]);
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
    for (const part of parts.filter((one) => one !== 'data:,')) {
      expect((await send(`${server.origin}/${part}`)).status).toBe(200);
    }
  });

  it.each([
    ['the page', '/graphql'],
    ['the page after a sign-in', '/graphiql/callback'],
    ['a script', '/graphiql/main.js'],
  ])('has a content security policy: %s', async (_, path) => {
    const { headers } = await send(`${server.origin}${path}`, { headers: browser });
    expect(headers['content-security-policy']).toBe(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        `connect-src 'self' ${new URL(server.issuer.issuer).origin}`,
        'worker-src blob:',
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('gives its scripts the settings of sign-in only', async () => {
    const { text } = await send(`${server.origin}/graphiql/settings.js`);
    expect(JSON.parse(text.replace('export default ', '').replace(/;\n$/, ''))).toEqual({
      issuer: server.issuer.issuer,
      metadataUrl: null,
      clientId: 'page-client',
      audience: server.issuer.audience,
      identityScopes: ['openid', 'profile', 'email'],
      scopes: ['admin:write', 'read:messages'],
      endpoint: server.endpoint,
      dpop: 'required',
    });
  });

  it('revalidates cached files', async () => {
    const script = `${server.origin}/graphiql/graphiql.js`;
    const { headers } = await send(script);
    const again = await send(script, { headers: ['If-None-Match', headers['etag'] ?? ''] });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('is loaded again after a failure', async () => {
    const errors: unknown[] = [];
    const broken = new Error('no such file');
    const listener = createGraphiqlListener(
      {
        issuer: server.issuer.issuer,
        metadataUrl: null,
        clientId: null,
        audience: server.issuer.audience,
        identityScopes: [],
        scopes: [],
        endpoint: server.endpoint,
        dpop: 'off',
      },
      () => {
        if (errors.length === 0) throw broken;
        return [];
      },
      (error) => errors.push(error),
    );
    const own = createServer((request, response) => {
      listener(request, response, request.url ?? '');
    });
    const script = `http://127.0.0.1:${await portOf(own)}/graphiql/main.js`;
    const first = await send(script);
    expect([first.status, errors]).toEqual([500, [broken]]);
    expect((await send(script)).status).toBe(200);
    own.close();
  });

  it.each([
    ['a program', '/graphql?query={public{message}}', ['Accept', 'application/json'], 200],
    ['a file that does not exist', '/graphiql/secret.js', browser, 404],
    ['a file outside its folder', '/graphiql/../package.json', browser, 404],
  ])('does not serve %s', async (_, target, headers, status) => {
    const response = await send(server.origin, { target, headers });
    expect(response.status).toBe(status);
    expect(response.headers['content-security-policy'] ?? '').not.toContain('script-src');
  });

  it.each(['/graphql', '/graphiql/main.js', '/graphiql/callback'])(
    'is not served when it is off: %s',
    async (path) => {
      const response = await send(`${hidden.origin}${path}`, { headers: browser });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.text).not.toContain('/graphiql/');
    },
  );
});
