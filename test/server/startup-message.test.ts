import { describe, expect, it } from 'vitest';
import { listScopes } from '../../src/authorization/review/access-rules.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { formatStartupMessage } from '../../src/server/startup-message.ts';
import { resolveTestUsers } from '../../src/server/test-users.ts';
import { documentIdOf } from '../../src/trusted-documents/document-id.ts';
import { testUsers } from '../fixture/index.ts';
import { guarded } from '../support/bookshop.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { writeManifest } from '../support/trusted-documents.ts';

/** The lines for pasting. */
function linesOf(schema = guarded(), environment = {}): readonly string[] {
  const users = resolveTestUsers(testUsers, listScopes(schema));
  return formatStartupMessage(readConfiguration(environment), { schema, testUsers: users })
    .split('\n')
    .filter((line) => /^ +(curl|npm)/.test(line))
    .map((line) =>
      line.trim().replace('http://localhost:4000/graphql', 'URL').replace('npm run --silent ', ''),
    );
}

describe('the start', () => {
  it('offers of this API what each person can try', () => {
    const api = buildFixtureApi();
    expect(linesOf(api.schema)).toEqual([
      "curl -g 'URL?query={public{message}}'",
      'token -- --scope read:messages',
      "query -- '{ privateScoped { message } }' --as manager",
      "query -- '{ admin { message } }' --as administrator",
      "query -- '{ private { message } }' --as guest",
    ]);
    expect(api).toMatchObject({
      scopes: ['admin:write', 'read:messages'],
      testUsers: [
        { name: 'manager', scopes: ['read:messages'] },
        { name: 'administrator', scopes: ['admin:write', 'read:messages'] },
        { name: 'guest', scopes: [] },
      ],
    });
  });

  it('offers no text where only trusted documents are run', () => {
    const text = 'query Open { public { message } }';
    const { file, remove } = writeManifest(text);
    const lines = linesOf(buildFixtureApi().schema, {
      TRUSTED_DOCUMENTS: file,
      TRUSTED_DOCUMENTS_MODE: 'only',
    });
    remove();
    expect(lines).toEqual([
      `curl 'URL?documentId=${documentIdOf(text)}'`,
      'token -- --scope read:messages',
      'token -- --as manager',
      'token -- --as administrator',
      'token -- --as guest',
    ]);
  });

  it.each([
    ['file:.data/api.sqlite', 'SQLite in .data/api.sqlite'],
    [
      'postgres://api:secret-password@db.test:5433/api?sslmode=verify-full',
      'Postgres at db.test:5433/api',
    ],
  ])('says where the data is, without credentials: %s', (DATABASE_URL, expected) => {
    const production = {
      NODE_ENV: 'production',
      OIDC_ISSUER: 'https://issuer.test/',
      OIDC_AUDIENCE: 'https://api.test',
      PUBLIC_URL: 'https://api.test',
    };
    for (const environment of [{ DATABASE_URL }, { ...production, DATABASE_URL }]) {
      const configuration = readConfiguration(environment, { hasMigrations: true });
      const message = formatStartupMessage(configuration, { schema: guarded() });

      expect(message).toContain(expected);
      expect(message).not.toMatch(/secret-password|sslmode/);
    }
  });

  it('speaks of another schema as it is', () => {
    expect(linesOf()).toEqual([
      "curl -g 'URL?query={news}'",
      'token -- --scope books:read',
      "query -- '{ books { id } }' --as manager",
      "query -- '{ books { id } }' --as administrator",
      "query -- '{ book(id: 1, kind: NOVEL) { id } }' --as guest",
    ]);
  });

  it.each([
    [
      'no scope',
      'type Query { a: Int }',
      ["curl -g 'URL?query={a}'", 'token', "query -- '{ a }' --as manager"],
    ],
    [
      'nothing public',
      'type Query { a: Int @auth }',
      ["curl -g 'URL?query={a}'", 'token', "query -- '{ a }' --as manager"],
    ],
    [
      'a policy on one of two',
      'type Query { a: Int @auth(policy: "owner", scope: "b") c: Int @auth }',
      ["curl -g 'URL?query={c}'", 'token -- --scope b', "query -- '{ c }' --as manager"],
    ],
    [
      'characters of the shell',
      `type Query { a(b: String! = "x", c: S!): Int @auth(scope: "it's$(x)") } scalar S`,
      [
        `curl -g 'URL?query={a(c:%22text%22)}'`,
        `token -- --scope 'it'\\''s$(x)'`,
        `query -- '{ a(c: "text") }' --as manager`,
      ],
    ],
    [
      'another root type',
      'schema { query: Q } type Q { a: Int }',
      ["curl -g 'URL?query={a}'", 'token', "query -- '{ a }' --as manager"],
    ],
    [
      'mutations that delete',
      'type Query { a: Int } type Mutation { deleteAll: Int @auth(scope: "x") }',
      ["curl -g 'URL?query={a}'", 'token -- --scope x', "query -- '{ a }' --as manager"],
    ],
  ])('with %s', (_case, typeDefs, lines) => {
    expect(linesOf(guarded(typeDefs)).slice(0, 3)).toEqual(lines);
  });
});
