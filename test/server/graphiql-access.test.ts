import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationVerdicts } from '../../src/server/graphiql/access/explain-request.ts';
import type { SchemaAccessReport } from '../../src/server/graphiql/access/schema-access-report.ts';
import { resolveTestUsers } from '../../src/server/test-users.ts';
import { testUsers } from '../fixture/index.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { operate, send, type WireRequest } from '../support/http.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestKey } from '../support/tokens.ts';

/* What GraphiQL shows about access: the verdicts of an operation, and the rules of the schema. */

const additions = {
  typeDefs: `
    type Mutation { erase(id: ID): Boolean @auth(scope: "admin:write") }
    input Filter { author: String, hidden: Boolean @auth(scope: "admin:write") }
    enum Order { NEWEST LOUDEST @auth(scope: "read:messages") }
    type Draft @auth(scope: "admin:write") { text: String }
    extend type Query {
      search(filter: Filter, order: Order, deep: Boolean @auth(scope: "read:messages")): [Greeting]
      drafts: [Draft]
      recent: String @auth(scope: "read:messages", maxAge: 60)
      strong: String @auth(scope: "read:messages", acr: "mfa")
    }`,
};
const users = resolveTestUsers(testUsers, ['admin:write', 'read:messages']);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({}, undefined, buildFixtureApi(additions), { testUsers: users });
});
afterAll(() => server.stop());

interface AskOptions extends WireRequest {
  readonly to?: TestServer;
  readonly scope?: string | undefined;
  readonly variables?: object;
  readonly operationName?: string;
}

const json = ['Content-Type', 'application/json'];

async function ask(
  query: string,
  { to = server, scope, variables, operationName, headers = [], ...request }: AskOptions = {},
): Promise<OperationVerdicts & { status: number; headers: Readonly<Record<string, string>> }> {
  const response = await send(`${to.origin}/graphiql/access`, {
    method: 'POST',
    headers: [...json, ...(scope === undefined ? [] : bearer(to, scope)), ...headers],
    body: JSON.stringify({ query, variables, operationName }),
    ...request,
  });
  return { ...JSON.parse(response.text), status: response.status, headers: response.headers };
}

const bearer = (to: TestServer, scope: string): readonly string[] => [
  'Authorization',
  `Bearer ${to.issuer.sign({ claims: { scope } })}`,
];

async function readRules(
  to: TestServer,
  headers: readonly string[] = [],
): Promise<SchemaAccessReport> {
  const { text } = await send(`${to.origin}/graphiql/rules`, { headers });
  return JSON.parse(text);
}

describe('the verdicts of an operation', () => {
  const query =
    '{ public { message } private { message } privateScoped { message } admin { message } }';
  const roots = ({ selections }: OperationVerdicts): readonly string[] =>
    selections.flatMap(({ path, verdict }) => (path.length === 1 ? [verdict] : []));

  it.each<[string, string | undefined, string, string]>([
    ['anonymous', undefined, 'allowed refused refused refused', 'partial'],
    ['without scopes', '', 'allowed allowed refused refused', 'partial'],
    ['with a scope', 'read:messages', 'allowed allowed allowed refused', 'partial'],
    ['with all', 'read:messages admin:write', 'allowed allowed allowed allowed', 'allowed'],
  ])('%s: those of the response', async (_case, scope, expected, outcome) => {
    const explained = await ask(query, { scope });
    expect(explained.status).toBe(200);
    expect(explained.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(roots(explained).join(' ')).toBe(expected);
    expect(explained).toMatchObject({ outcome, scope: 'read:messages admin:write' });

    const token = scope === undefined ? undefined : server.issuer.sign({ claims: { scope } });
    const { body } = await operate(server.endpoint, query, { token });
    expect(explained.selections.filter(({ verdict }) => verdict === 'refused')).toMatchObject(
      (body.errors ?? []).map(({ path, message, locations }) => ({ path, message, locations })),
    );
  });

  it('says by which rule, what is missing, and where it stands', async () => {
    const { selections } = await ask('{\n  mine: privateScoped { message }\n}', { scope: '' });
    expect(selections).toEqual([
      {
        path: ['mine'],
        coordinate: 'Query.privateScoped',
        verdict: 'refused',
        message: 'Insufficient scope. Required: read:messages.',
        rule: '@auth(scope: "read:messages")',
        from: ['Query.privateScoped'],
        unmet: { kind: 'scope', scope: 'read:messages' },
        locations: [{ line: 2, column: 3 }],
      },
      {
        path: ['mine', 'message'],
        coordinate: 'Greeting.message',
        verdict: 'not reached',
        message: 'Not reached: a field above it is refused.',
        rule: 'public',
        from: [],
        locations: [{ line: 2, column: 25 }],
      },
    ]);
  });

  it.each<[string, string, AskOptions, Partial<OperationVerdicts>]>([
    [
      'a mutation',
      'mutation Erase { erase }',
      { scope: 'read:messages' },
      { outcome: 'refused', scope: 'admin:write', operationName: 'Erase' },
    ],
    ['a subscription', 'subscription { clock { time } }', { scope: '' }, { outcome: 'allowed' }],
    [
      'one of several operations',
      'query A { public { message } } query B { private { message } }',
      { operationName: 'B' },
      { outcome: 'refused', operationName: 'B' },
    ],
    ['introspection', '{ __schema { types { name } } }', {}, { outcome: 'allowed' }],
  ])('are those of %s', async (_case, text, options, expected) => {
    const explained = await ask(text, options);
    expect(explained).toMatchObject(expected);
    expect(explained.problem).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['nothing', {}, 'Query.search'],
    ['an argument', { deep: true }, 'Query.search(deep:)'],
    ['an input field', { filter: { hidden: false } }, 'Filter.hidden'],
    ['an enum value', { order: 'LOUDEST' }, 'Order.LOUDEST'],
  ])('depend on variables: %s', async (_case, variables, coordinate) => {
    const { selections } = await ask(
      'query ($deep: Boolean, $filter: Filter, $order: Order) { search(deep: $deep, filter: $filter, order: $order) { message } }',
      { scope: '', variables },
    );
    expect(selections[0]?.coordinate).toBe(coordinate);
    expect(selections[0]?.verdict).toBe(coordinate === 'Query.search' ? 'allowed' : 'refused');
  });

  const many = `{ ${'public { message } '.repeat(600)} }`;
  const fragments = `{ ...F0 } ${Array.from({ length: 200 }, (_, index) => `fragment F${index} on Query { ${index < 199 ? `...F${index + 1}` : 'public { message }'} }`).join(' ')}`;
  it.each<[string, string, AskOptions, string, string]>([
    ['text that is no document', '{ public {', {}, 'syntax', 'Syntax Error: Expected Name'],
    ['an empty document', '', {}, 'syntax', 'Syntax Error'],
    ['an unknown field', '{ admins }', {}, 'validation', 'Cannot query field "admins"'],
    [
      'a condition of a subscription',
      'subscription { clock @skip(if: true) { time } }',
      {},
      'validation',
      'The root field of a subscription',
    ],
    [
      'several operations',
      'query A { public { message } } query B { public { message } }',
      {},
      'operation',
      'The document does not say',
    ],
    [
      'an unknown operation',
      'query A { public { message } }',
      { operationName: 'B' },
      'operation',
      'The document does not say',
    ],
    [
      'a variable that is not allowed',
      'query ($__proto__: Filter) { search(filter: $__proto__) { message } }',
      {},
      'variables',
      'A variable cannot be named $__proto__',
    ],
    ['too many tokens', many, {}, 'limit', 'The document has more than 2000 tokens'],
    [
      'too deep',
      `${'{ public '.repeat(101)}${'}'.repeat(101)}`,
      {},
      'limit',
      'The document is nested',
    ],
    ['fragments in fragments', fragments, {}, 'limit', 'its selections are nested 202 levels'],
  ])('are none for %s', async (_case, text, options, kind, message) => {
    const { status, selections, problem } = await ask(text, options);
    expect([status, selections]).toEqual([200, []]);
    expect(problem).toMatchObject({ kind, message: expect.stringContaining(message) });
    expect(problem?.message).not.toContain('Did you mean');
  });

  it.each<[string, string, object, string]>([
    [
      'a variable is missing',
      'query ($author: String!) { a: public { message } b: search(filter: { author: $author }) { message } }',
      {},
      'variables',
    ],
    [
      'it has too many aliases',
      `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: public { message }`).join(' ')} }`,
      {},
      'limit',
    ],
  ])('stay if %s', async (_case, text, variables, kind) => {
    const { selections, problem } = await ask(text, { scope: '', variables });
    expect(selections.length).toBeGreaterThan(3);
    expect(problem?.kind).toBe(kind);
  });

  it('are limited in size', async () => {
    const name = 'x'.repeat(4_000);
    const text = `{ ${Array.from({ length: 20 }, (_, index) => `${name}${index}: public { ...Parts }`).join(' ')} } fragment Parts on Greeting { ${Array.from({ length: 60 }, (_, index) => `m${index}: message`).join(' ')} }`;
    const { selections, omitted = 0 } = await ask(text);
    expect(JSON.stringify(selections).length).toBeLessThan(1_000_000);
    expect(selections.length + omitted).toBe(20 * 61);
    expect(omitted).toBeGreaterThan(0);
  });
});

describe('credentials', () => {
  it('that the API refuses get the same response', async () => {
    const headers = ['Authorization', 'Bearer no-token'];
    const refused = await ask('{ public { message } }', { headers });
    const ofApi = await send(server.endpoint, {
      method: 'POST',
      headers: [...json, ...headers],
      body: '{"query":"{ public { message } }"}',
    });
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe(ofApi.headers['www-authenticate']);
    const rules = await send(`${server.origin}/graphiql/rules`, { headers });
    expect([rules.status, rules.text]).toEqual([401, ofApi.text]);
  });

  it('with a proof are accepted once, for the URL of the endpoint', async () => {
    const key = createTestKey();
    const token = boundToken(server.issuer, key, { scope: 'read:messages' });
    const { clock } = server.issuer;
    const withProof = (url: string): readonly string[] => [
      'Authorization',
      `DPoP ${token}`,
      'DPoP',
      createProof({ key, token, clock, url }),
    ];
    const query = '{ privateScoped { message } }';
    const headers = withProof(`${server.origin}/graphiql/access`);
    expect(await ask(query, { headers })).toMatchObject({ status: 200, outcome: 'allowed' });
    expect((await ask(query, { headers })).headers['www-authenticate']).toContain(
      'error="invalid_dpop_proof"',
    );
    expect((await ask(query, { headers: withProof(server.endpoint) })).status).toBe(401);
  });
});

describe('requests that are rejected', () => {
  const url = (path: string): string => `${server.origin}/graphiql/${path}`;
  const body = '{"query":"{ public { message } }"}';
  it.each<[string, string, WireRequest, number]>([
    ['GET of the verdicts', 'access', { headers: ['Accept', 'application/json'] }, 405],
    [
      'a preflight',
      'access',
      {
        method: 'OPTIONS',
        headers: ['Origin', 'https://evil.test', 'Access-Control-Request-Method', 'POST'],
      },
      405,
    ],
    ['POST of the rules', 'rules', { method: 'POST', headers: json, body }, 405],
    [
      'another content type',
      'access',
      { method: 'POST', headers: ['Content-Type', 'text/plain'], body },
      415,
    ],
    ['none', 'access', { method: 'POST', body }, 415],
    [
      'a compressed body',
      'access',
      { method: 'POST', headers: [...json, 'Content-Encoding', 'gzip'], body },
      415,
    ],
    ['a body that is no JSON', 'access', { method: 'POST', headers: json, body: '{' }, 400],
    ['no query', 'access', { method: 'POST', headers: json, body: '{}' }, 400],
    [
      'variables in a list',
      'access',
      { method: 'POST', headers: json, body: '{"query":"{a}","variables":[]}' },
      400,
    ],
    [
      'a number for a name',
      'access',
      { method: 'POST', headers: json, body: '{"query":"{a}","operationName":1}' },
      400,
    ],
    [
      'a large body',
      'access',
      { method: 'POST', headers: json, body: JSON.stringify({ query: 'x'.repeat(200_000) }) },
      413,
    ],
    ['another path', 'accessory', { method: 'POST', headers: json, body }, 404],
  ])('%s', async (_case, path, request, status) => {
    const response = await send(url(path), request);
    expect(response.status).toBe(status);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers).not.toHaveProperty('access-control-allow-origin');
    if (status !== 404) expect(JSON.parse(response.text).errors[0].message).not.toBe('');
  });

  it('beyond the rate limit of the API', async () => {
    const limited = await startTestServer({ RATE_LIMIT_ADDRESS: '2/60' });
    await operate(limited.endpoint, '{ public { message } }');
    const second = await ask('{ public { message } }', { to: limited });
    const third = await ask('{ public { message } }', { to: limited });
    expect([second.status, third.status]).toEqual([200, 429]);
    expect(third.headers).toHaveProperty('retry-after');
    await limited.stop();
  });
});

describe('the rules of the schema', () => {
  const ofUser = ({ viewers, rules }: SchemaAccessReport, coordinate: string) => {
    const rule = rules.find((one) => one.coordinate === coordinate);
    return (
      rule && {
        kind: rule.kind,
        rule: rule.rule,
        ...Object.fromEntries(viewers.map(({ name }, index) => [name, rule.viewers[index]])),
      }
    );
  };

  it('say who meets each of them', async () => {
    const report = await readRules(server);
    const allowed = (...names: readonly string[]) =>
      Object.fromEntries(
        ['signed out', 'guest', 'manager', 'administrator'].map((name) => [
          name,
          names.includes(name) ? 'allowed' : 'refused',
        ]),
      );
    const read = allowed('manager', 'administrator');
    const admin = allowed('administrator');
    expect(
      Object.fromEntries(
        [
          'Query.public',
          'Query.private',
          'Query.search',
          'Query.search(deep:)',
          'Filter.hidden',
          'Order.LOUDEST',
          'Draft',
          'Query.drafts',
          'Query.recent',
          'Query.strong',
        ].map((coordinate) => [coordinate, ofUser(report, coordinate)]),
      ),
    ).toEqual({
      'Query.public': {
        kind: 'field',
        rule: 'public',
        ...allowed('signed out', 'guest', 'manager', 'administrator'),
      },
      'Query.private': {
        kind: 'field',
        rule: '@auth',
        ...allowed('guest', 'manager', 'administrator'),
      },
      'Query.search': {
        kind: 'field',
        rule: 'public',
        ...allowed('signed out', 'guest', 'manager', 'administrator'),
      },
      'Query.search(deep:)': { kind: 'argument', rule: '@auth(scope: "read:messages")', ...read },
      'Filter.hidden': { kind: 'input field', rule: '@auth(scope: "admin:write")', ...admin },
      'Order.LOUDEST': { kind: 'enum value', rule: '@auth(scope: "read:messages")', ...read },
      Draft: { kind: 'type', rule: '@auth(scope: "admin:write")', ...admin },
      'Query.drafts': { kind: 'field', rule: '@auth(scope: "admin:write")', ...admin },
      'Query.recent': {
        kind: 'field',
        rule: '@auth(scope: "read:messages", maxAge: 60)',
        ...read,
      },
      // Who lacks the scope cannot read it, however strongly they authenticate.
      'Query.strong': {
        kind: 'field',
        rule: '@auth(scope: "read:messages", acr: "mfa")',
        ...read,
        manager: 'conditional',
        administrator: 'conditional',
      },
    });
  });

  it('agree with the verdicts of operations', async () => {
    const report = await readRules(server);
    for (const [index, { name, scopes }] of report.viewers.entries()) {
      const scope = name === 'signed out' ? undefined : scopes.join(' ');
      for (const field of ['public', 'private', 'privateScoped', 'admin']) {
        const { selections } = await ask(`{ ${field} { message } }`, { scope });
        const rule = report.rules.find(({ coordinate }) => coordinate === `Query.${field}`);
        expect(selections[0]?.verdict, `${field} ${name}`).toBe(rule?.viewers[index]);
      }
    }
  });

  it('are not in a response to HEAD', async () => {
    const { status, text, headers } = await send(`${server.origin}/graphiql/rules`, {
      method: 'HEAD',
    });
    expect([status, text, headers['cache-control']]).toEqual([200, '', 'no-store']);
  });
});

describe('introspection', () => {
  it('by viewer: no rules of what the viewer cannot see', async () => {
    const other = await startTestServer(
      { INTROSPECTION: 'viewer' },
      undefined,
      buildFixtureApi(additions),
    );
    const coordinates = async (headers: readonly string[] = []): Promise<readonly string[]> =>
      (await readRules(other, headers)).rules.map(({ coordinate }) => coordinate);
    const anonymous = await coordinates();
    expect(anonymous).toContain('Query.public');
    expect(anonymous.join()).not.toMatch(/admin|drafts|Draft|hidden|LOUDEST|deep/);
    expect(await coordinates(bearer(other, 'admin:write'))).toEqual(
      expect.arrayContaining(['Query.admin', 'Query.drafts', 'Draft', 'Filter.hidden']),
    );

    const { selections } = await ask('{ public { message } admin { message } }', { to: other });
    expect(selections.map(({ verdict, rule }) => [verdict, rule])).toEqual([
      ['allowed', 'public'],
      ['allowed', 'public'],
      ['refused', undefined],
      ['not reached', 'public'],
    ]);
    const hidden = await ask('{ drafts { nothing } }', { to: other });
    expect(hidden.problem?.message).toBe('Cannot query field "drafts" on type "Query".');
    const nested = await ask('mutation { __schema { __typename } }', {
      to: other,
      scope: 'admin:write',
    });
    expect(nested.problem?.kind).toBe('validation');
    await other.stop();
  });

  it('off: no rules', async () => {
    const other = await startTestServer({ INTROSPECTION: 'off' });
    expect(await readRules(other)).toEqual({ viewers: [], rules: [] });
    const { selections } = await ask('{ admin { message } }', { to: other });
    expect(selections[0]).toMatchObject({ verdict: 'refused', coordinate: 'Query.admin' });
    expect(JSON.stringify(selections)).not.toContain('rule');
    const explained = await ask('{ __schema { __typename } }', { to: other });
    expect(explained.problem?.kind).toBe('validation');
    await other.stop();
  });
});

describe('are not served', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['with GRAPHIQL=off', { GRAPHIQL: 'off' }],
    ['in production', { NODE_ENV: 'production', SHUTDOWN_DELAY: '0' }],
    [
      'in production with GRAPHIQL=on',
      { NODE_ENV: 'production', SHUTDOWN_DELAY: '0', GRAPHIQL: 'on' },
    ],
  ])('%s', async (_case, environment) => {
    const other = await startTestServer(environment);
    for (const [method, path] of [
      ['POST', 'access'],
      ['GET', 'rules'],
      ['GET', 'access'],
    ] as const) {
      const { status } = await send(`${other.origin}/graphiql/${path}`, {
        method,
        headers: json,
        ...(method === 'POST' ? { body: '{"query":"{ public { message } }"}' } : {}),
      });
      expect(status, `${method} ${path}`).toBe(404);
    }
    await other.stop();
  });
});
