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

/** The verdicts of the fields of `rules`. */
async function explain(token: string | undefined): Promise<Record<string, string>> {
  const headers = token === undefined ? [] : ['Authorization', `Bearer ${token}`];
  const { text } = await send(`${environment.origin}/graphiql/access`, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...headers],
    body: JSON.stringify({ query: `{ ${Object.keys(rules).join(' ')} }` }),
  });
  const { selections }: OperationVerdicts = JSON.parse(text);
  return Object.fromEntries(selections.map(({ path: [field = ''], verdict }) => [field, verdict]));
}

it('are the same', async () => {
  const { origin, issuer } = environment;
  const { text } = await send(`${origin}/graphiql/rules`);
  const report: SchemaAccessReport = JSON.parse(text);
  expect(report.viewers.map(({ name }) => name)).toEqual([
    'signed out',
    'guest',
    'manager',
    'administrator',
  ]);

  for (const [index, { name: user, kind }] of report.viewers.entries()) {
    const reported = Object.fromEntries(
      Object.keys(rules).map((field) => [
        field,
        report.rules.find(({ coordinate }) => coordinate === `Query.${field}`)?.viewers[index],
      ]),
    );
    if (kind === 'anonymous') {
      expect(reported).toEqual(await explain(undefined));
      continue;
    }
    const { access_token: token } = await signInAs({ issuer, user });
    const { access_token: stronger } = await signInAs({ issuer, user, acrValues: 'gold' });
    const verdicts = await explain(token);
    expect({ ...reported, user }).toEqual({ ...verdicts, gold: 'conditional', user });
    expect([verdicts['gold'], await explain(stronger)]).toEqual([
      'refused',
      { ...verdicts, gold: 'allowed' },
    ]);
  }
});
