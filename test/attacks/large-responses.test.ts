import { execute, GraphQLError, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/gate/gate.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

const types = /* GraphQL */ `
  type Query {
    open(text: String, role: Role, filter: Filter): Int
    secret(in: Int): Int @auth(scope: "read")
    item: Item
    items: [Item]
    found: [Found]
    roles: [Role]
    mustRoles: [Role!]
    rows: [Row]
    mustRows: [Row!]
    must: Must!
  }
  type Must { must: Must!, fails: Int, failsAll: Int! }
  type Row { open: Int, late: Int, secret: Int! @auth }
  type Mutation { change(in: Int): Int @auth, nest: Nest }
  type Nest { nest: Nest, leaf: Int @auth(scope: "leaf") }
  type Item { secret: Int @auth, open: Int, next: Item }
  interface Found { id: Int }
  type Hidden implements Found @auth { id: Int }
  type Plain implements Found { id: Int }
  enum Role { USER DEPARTMENT_ADMINISTRATOR_OF_FINANCE @auth }
  input Filter { internalDepartmentNumber: Int }
`;
const data = {
  open: 1,
  items: Array.from({ length: 5000 }, () => ({ secret: 1 })),
  roles: Array.from({ length: 5000 }, (_, at) =>
    at % 2 === 0 ? 'USER' : 'DEPARTMENT_ADMINISTRATOR_OF_FINANCE',
  ),
  mustRoles: Array.from({ length: 5000 }, () => 'DEPARTMENT_ADMINISTRATOR_OF_FINANCE'),
  rows: Array.from({ length: 5000 }, () => ({ open: 1, late: Promise.resolve(2), secret: 1 })),
  mustRows: Array.from({ length: 5000 }, () => ({ open: 1, late: Promise.resolve(2), secret: 1 })),
  found: Array.from({ length: 5000 }, (_, id) => ({
    __typename: id === 7 ? 'Plain' : 'Hidden',
    id,
  })),
};
const fails = async (): Promise<never> => {
  throw new GraphQLError('It fails.');
};
const api = new RulesApi(types, {
  data: { ...data, must: {}, item: {} },
  resolvers: {
    Must: { must: () => ({}), fails, failsAll: fails },
    Item: { next: () => ({}) },
  },
});

/** Bytes of a response that carries no data: 20 times its request, and 100 KB. */
const bound = (request: string): number => 20 * request.length + 100_000;

interface Body {
  readonly data?: unknown;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly locations?: readonly { readonly line: number; readonly column: number }[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

async function post(query: string, variables = {}, viewer = anonymousViewer) {
  const response = await api.post({ query, variables }, viewer);
  const text = await response.text();
  api.ran.length = 0;
  const body: Body = JSON.parse(text);
  return {
    text,
    body,
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
  };
}

const long = 'a'.repeat(900);
const nest = (levels: number, inner: string, field = 'nest'): string =>
  Array.from({ length: levels }, (_, level) => `${long}${level}: ${field} { `).join('') +
  inner +
  ' }'.repeat(levels);
const many = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join('\n');

describe('responses without data are bounded', () => {
  test.each<[name: string, query: string, variables?: object]>([
    ['650 refused aliases of a mutation', `mutation { ${many(650, 'change')} }`],
    ['long paths of a mutation', `mutation { ${nest(80, many(300, 'leaf'))} }`],
    ['long paths of a query', `{ ${many(600, 'secret')} }`],
    [
      'one name of 95 KB that a hundred errors repeat',
      `query ${'x'.repeat(95_000)} { ${Array.from({ length: 120 }, (_, at) => `a${at}: open(text: $v${at})`).join(' ')} }`,
    ],
    ['unknown arguments of long names', `{ ${many(120, `open(${'b'.repeat(900)}: 1)`)} }`],
    ['a long text where a number belongs', `{ secret(in: "${'t'.repeat(90_000)}") }`],
    ['a long variable', 'query ($v: Role) { open(role: $v) }', { v: 'v'.repeat(90_000) }],
    [
      'fifty long variables',
      `query (${Array.from({ length: 60 }, (_, at) => `$v${at}: Role`).join()}) { ${Array.from({ length: 60 }, (_, at) => `a${at}: open(role: $v${at})`).join(' ')} }`,
      Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`v${at}`, `v${at}`.repeat(2_000)])),
    ],
    ['one path that is longer than the bound', `mutation { ${'p'.repeat(95_000)}: change }`],
    [
      'long paths of what fails, beside what takes everything along',
      `{ ${nest(70, `${many(300, 'fails')} failsAll`, 'must')} }`,
    ],
    ['spreads of fragments that do not exist', `{ ${'...F '.repeat(500)} }`],
  ])('%s', async (_name, query, variables) => {
    const { text, body } = await post(query, variables);
    expect(body.data ?? null).toBeNull();
    expect(body.errors.length).toBeGreaterThan(0);
    expect(body.errors.length).toBeLessThanOrEqual(101);
    expect(text.length).toBeLessThan(bound(JSON.stringify({ query, variables })));
    // No more than the request itself, and what a hundred errors take.
    expect(text.length).toBeLessThan(150_000);
    for (const { message } of body.errors) expect(message.length).toBeLessThanOrEqual(1_001);
  });

  test('a hundred refusals are reported one by one, and the rest are counted', async () => {
    const { body, status } = await post(`mutation { ${many(650, 'change')} }`);
    expect(status).toBe(401);
    expect(body.errors).toHaveLength(101);
    expect(body.errors[99]).toMatchObject({
      path: ['a99'],
      extensions: { code: 'UNAUTHENTICATED' },
    });
    expect(body.errors[100]).toEqual({
      message: '550 more selections were denied.',
      extensions: { code: 'UNAUTHENTICATED', refused: 550 },
    });
  });

  test('a hundred and one refusals', async () => {
    const { body } = await post(`mutation { ${many(101, 'change')} }`);
    expect(body.errors[100]?.message).toBe('1 more selection was denied.');
  });
});

describe('refusals found during execution', () => {
  test('objects of a list: a hundred are reported, the rest are counted, and all are null', async () => {
    const { body, status } = await post('{ found { id } }');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ found: { length: 5000 } });
    expect(JSON.stringify(body.data)).toBe(
      JSON.stringify({ found: data.found.map(({ id }) => (id === 7 ? { id } : null)) }),
    );
    expect(body.errors).toHaveLength(101);
    expect(body.errors[0]).toMatchObject({
      path: ['found', 0],
      locations: [{ line: 1, column: 3 }],
    });
    expect(body.errors[100]?.extensions).toEqual({ code: 'UNAUTHENTICATED', refused: 4899 });
  });

  test('values of a list: those beyond the first hundred cost no error each', async () => {
    const { body } = await post('{ roles }');
    expect(body.data).toEqual({
      roles: data.roles.map((role) => (role === 'USER' ? role : null)),
    });
    expect(body.errors).toHaveLength(101);
    expect(body.errors[100]?.extensions).toEqual({ code: 'UNAUTHENTICATED', refused: 2400 });
  });

  test.each(['{ roles }', '{ items { secret } }'])(
    'of %s, the executor itself is given no more than a hundred errors',
    async (query) => {
      const gate = createGate({ authenticator: { authenticate: async () => anonymousViewer } });
      const execution = await gate.authorize({ schema: api.schema, document: parse(query) });
      if (execution.kind === 'refused') throw new Error('Refused.');
      const result = await execute(execution.args);
      api.ran.length = 0;
      expect(result.errors).toHaveLength(100);
    },
  );

  test.each<[query: string, data: unknown]>([
    ['{ open mustRoles }', { open: 1, mustRoles: null }],
    ['{ open rows { open late secret } }', { open: 1, rows: Array(5000).fill(null) }],
    ['{ open mustRows { open late secret } }', { open: 1, mustRows: null }],
  ])(
    '%s: what must not be null takes along what is around it, and no more',
    async (query, expected) => {
      const unhandled: unknown[] = [];
      const note = (error: unknown): void => void unhandled.push(error);
      process.on('unhandledRejection', note);
      try {
        const { body, status } = await post(query);
        await new Promise((resolve) => setImmediate(resolve));
        expect(status).toBe(200);
        expect(body.data).toEqual(expected);
        expect(body.errors.length).toBeLessThanOrEqual(101);
        expect(body.errors.at(-1)?.extensions['code']).toBe('UNAUTHENTICATED');
      } finally {
        process.off('unhandledRejection', note);
      }
      expect(unhandled).toEqual([]);
    },
  );

  test('fields of objects of a list', async () => {
    const { body } = await post('{ items { secret } }');
    expect(body.errors).toHaveLength(101);
    expect(body.errors[100]?.extensions).toEqual({ code: 'UNAUTHENTICATED', refused: 4900 });
  });

  test('long paths beside data', async () => {
    const query = `{ open item { ${nest(70, many(300, 'secret'), 'next')} } }`;
    const { text, body } = await post(query);
    expect(body.data).toMatchObject({ open: 1 });
    expect(body.errors.at(-1)?.message).toMatch(/more selections were denied/);
    expect(text.length).toBeLessThan(bound(query));
    expect(text.length).toBeLessThan(250_000);
  });

  test('a field that is selected many times has a hundred locations, until there are a thousand', async () => {
    const { body } = await post(`{ open items { ${'secret '.repeat(150)} } }`);
    const counts = body.errors.map(({ locations = [] }) => locations.length);
    expect(counts).toEqual([...Array(10).fill(100), ...Array(90).fill(1), 0]);
  });

  test('a fragment that is spread a hundred times has as many', async () => {
    const spreads = Array.from({ length: 100 }, (_, at) => `a${at}: item { ...F }`).join(' ');
    const { body } = await post(
      `{ open ${spreads} } fragment F on Item { ${'secret '.repeat(90)} }`,
    );
    const counts = body.errors.map(({ locations = [] }) => locations.length);
    // The last of the thousand are those of one error.
    expect(counts).toEqual([...Array(11).fill(90), 10, ...Array(88).fill(1)]);
  });
});

describe('lines and columns', () => {
  test.each<[name: string, query: string]>([
    ['line feeds', '{\n\n  secret\n}'],
    ['carriage returns', '{\r\r  secret\r}'],
    ['both', '{\r\n\r\n  secret\r\n}'],
    ['a mixture', '{\n\r  secret }'],
    ['separators that are no line ends', '{ open(text: "\u2028")\n\n  secret }'],
  ])('%s are counted as GraphQL.js does', async (_name, query) => {
    const { body } = await post(query);
    expect(body.errors[0]?.locations).toEqual([{ line: 3, column: 3 }]);
  });
});

test('a challenge names no more scopes than a header can carry', async () => {
  const scopes = Array.from({ length: 400 }, (_, at) => `department:${at}:documents:read:all`);
  const wide = new RulesApi(
    `type Query { ${scopes.map((scope, at) => `f${at}: Int @auth(scope: "${scope}")`).join(' ')} }`,
  );
  for (const viewer of [anonymousViewer, createViewer()]) {
    const all = await wide.execute(`{ ${scopes.map((_, at) => `f${at}`).join(' ')} }`, { viewer });
    expect(all.challenge?.length).toBeLessThan(6_000);
    expect(all.challenge).not.toContain('scope="');
    const few = await wide.execute('{ f1 f2 }', { viewer });
    expect(few.challenge).toContain(`scope="${scopes[1]} ${scopes[2]}"`);
  }
});

test('a challenge names no more authentication context classes than a header can carry', async () => {
  const classes = Array.from({ length: 400 }, (_, at) => `https://issuer.test/classes/${at}`);
  const strong = new RulesApi(
    `type Query { ${classes.map((acr, at) => `f${at}: Int @auth(acr: "${acr}")`).join(' ')} }`,
  );
  const ask = (count: number) =>
    strong.execute(`{ ${Array.from({ length: count }, (_, at) => `f${at}`).join(' ')} }`, {
      viewer: createViewer(),
    });
  const few = await ask(2);
  expect(few.challenge).toContain(`acr_values="${classes[0]} ${classes[1]}"`);
  const all = await ask(400);
  expect(all.status).toBe(401);
  expect(all.challenge).toContain('error="insufficient_user_authentication"');
  expect(all.challenge).not.toContain('acr_values');
  expect(all.challenge?.length).toBeLessThan(6_000);
});

describe('no response suggests a name', () => {
  const decoys = ['', ' Did you mean ? ', ' Did you mean "x"?', 'Did you mean'];
  test.each(decoys)('with %j in the request', async (decoy) => {
    const role = `DEPARTMENT_ADMINISTRATOR_OF_FINAN${decoy}`;
    const escaped = JSON.stringify(role);
    const requests: readonly [string, object?][] = [
      ['query ($v: Role) { open(role: $v) }', { v: role }],
      [`{ open(role: ${escaped}) }`],
      [`{ open(text: ${escaped}, role: DEPARTMENT_ADMINISTRATOR_OF_FINAN) }`],
      [
        'query ($v: Filter) { open(filter: $v) }',
        { v: { [`internalDepartmentNumbe${decoy}`]: 1 } },
      ],
      [`{ opan(text: ${escaped}) }`],
      [`{ open(txet: ${escaped}) }`],
      [`{ items { sceret } open(text: ${escaped}) }`],
      [`query ($v: Filtre) { open(text: ${escaped}) }`],
      [`{ ... on Itme { open } open(text: ${escaped}) }`],
    ];
    for (const [query, variables] of requests) {
      const { body } = await post(query, variables);
      for (const { message } of body.errors) {
        const own = message
          .replaceAll(escaped.slice(1, -1), '')
          .replaceAll(decoy || role, '')
          .replaceAll(role, '');
        expect(own, query).not.toMatch(/Did you mean (?:the|to|"|`)/);
        expect(own, query).not.toMatch(/OF_FINANCE|internalDepartmentNumber\b|\bItem\b.*\?/);
      }
    }
  });
});
