import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/http.ts';
import { pageFixture, startTestServer, type TestServer } from '../support/server.ts';

const browser = ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'];

/** A page with compressed files, as `npm run build` leaves it. */
const folder = mkdtempSync(join(tmpdir(), 'page-'));
cpSync(pageFixture, folder, { recursive: true });
const scriptFile = 'graphiql/index-0a1B2c3D.js';
const script = readFileSync(join(folder, scriptFile));
for (const name of ['index.html', scriptFile]) {
  const body = readFileSync(join(folder, name));
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(body));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(body));
}

let server: TestServer;
let hidden: TestServer;
let notBuilt: TestServer;
beforeAll(async () => {
  const settings = { GRAPHIQL_CLIENT_ID: 'page-client', DPOP: 'required' };
  const graphiqlFolder = pathToFileURL(`${folder}/`);
  server = await startTestServer(settings, undefined, undefined, { graphiqlFolder });
  hidden = await startTestServer({ GRAPHIQL: 'off' }, server.issuer);
  notBuilt = await startTestServer({}, server.issuer, undefined, {
    graphiqlFolder: new URL('missing/', graphiqlFolder),
  });
});
afterAll(async () => {
  await Promise.all([server.stop(), hidden.stop(), notBuilt.stop()]);
  rmSync(folder, { recursive: true });
});

describe('GraphiQL', () => {
  it('consists of our own files only, with nothing of the request', async () => {
    const page = await send(`${server.endpoint}?query=%3C/script%3E%3Cscript%3Ealert(1)`, {
      headers: [...browser, 'X-Any', 'alert(1)', 'Host', 'evil.test'],
    });
    expect(page.text).not.toMatch(/alert|evil/);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      expect(part).toMatch(/^(?:\.\/)?graphiql\//);
      expect((await send(`${server.origin}/${part}`)).status).toBe(200);
    }
  });

  it.each([
    ['the page', '/graphql', 'same-origin-allow-popups'],
    ['the page after a sign-in', '/graphiql/callback', undefined],
    ['its settings', '/graphiql/settings.json', undefined],
    ['a script', `/${scriptFile}`, undefined],
  ])('has headers for its security: %s', async (_, path, openerPolicy) => {
    const { headers } = await send(`${server.origin}${path}`, { headers: browser });
    expect(headers['content-security-policy']).toBe(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        `connect-src 'self' ${new URL(server.issuer.issuer).origin}`,
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['cross-origin-opener-policy']).toBe(openerPolicy);
  });

  it('sends nothing to the issuer if no one can sign in', async () => {
    const { headers } = await send(`${notBuilt.origin}/graphiql/settings.json`);
    expect(headers['content-security-policy']).toContain("; connect-src 'self';");
  });

  it('gives its scripts the settings of sign-in, and the operations of the tabs', async () => {
    const { text } = await send(`${server.origin}/graphiql/settings.json`);
    expect(JSON.parse(text)).toEqual({
      issuer: server.issuer.issuer,
      metadataUrl: null,
      clientId: 'page-client',
      audience: server.issuer.audience,
      identityScopes: ['openid', 'profile', 'email'],
      scopes: ['admin:write', 'read:messages'],
      testUsers: [],
      explainsAccess: true,
      endpoint: server.endpoint,
      commandPort: null,
      dpop: 'required',
      tabs: expect.arrayContaining([expect.stringContaining('query Public')]),
    });
  });

  it.each([
    ['the page', '/graphql', 'text/html; charset=utf-8'],
    ['the page after a sign-in', '/graphiql/callback', 'text/html; charset=utf-8'],
    ['its settings', '/graphiql/settings.json', 'application/json; charset=utf-8'],
  ])('is revalidated: %s', async (_, path, type) => {
    const url = `${server.origin}${path}`;
    const { status, headers } = await send(url, { headers: browser });
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      type,
      'no-cache',
    ]);
    const { etag = '' } = headers;
    for (const known of [etag, `"other", W/${etag}`]) {
      const again = await send(url, { headers: [...browser, 'If-None-Match', known] });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
    }
    const changed = await send(url, { headers: [...browser, 'If-None-Match', '"other"'] });
    expect(changed.status).toBe(200);
  });

  it('has files that browsers keep: their names change with their content', async () => {
    const { status, headers } = await send(`${server.origin}/${scriptFile}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  it.each<[accepted: string | undefined, encoding: string | undefined]>([
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.1, gzip', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['deflate', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is compressed for Accept-Encoding %j: %s', async (accepted, encoding) => {
    const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
    const response = await fetchBytes(`${server.origin}/${scriptFile}`, accepted);
    expect(response.headers['content-encoding']).toBe(encoding);
    expect(response.headers['vary']).toContain('Accept-Encoding');
    expect(response.headers['content-length']).toBe(String(response.body.byteLength));
    const decode = encoding === 'br' || encoding === 'gzip' ? decoders[encoding] : Buffer.from;
    expect(decode(response.body)).toEqual(script);
  });

  it('is sent as it is if it was not compressed', async () => {
    const url = `${server.origin}/graphiql/callback`;
    const { headers, body } = await fetchBytes(url, 'gzip, br');
    expect([headers['content-encoding'], body.toString()]).toEqual([
      undefined,
      readFileSync(join(folder, 'callback.html'), 'utf8'),
    ]);
  });

  it('answers HEAD with the headers only', async () => {
    const { status, headers, text } = await send(`${server.origin}/${scriptFile}`, {
      method: 'HEAD',
    });
    expect([status, headers['content-length'], text]).toEqual([200, String(script.byteLength), '']);
  });

  it('says what to do if it was not built, and everything else works', async () => {
    for (const path of ['/graphql', '/graphiql/callback']) {
      const { status, text, headers } = await send(`${notBuilt.origin}${path}`, {
        headers: browser,
      });
      expect([status, text]).toEqual([500, 'GraphiQL is not built. Run npm run build.\n']);
      expect(headers['cache-control']).toBe('no-store');
    }
    expect(notBuilt.logged.join()).toContain('GraphiQL is not built. Run npm run build.');
    const { status } = await send(`${notBuilt.endpoint}?query={public{message}}`);
    expect(status).toBe(200);
  });

  it.each([
    ['a program', '/graphql?query={public{message}}', ['Accept', 'application/json'], 200],
    ['a file that does not exist', '/graphiql/secret.js', browser, 404],
    ['a file whose name is too long', `/graphiql/${'a'.repeat(300)}.js`, browser, 404],
    ['a file outside its folder', '/graphiql/../package.json', browser, 404],
    ['a file outside its folder, encoded', '/graphiql/%2e%2e/index.html', browser, 404],
    ['the page under another name', '/graphiql/index.html', browser, 404],
    ['a compressed file under its own name', `/${scriptFile}.br`, browser, 404],
  ])('does not serve %s', async (_, target, headers, status) => {
    const response = await send(server.origin, { target, headers });
    expect(response.status).toBe(status);
    expect(response.headers['content-security-policy'] ?? '').not.toContain('script-src');
  });

  it.each(['/graphql', `/${scriptFile}`, '/graphiql/callback'])(
    'is not served when it is off: %s',
    async (path) => {
      const response = await send(`${hidden.origin}${path}`, { headers: browser });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.text).not.toContain('/graphiql/');
    },
  );
});

/** Sends a request without decoding the response. */
function fetchBytes(
  url: string,
  acceptEncoding: string | undefined,
): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: Buffer }> {
  const headers = acceptEncoding === undefined ? {} : { 'Accept-Encoding': acceptEncoding };
  return new Promise((resolve, reject) => {
    get(url, { headers }, async (response) => {
      resolve({ headers: response.headers, body: await buffer(response) });
    }).on('error', reject);
  });
}
