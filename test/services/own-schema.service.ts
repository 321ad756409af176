import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { asMachine } from '../local-issuer/issuer-fixture.ts';
import { bookshop } from '../support/bookshop.ts';
import { copyProject } from '../support/copy-project.ts';
import { freePorts } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';

const api = `const book = { id: 1, title: 'Emma', notes: 'Lent to Ann.' };

export const resolvers = {
  Query: { books: () => [book], book: () => book, news: () => 'None.' },
  Mutation: { addBook: () => book },
};

export const testUsers = [
  { name: 'manager', scopes: 'reading' },
  { name: 'administrator', scopes: 'all' },
  { name: 'guest', scopes: [] },
];
`;

let folder: string;
let server: ServerProcess;
let issuer: string;
let endpoint: string;
beforeAll(async () => {
  folder = await copyProject();
  // What a user replaces on the first day: the schema, and one folder.
  await writeFile(join(folder, 'schema.graphql'), `${authDirectives}${bookshop}`);
  await rm(join(folder, 'src/api'), { recursive: true });
  await mkdir(join(folder, 'src/api'));
  await writeFile(join(folder, 'src/api/index.ts'), api);
  const [port] = await freePorts();
  issuer = `http://localhost:${port + 1}/`;
  endpoint = `http://localhost:${port}/graphql`;
  server = startProcess(folder, { PORT: String(port) }, { main: join(folder, 'src/main.ts') });
  await server.waitForOutput('for GraphiQL');
}, 60_000);
afterAll(async () => {
  server.signal('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true });
});

describe('with another schema and src/api, and no other change', () => {
  it.each([
    ['manager', ['books:read', 'notes:read'], 200, 403],
    ['administrator', ['books:read', 'books:write', 'notes:read'], 200, 200],
    ['guest', [], 403, 403],
  ])('the %s has the scopes %j', async (user, scopes, reading, writing) => {
    const { access_token: token } = await signInAs({ issuer, user });
    const read = await operate(endpoint, '{ books { title notes } }', { token });
    const mutation = 'mutation { addBook(book: { title: "", pages: 1, tags: [] }) { title } }';
    const write = await operate(endpoint, mutation, { token });

    expect(decodeJwt(token)['permissions']).toEqual(scopes);
    expect([read.status, write.status]).toEqual([reading, writing]);
    if (reading === 200) {
      expect(read.body).toEqual({ data: { books: [{ title: 'Emma', notes: 'Lent to Ann.' }] } });
    }
  });

  it('a machine client can get the scopes of this schema only', async () => {
    const machine = await asMachine(issuer);
    const scope = 'books:read books:write notes:read';

    expect((await client.clientCredentialsGrant(machine, { scope })).scope).toBe(scope);
    await expect(
      client.clientCredentialsGrant(machine, { scope: 'read:messages' }),
    ).rejects.toMatchObject({ error: 'invalid_scope' });
  });

  it('the startup message and the tabs of GraphiQL show this schema only', async () => {
    const { text } = await send(new URL('/graphiql/settings.json', endpoint).href);
    const tabs = JSON.parse(text).tabs.join('\n');

    for (const shown of [server.output.text, tabs]) {
      expect(shown).toContain('books');
      expect(shown).not.toMatch(/messages|admin:write|private|greeting|clock/i);
    }
    for (const name of ['Books', 'Book', 'News', 'AddBook']) {
      expect(tabs).toMatch(new RegExp(`(query|mutation) ${name} `));
    }
  });
});
