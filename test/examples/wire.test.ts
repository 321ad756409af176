import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gql } from '@apollo/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, apps } from './serve-app.ts';

/** What both clients have in common. */
interface AnyClient {
  query(...parameters: unknown[]): PromiseLike<unknown>;
}

let folder: string;
let endpoint: string;
const received: { readonly request: IncomingMessage; readonly body: string }[] = [];
const server = createServer(async (request, response) => {
  received.push({ request, body: await text(request) });
  response.setHeader('content-type', 'application/json').end('{"data":{"notes":"any"}}');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`;
  folder = await mkdtemp(join(tmpdir(), 'wire-'));
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
  await symlink(modules, join(folder, 'node_modules'));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** An app's own `client.ts`, with a stubbed session and without React. */
async function loadClient(app: App): Promise<AnyClient> {
  const source = new URL(`../../examples/${app}/src/client.ts`, import.meta.url);
  const code = (await readFile(source, 'utf8')).replace("from 'urql'", "from '@urql/core'");
  await Promise.all([
    mkdir(join(folder, app, 'src'), { recursive: true }),
    mkdir(join(folder, 'shared'), { recursive: true }),
  ]);
  const files = {
    [`${app}/src/client.ts`]: code,
    'shared/session.ts': `export const apiFetch = (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: 'Bearer a-token' } });`,
    'shared/settings.ts': `export const settings = { endpoint: ${JSON.stringify(endpoint)} };`,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
  }
  const made: { createClient(): AnyClient } = await import(join(folder, app, 'src/client.ts'));
  return made.createClient();
}

const query = 'query Notes($of: String) { notes(of: $of) }';
const variables = { of: 'a-private-value' };
const parameters: Readonly<Record<App, readonly unknown[]>> = {
  'apollo-react': [{ query: gql(query), variables }],
  'urql-react': [query, variables],
};

test.each(apps)(
  '%s sends queries by POST: neither they nor their variables are in a URL',
  async (app) => {
    received.length = 0;
    const client = await loadClient(app);

    await client.query(...parameters[app]);

    expect(received.map(({ request: { method, url } }) => [method, url])).toEqual([
      ['POST', '/graphql'],
    ]);
    expect(received[0]?.request.headers.authorization).toBe('Bearer a-token');
    expect(received[0]?.body).toContain('a-private-value');
  },
);
