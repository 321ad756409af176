import { afterAll, beforeAll, expect, it } from 'vitest';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import type { OperationVerdicts } from '../../src/server/graphiql/access/explain-request.ts';
import type { SchemaAccessReport } from '../../src/server/graphiql/access/schema-access-report.ts';
import { startEnvironment, type TestEnvironment } from '../browser/environment.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { send } from '../support/http.ts';

/* What test users are allowed, by the report and by the tokens of the local issuer. */

const rules = {
  claim: 'claims: "sub"',
  permissions: 'claims: "permissions"',
  client: 'claims: ["azp", "scope"]',
  email: 'claims: "email"',
  recent: 'maxAge: 60',
  gold: 'acr: "gold"',
  either: 'scope: ["read:messages", "admin:write"]',
  both: 'scope: "read:messages admin:write"',
};

let environment: TestEnvironment;
beforeAll(async () => {
  const fields = Object.entries(rules).map(([name, rule]) => `${name}: String @auth(${rule})`);
  environment = await startEnvironment({
    api: buildFixtureApi({ typeDefs: `extend type Query { ${fields.join(' ')} }` }),
  });
});
afterAll(() => environment.close());

it('are the same', async () => {
  const { origin, issuer } = environment;
  const { text } = await send(`${origin}/graphiql/rules`);
  const report: SchemaAccessReport = JSON.parse(text);
  const names = Object.keys(rules);
  expect(report.viewers.map(({ name }) => name)).toEqual([
    'signed out',
    'guest',
    'manager',
    'administrator',
  ]);

  for (const [index, { name, kind }] of report.viewers.entries()) {
    const headers =
      kind === 'anonymous'
        ? []
        : ['Authorization', `Bearer ${(await signInAs({ issuer, user: name })).access_token}`];
    const explained = await send(`${origin}/graphiql/access`, {
      method: 'POST',
      headers: ['Content-Type', 'application/json', ...headers],
      body: JSON.stringify({ query: `{ ${names.join(' ')} }` }),
    });
    const { selections }: OperationVerdicts = JSON.parse(explained.text);
    const reported = names.map((field) => [
      field,
      report.rules.find(({ coordinate }) => coordinate === `Query.${field}`)?.viewers[index],
    ]);
    expect([name, selections.map(({ path, verdict }) => [path[0], verdict])]).toEqual([
      name,
      reported,
    ]);
  }
});
