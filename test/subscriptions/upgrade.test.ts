import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SubscriptionApi, startApi } from './start-api.ts';

let api: SubscriptionApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

/** Writes to the port, in as many parts as there are, and gives what comes until it ends. */
async function talk(...parts: readonly string[]): Promise<string> {
  const { port } = new URL(api.origin);
  const socket = connect(Number(port), '127.0.0.1');
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('end', resolve);
    socket.on('error', reject);
  });
  for (const part of parts) await new Promise((resolve) => socket.write(part, resolve));
  await ended;
  return text;
}

const head = (line: string, ...headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
const body = '{"query":"{ public { message } }"}';
const post = (connection: string, ...more: readonly string[]): string =>
  head(
    'POST /graphql',
    `Connection: ${connection}`,
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${body.length}`,
    ...more,
  );
const data = '{"data":{"public":{"message":"Hello from a public field: no access token needed."}}}';
const h2c = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];

describe('an upgrade to anything but a WebSocket is ignored', () => {
  it.each([
    ['h2c, as HttpClient of Java offers it', post('Upgrade, HTTP2-Settings, close', ...h2c)],
    ['TLS', post('close, upgrade', 'Upgrade: TLS/1.0')],
    ['a WebSocket by POST', post('Upgrade, close', 'Upgrade: websocket')],
    ['one of several', post('Upgrade, close', 'Upgrade: h2c, websocket')],
    ['nothing that is named', post('Upgrade, close', 'Upgrade: ')],
  ])('with %s', async (_case, request) => {
    const text = await talk(request, body);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain(data);
    expect(text).not.toMatch(/^(?:upgrade|HTTP2)/im);
  });

  it('with a body in the same packet, and one in pieces', async () => {
    expect(await talk(`${post('Upgrade, close', ...h2c)}${body}`)).toContain(data);
    expect(await talk(post('Upgrade, close', ...h2c), body.slice(0, 9), body.slice(9))).toContain(
      data,
    );
  });

  it('and the connection serves on, whatever it offers again', async () => {
    const offer = post('Upgrade, HTTP2-Settings', ...h2c);
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    let text = '';
    let heard = (): void => {};
    socket.on('data', (chunk) => {
      text += chunk;
      heard();
    });
    for (let count = 1; count <= 15; count += 1) {
      const answered = new Promise<void>((resolve) => {
        heard = () => void (text.split(data).length > count && resolve());
      });
      socket.write(`${offer}${body}`);
      await answered;
    }
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(15);
    socket.destroy();
  });

  it('and two Authorization headers are still seen', async () => {
    const text = await talk(
      post('Upgrade, close', ...h2c, 'Authorization: Bearer a', 'Authorization: Bearer b'),
      body,
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('authorization_repeated');
  });

  it.each([
    ['/livez', 'HTTP/1.1 200 OK'],
    ['/nothing', 'HTTP/1.1 404 Not Found'],
  ])('with a WebSocket at %s', async (path, status) => {
    const text = await talk(
      head(`GET ${path}`, 'Connection: Upgrade, close', 'Upgrade: websocket'),
    );
    expect(text.split('\r\n')[0]).toBe(status);
  });
});

describe('a WebSocket handshake behind another request of its connection', () => {
  /** Without a protocol, so that the server closes the WebSocket at once. */
  const handshake = head(
    'GET /graphql',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  );
  const pending = head('GET /graphql?query={hold}', 'Accept: application/json');

  it.each([
    ['in the same packet', [`${pending}${handshake}`]],
    ['in another packet', [pending, handshake]],
  ])('does not overtake its response, but closes the connection: %s', async (_case, parts) => {
    expect(await talk(...parts)).toBe('');
  });

  it('is accepted after the response', async () => {
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write(`${post('keep-alive')}${body}`);
    await expect.poll(() => text).toContain(data);
    socket.write(handshake);
    await expect.poll(() => text).toContain('HTTP/1.1 101 Switching Protocols\r\n');
    socket.destroy();
  });
});

it('a WebSocket handshake that is none is refused', async () => {
  const text = await talk(
    head('GET /graphql', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'),
  );
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

it('a page that may not connect is told so', async () => {
  const other = ['Connection: Upgrade', 'Upgrade: websocket', 'Origin: https://evil.example.com'];
  const text = await talk(head('GET /graphql', ...other));
  expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(text).toContain('Cache-Control: no-store\r\n');
  expect(text).toMatch(/\r\n\r\nOrigin not allowed\.\n$/);
});
