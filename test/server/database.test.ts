import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type { ApiModule } from '../../src/server/api-definition.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { freePort } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Tables = { notes: { text: string } };

const notes: ApiModule<{ readonly texts: () => Promise<readonly string[]> }> = {
  typeDefs: `
    extend type Query { notes: [String!] secrets: [String!] @auth }
    type Mutation { note: [String!] }
  `,
  resolvers: {
    Query: {
      notes: (_source, _args, { texts }) => texts(),
      secrets: (_source, _args, { texts }) => texts(),
    },
    Mutation: { note: (_source, _args, { texts }) => texts() },
  },
  createContext: (_viewer, _request, { database }) => ({
    async texts() {
      if (!database) throw new Error('There is no database.');
      const tables = database.kysely.withTables<Tables>();
      return (await tables.selectFrom('notes').select('text').execute()).map(({ text }) => text);
    },
  }),
  migrations: {
    '2026-01-01-notes': (database) =>
      database.schema.createTable('notes').addColumn('text', 'text').execute(),
  },
};

const api = () =>
  buildApi({
    typeDefs: [authDirectives, 'type Query { hello: String }'],
    resolvers: { Query: { hello: () => 'Hello' } },
    modules: [notes],
  });

describe('with a Postgres that cannot be reached', () => {
  let server: TestServer;
  beforeAll(async () => {
    const password = 'secret-password';
    const url = `postgres://api:${password}@127.0.0.1:${await freePort()}/api`;
    server = await startTestServer({ DATABASE_URL: url }, undefined, api());
  });
  afterAll(() => server?.stop());

  const unavailable = {
    message: 'The data is temporarily unavailable. Try again later.',
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  };

  it.each([
    ['{ notes }', undefined],
    ['{ notes again: notes }', undefined],
    ['mutation { note }', undefined],
    ['{ secrets }', 'token'],
    // Through Yoga, and directly.
    ['query Named { notes }', undefined],
  ])('%s is answered with 503 and when to try again', async (query, token) => {
    for (const method of [
      'POST',
      'POST',
      ...(query.startsWith('m') ? [] : ['GET' as const]),
    ] as const) {
      const response = await operate(server.endpoint, query, {
        method,
        token: token && server.issuer.sign(),
      });

      expect([response.status, response.headers['retry-after']]).toEqual([503, '1']);
      expect(response.body.errors?.[0]).toMatchObject(unavailable);
    }
  });

  it('other fields have their data', async () => {
    const alone = await operate(server.endpoint, '{ hello }');
    const both = await operate(server.endpoint, '{ hello notes }');

    expect([alone.status, alone.body]).toEqual([200, { data: { hello: 'Hello' } }]);
    expect([both.status, both.headers['retry-after']]).toEqual([200, undefined]);
    expect(both.body).toEqual({
      data: { hello: 'Hello', notes: null },
      errors: [{ ...unavailable, path: ['notes'], locations: [{ line: 1, column: 9 }] }],
    });
  });

  it('rules are checked first', async () => {
    expect((await operate(server.endpoint, '{ secrets }')).status).toBe(401);
  });

  it('the instance is not ready, and the log has one line, without the password', async () => {
    const { status } = await send(`${server.origin}/readyz`);
    const lines = server.logged.filter((line) => /database/i.test(line));

    expect(status).toBe(503);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/The database is unavailable: .*SERVICE_UNAVAILABLE/);
    expect(server.logged.join('')).not.toContain('secret-password');
  });
});

describe('settings', () => {
  const issuer = { OIDC_ISSUER: 'https://issuer.test/', OIDC_AUDIENCE: 'https://api.test' };
  const production = { ...issuer, NODE_ENV: 'production', PUBLIC_URL: 'https://api.test' };
  const postgres = 'postgres://api:secret-password@db.test/api?sslmode=verify-full';

  it.each([
    [{}, 'file:.data/api.sqlite', 10],
    [{ DATABASE_URL: 'file:/var/lib/api/api.sqlite' }, 'file:/var/lib/api/api.sqlite', 10],
    [{ ...production, DATABASE_URL: 'file:api.sqlite' }, 'file:api.sqlite', 10],
    [{ ...production, DATABASE_URL: postgres, DATABASE_POOL_SIZE: '25' }, postgres, 25],
    [{ DATABASE_URL: postgres, WORKERS: '4', DPOP: 'off' }, postgres, 10],
  ])('%j are read', (environment, url, poolSize) => {
    const { database } = readConfiguration(environment, { hasMigrations: true });

    expect(database).toEqual({ url, poolSize });
  });

  it('are not required by an API without data', () => {
    expect(readConfiguration(production).database).toBeUndefined();
    expect(readConfiguration({ WORKERS: '2', DPOP: 'off' }).database).toBeUndefined();
  });

  it.each<[Record<string, string>, RegExp]>([
    [production, /DATABASE_URL is missing: set it to a Postgres database, such as postgres:/],
    [{ WORKERS: '2', DPOP: 'off' }, /DATABASE_URL must be a Postgres database with WORKERS=2: a/],
    [
      { ...production, WORKERS: '2', DPOP: 'off', DATABASE_URL: 'file:api.sqlite' },
      /DATABASE_URL must be a Postgres database with WORKERS=2/,
    ],
    [{ DATABASE_POOL_SIZE: '0' }, /DATABASE_POOL_SIZE .*1 to 500/],
    ...[
      'api.sqlite',
      'file:',
      'file:folder/',
      'file://host/api.sqlite',
      'file:api.sqlite?mode=ro',
      'mysql://api:secret-password@db.test/api',
      'postgres://api:secret-password@db.test',
      'postgres://api:secret-password@db.test/a/b',
      'postgres:///api',
      'postgres://api:secret-password@db.test/api#fragment',
      'postgres://api:1/secret-password@db.test',
      'https://db.test/api',
      'sqlite:api.sqlite',
    ].map((url): [Record<string, string>, RegExp] => [
      { DATABASE_URL: url },
      /DATABASE_URL must be the path of a file, such as file:\.data\/api\.sqlite, or the URL/,
    ]),
  ])('%j are rejected', (environment, message) => {
    const read = () => readConfiguration(environment, { hasMigrations: true });

    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret-password/);
  });
});
