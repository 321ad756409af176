import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestClock } from '../support/clock.ts';
import { freePort } from '../support/free-ports.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';
import { startIssuer } from './matrix/start-issuer.ts';
import { waitForPort } from './matrix/wait-for-port.ts';

/*
 * The two subgraphs of docs/federation.md, composed by Apollo's and by The Guild's composer, behind a Hive
 * Gateway that passes the access token on. Each is a process of its own.
 */

const folder = fileURLToPath(new URL('federation/', import.meta.url));
const composers = ['apollo', 'guild'] as const;
const processes: ServerProcess[] = [];
let issuer: Awaited<ReturnType<typeof startIssuer>>;
const urls: Record<string, string> = {};
const supergraphs: Record<string, string> = {};

async function start(file: string, environment: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const command = [process.execPath, file] as const;
  const { issuer: url, audience } = issuer.issuer;
  const server = startProcess(
    folder,
    { PORT: String(port), OIDC_ISSUER: url, OIDC_AUDIENCE: audience, ...environment },
    { command },
  );
  processes.push(server);
  await waitForPort(port, server);
  return `http://127.0.0.1:${port}/graphql`;
}

async function compose(composer: string): Promise<string> {
  const subgraphs = ['accounts', 'reviews'].map((name) => `${name}=${urls[name]}`);
  const { ended, output } = startProcess(
    folder,
    { COMPOSER: composer },
    { command: [process.execPath, 'compose.js', ...subgraphs] },
  );
  expect([await ended, output.errors]).toEqual([0, '']);
  return output.text;
}

beforeAll(async () => {
  issuer = await startIssuer(createTestClock(new Date()));
  [urls['accounts'], urls['reviews']] = await Promise.all([
    start('accounts.js'),
    start('reviews.js'),
  ]);
  for (const composer of composers) {
    const supergraph = await compose(composer);
    supergraphs[composer] = supergraph;
    urls[composer] = await start('gateway.js', { SUPERGRAPH: supergraph });
  }
});

afterAll(async () => {
  for (const one of processes) one.signal('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  await issuer?.close();
});

/** The claims of a token. Undefined: no token. */
type Claims = Readonly<Record<string, unknown>> | undefined;

async function send(server: string, query: string, claims: Claims, variables = {}) {
  const response = await fetch(urls[server] ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(claims ? { authorization: `Bearer ${issuer.issuer.sign({ claims })}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors = [] } = await response.json();
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    data,
    errors: errors.map(
      ({ path, extensions }: { path?: unknown[]; extensions?: Record<string, unknown> }) =>
        [path?.join('.'), extensions?.['code'], extensions?.['scope']].filter(Boolean).join(' '),
    ),
  };
}

describe.each(composers)('composed by %s', (composer) => {
  test.each([
    ['@auth of a field', /email: String [^\n]*@auth\(scope: "read:emails"\)/],
    ['its scope', /email: String [^\n]*@requiresScopes\(scopes: \[\["read:emails"\]\]\)/],
    ['the rule of a type', /@requiresScopes\(scopes: \[\["read:users"\], \["admin"\]\]\)/],
    ['the rule of the schema', /me: User [^\n]*@authenticated/],
    ['@policy', /@policy\(policies: \[\["isEditor"\], \["isAuthor", "isTrusted"\]\]\)/],
    ['@public', /status: String [^\n]*@public/],
  ])('%s remains', (_name, expected) => {
    expect(supergraphs[composer]).toMatch(expected);
  });

  test('what only the subgraph decides does not concern the router', () => {
    expect(supergraphs[composer]).toMatch(/notes: String [^\n]*@authenticated/);
    expect(supergraphs[composer]).not.toMatch(/isOwner[^\n]*\]\]/);
  });

  const everything = { sub: 'ada', scope: 'read:users read:emails read:scores' };
  const entities = '{ reviews { text author { name } } }';
  const withoutAuthors = {
    reviews: [
      { text: 'Good.', author: { name: null } },
      { text: 'Bad.', author: { name: null } },
    ],
  };

  test.each<[string, string, Claims, unknown, readonly string[]]>([
    ['a public field', '{ status }', undefined, { status: 'up' }, []],
    [
      'fields of both subgraphs',
      '{ reviews { score author { name email } } }',
      everything,
      {
        reviews: [
          { score: 5, author: { name: 'Ada', email: 'ada@example.com' } },
          { score: 1, author: { name: 'Grace', email: 'grace@example.com' } },
        ],
      },
      [],
    ],
    [
      'an entity that is refused by its type',
      entities,
      { scope: 'read:scores' },
      withoutAuthors,
      ['reviews.0.author.name FORBIDDEN read:users', 'reviews.1.author.name FORBIDDEN read:users'],
    ],
    [
      'entities for an anonymous client',
      entities,
      undefined,
      withoutAuthors,
      [
        'reviews.0.author.name UNAUTHENTICATED read:users',
        'reviews.1.author.name UNAUTHENTICATED read:users',
      ],
    ],
    [
      'a field that is refused by its scope',
      '{ reviews { text score } }',
      { scope: 'read:users' },
      {
        reviews: [
          { text: 'Good.', score: null },
          { text: 'Bad.', score: null },
        ],
      },
      ['reviews.0.score FORBIDDEN read:scores', 'reviews.1.score FORBIDDEN read:scores'],
    ],
    [
      'a field of an entity of another subgraph',
      '{ me { name reviews { score } } }',
      { scope: 'admin' },
      { me: { name: 'Ada', reviews: [{ score: 5 }] } },
      [],
    ],
    [
      'a query that is refused whole',
      '{ me { name } }',
      {},
      { me: null },
      ['me FORBIDDEN read:users'],
    ],
    [
      'a mutation that is refused',
      'mutation { rename(name: "Eve") { name } }',
      { scope: 'read:users' },
      { rename: null },
      ['rename FORBIDDEN write:users read:users'],
    ],
    [
      'one list of @policy',
      '{ drafts { text } }',
      { roles: ['author', 'trusted'] },
      { drafts: [{ text: 'So so.' }] },
      [],
    ],
    [
      'no list of @policy',
      '{ drafts { text } }',
      { roles: ['author'] },
      { drafts: null },
      ['drafts FORBIDDEN'],
    ],
    ['an expired token', '{ status }', { exp: 1 }, { status: null }, ['status UNAUTHENTICATED']],
  ])('%s', async (_name, query, claims, data, errors) => {
    const result = await send(composer, query, claims);
    expect(result).toMatchObject({ status: 200, challenge: null, data, errors });
  });

  test('a policy that gets the entity', async () => {
    const { data, errors } = await send(composer, '{ reviews { author { notes } } }', everything);
    expect(data).toEqual({
      reviews: [{ author: { notes: 'Call Grace.' } }, { author: { notes: null } }],
    });
    // The gateway does not know which of the entities it was.
    expect(errors).toEqual([expect.stringMatching(/^reviews\.\d\.author\.notes FORBIDDEN$/)]);
  });

  test('a refused mutation did not run', async () => {
    expect(await send(composer, '{ me { name } }', everything)).toMatchObject({
      data: { me: { name: 'Ada' } },
    });
  });
});

describe('without the gateway, a subgraph has the status and the challenge', () => {
  const representations = [{ __typename: 'User', id: '1' }];
  const entities =
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { name } } }';

  test.each<[string, string, string, Claims, number, string | null]>([
    ['a refused entity', 'accounts', entities, { scope: '' }, 403, 'insufficient_scope'],
    ['an anonymous client', 'accounts', entities, undefined, 401, 'scope="read:users"'],
    ['an allowed entity', 'accounts', entities, { scope: 'admin' }, 200, null],
    ['the SDL', 'accounts', '{ _service { sdl } }', undefined, 200, null],
    ["Apollo's directives", 'reviews', '{ drafts { text } }', {}, 403, 'Bearer'],
  ])('%s', async (_name, server, query, claims, status, challenge) => {
    const variables = query === entities ? { representations } : {};
    const result = await send(server, query, claims, variables);
    expect(result.status).toBe(status);
    if (challenge === null) expect(result.challenge).toBeNull();
    else expect(result.challenge).toContain(challenge);
  });
});
