import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type { ApiModule, CreateContext } from '../../src/server/api-definition.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Tables = { visits: { page: string } };

interface Visits {
  readonly visits: () => Kysely<Tables>;
}

const createContext: CreateContext<Visits> = (_viewer, _request, { database }) => ({
  visits() {
    if (!database) throw new Error('There is no database.');
    return database.kysely.withTables<Tables>();
  },
});

const visits: ApiModule<Visits> = {
  typeDefs: `
    extend type Query { visits: [String!] @auth(policy: "everyone") }
    type Mutation { visit(page: String!): Boolean @auth }
  `,
  resolvers: {
    Query: {
      visits: async (_source, _args, { visits }) =>
        (await visits().selectFrom('visits').select('page').orderBy('page').execute()).map(
          ({ page }) => page,
        ),
    },
    Mutation: {
      visit: async (_source, { page }, { visits }) => {
        await visits().insertInto('visits').values({ page }).execute();
        return true;
      },
    },
  },
  policies: { everyone: () => true },
  createContext,
  sampleOperations: ['query Visits { visits }'],
  migrations: {
    '2026-01-01-visits': (database) =>
      database.schema.createTable('visits').addColumn('page', 'text').execute(),
  },
};

const definition = {
  typeDefs: [authDirectives, 'type Query { hello: String }'],
  resolvers: { Query: { hello: () => 'Hello' } },
  createContext: () => ({ language: 'en' }),
  sampleOperations: ['query Hello { hello }'],
};

describe('a module', () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modules-'));
    const api = buildApi({ ...definition, modules: [visits] });
    expect(api.sampleOperations).toEqual(['query Hello { hello }', 'query Visits { visits }']);
    server = await startTestServer(
      { DATABASE_URL: `file:${join(folder, 'data', 'api.sqlite')}` },
      undefined,
      api,
    );
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  it('adds fields, with the database and policies of its own', async () => {
    const token = server.issuer.sign();
    await operate(server.endpoint, 'mutation { visit(page: "home") }', { token });
    const { body } = await operate(server.endpoint, '{ hello visits }', { token });

    expect(body).toEqual({ data: { hello: 'Hello', visits: ['home'] } });
  });
});

const everyone = { policies: { everyone: () => true } };
const sameMigration = { migrations: { '2026-01-01-visits': async () => {} } };
it.each([
  ['a policy', everyone, /^Two modules have a policy of the same name: everyone\. Rename one/],
  ['a migration', sameMigration, /^Two modules have a migration .*: 2026-01-01-visits\. Rename/],
])('two modules with the same name of %s are rejected', (_kind, members, message) => {
  const other = { typeDefs: '', resolvers: {}, ...members };

  expect(() => buildApi({ ...definition, modules: [visits, other] })).toThrow(message);
});
