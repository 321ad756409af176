import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { calculateThumbprint, generateKeyPair } from 'dpop';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settings } from '../../src/server/configuration/settings.ts';
import { incrementalDirectives } from '../../src/server/use-incremental-delivery.ts';
import {
  blocksOf,
  plain,
  proseOf,
  readDocument,
  root,
  sectionOf,
  tableRows,
} from '../documentation/markdown.ts';
import { connectAs, connectRaw, subscribeTo } from '../subscriptions/raw-socket.ts';
import { type SubscriptionApi, startApi } from '../subscriptions/start-api.ts';
import { fixtureTypeDefs } from '../support/fixture-api.ts';
import { freePort } from '../support/free-ports.ts';

const document = readDocument('docs/subscriptions.md');
const block = (heading: string, language: string): string => {
  const found = blocksOf(document).find(
    (one) => one.heading === heading && one.language === language,
  );
  if (!found) throw new Error(`There is no ${language} under ${heading}.`);
  return found.text;
};

let api: SubscriptionApi;
let folder: string;
beforeAll(async () => {
  api = await startApi();
  folder = await mkdtemp(join(tmpdir(), 'subscriptions-'));
  await symlink(fileURLToPath(new URL('node_modules', root)), join(folder, 'node_modules'));
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true });
});

const here = (text: string): string => text.replaceAll('localhost:4000', new URL(api.origin).host);
const write = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

/** A program, and what it prints line by line. */
function run(command: string, parameters: readonly string[], variables: object = {}) {
  const child = spawn(command, parameters, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async (): Promise<string | undefined> => {
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
    stop: () => child.kill(),
  };
}

const endingSoon = () => api.issuer.sign({ claims: { exp: api.clock.seconds() + 10 } });

it('shows what curl gets', async () => {
  const curl = run('bash', ['-c', here(block('Over SSE', 'bash'))], { TOKEN: endingSoon() });
  const shown = block('Over SSE', 'text').trimEnd().split('\n');
  for (const line of shown) expect(await curl.line()).toBe(line);
  curl.stop();
});

it.each(['Over SSE', 'Over WebSocket'])(
  'has a client that hears of the end: %s',
  async (heading) => {
    const file = await write(`${heading}.mjs`, here(block(heading, 'js')));
    const client = run(process.execPath, [file], { TOKEN: endingSoon() });
    expect(await client.line()).toBe('seconds left: 10');
    api.clock.advance(10);
    expect(await client.line()).toBe('over: token_expired');
    expect(await client.line()).toBeUndefined();
  },
);

it('has a proof for WebSocket that is accepted', async () => {
  const file = await write('proof.mjs', here(block('DPoP', 'js')));
  const { connectionParams } = await import(/* @vite-ignore */ file);
  const keys = await generateKeyPair('ES256');
  const jkt = await calculateThumbprint(keys.publicKey);
  const now = Math.floor(Date.now() / 1000);
  // The proof has the time of the machine.
  api.clock.advance(now - api.clock.seconds());
  const token = api.issuer.sign({ claims: { cnf: { jkt } } });
  const raw = await connectAs(api.webSocket, await connectionParams({ keys, token }));
  expect(await raw.next()).toEqual({ type: 'connection_ack' });
  raw.socket.terminate();
});

it('shows the last error as it comes', async () => {
  const raw = await connectAs(api.webSocket, { Authorization: `Bearer ${endingSoon()}` });
  await raw.next();
  raw.send(subscribeTo('subscription { clock { time } }'));
  await raw.next();
  api.clock.advance(10);
  expect(await raw.next()).toMatchObject({
    payload: JSON.parse(block('When the token ends', 'json')),
  });
});

it('has a server that runs', async () => {
  const port = await freePort();
  const text = block('In your own server', 'ts')
    .replaceAll('localhost:5000', `localhost:${port}`)
    .replace('listen(5000)', `listen(${port}, () => console.log('listening'))`)
    .replaceAll(
      /'graphql-resource-server(\/[\w-]+)?'/g,
      JSON.stringify(fileURLToPath(new URL('src/index.ts', root))),
    );
  const loader = createRequire(import.meta.url).resolve('tsx');
  const server = run(process.execPath, ['--import', loader, await write('server.mts', text)]);
  expect(await server.line()).toBe('listening');
  const url = `ws://localhost:${port}/graphql`;
  const raw = await connectAs(url, {});
  expect(await raw.next()).toEqual({ type: 'connection_ack' });
  raw.send(subscribeTo('subscription { news { text } }'));
  expect(await raw.next()).toMatchObject({
    type: 'error',
    payload: [{ path: ['news'], extensions: { code: 'UNAUTHENTICATED' } }],
  });
  raw.send(subscribeTo('{ hello }'));
  expect(await raw.next()).toMatchObject({ payload: { data: { hello: 'Hello.' } } });
  raw.socket.terminate();
  const evil = { headers: { origin: 'https://evil.example.com' } };
  await expect(connectRaw(url, evil)).rejects.toThrow('401');
  server.stop();
});

describe('what it says', () => {
  const schema = fixtureTypeDefs;

  it('of the schema is there', () => {
    const [, field = ''] =
      /type Subscription \{\n([\s\S]*?)\n\}/.exec(block('Subscriptions', 'graphql')) ?? [];
    expect(schema).toContain(field);
  });

  it('of @defer is valid', () => {
    const query = block('Late parts of a result', 'graphql');
    expect(validate(buildSchema(schema + incrementalDirectives), parse(query))).toEqual([]);
  });

  it('of settings is there', () => {
    const named = [...proseOf(document).matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=\w+)?`/g)]
      .map(([, name = '']) => name)
      .filter((name) => !['TOO_MANY_STREAMS', 'SERVICE_UNAVAILABLE'].includes(name));
    expect(named.filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
    expect(tableRows(sectionOf(document, 'Limits')).map(([, most]) => plain(most))).toEqual(
      expect.arrayContaining(['MAX_STREAMS', 'MAX_STREAMS_PER_VIEWER']),
    );
  });

  it('of close codes is what is tested', () => {
    const tests =
      readDocument('test/subscriptions/web-socket.test.ts') +
      readDocument('test/attacks/web-sockets.test.ts');
    const codes = tableRows(sectionOf(document, 'Close codes')).map(([code]) => code ?? '');
    // 1001 is tested where the server stops; 4500 is for what nobody expects.
    const others = ['1001', '4500'];
    expect(codes.filter((code) => !tests.includes(code) && !others.includes(code))).toEqual([]);
  });
});
