import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { useAuth } from '../src/adapters/yoga/use-auth.ts';
import { anonymous } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { type Figure, median } from './figure.ts';

/** What large requests and many refusals cost, beyond what the same requests cost unguarded. */
export async function measureResponses(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, request] of Object.entries(requests)) {
    const guardedTimes: number[] = [];
    const openTimes: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      openTimes.push(await cpuTime(open, request));
      guardedTimes.push(await cpuTime(guarded, request));
    }
    figures.push({
      name: `${name}: beyond the same request unguarded`,
      value: median(guardedTimes) - median(openTimes),
      unit: 'ms',
      limit: 100,
    });
  }
  return [...figures, ...(await measureLists())];
}

const types = /* GraphQL */ `
  type Query { open(flag: Boolean, role: Role): Int, items: [Item], found: [Found], roles: [Role], mixed: [Mixed], rows: [Row] }
  interface Mixed { id: Int }
  type Plain implements Mixed { id: Int }
  type Secret implements Mixed @auth { id: Int }
  type Row { open: Int, secret: Int! @auth }
  type Mutation { change: Int @auth }
  type Item { secret: Int @auth }
  interface Found { id: Int }
  type Hidden implements Found @auth { id: Int }
  enum Role { USER ADMINISTRATOR @auth }
`;

const resolvers = {
  Query: {
    items: () => Array.from({ length: 10_000 }, () => ({ secret: 1 })),
    roles: () => Array.from({ length: 1_000 }, (_, at) => (at % 2 ? 'USER' : 'ADMINISTRATOR')),
    mixed: () =>
      Array.from({ length: 1_000 }, (_, id) => ({ __typename: id % 2 ? 'Plain' : 'Secret', id })),
    rows: () => Array.from({ length: 1_000 }, () => ({ open: 1, secret: 1 })),
    found: () => Array.from({ length: 10_000 }, (_, id) => ({ __typename: 'Hidden', id })),
  },
};

const many = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join('\n');
const newlines = '\n'.repeat(44_000);

const requests: Readonly<Record<string, object>> = {
  'a variable that looks like 7,000 suggestions': {
    query: 'query ($b: Boolean!) { open(flag: $b) }',
    variables: { b: ' Did you mean '.repeat(7_000) },
  },
  'a name of 95 KB, unknown, a hundred times': {
    query: `{ ${`y${'z'.repeat(95_000)} `.repeat(10)} }`,
  },
  '650 refused fields behind 44,000 line ends': {
    query: `mutation {${newlines}${many(650, 'change')} }`,
  },
  '10,000 refused objects behind 44,000 line ends': { query: `{${newlines}found { id } }` },
  '10,000 refused fields behind 44,000 line ends': { query: `{${newlines}items { secret } }` },
};

const yogaOf = (isGuarded: boolean) => {
  const schema = makeExecutableSchema({ typeDefs: [authDirectives, types], resolvers });
  return createYoga({
    schema: isGuarded ? guardSchema(schema) : schema,
    logging: false,
    plugins: isGuarded ? [useAuth({ authenticator: { authenticate: async () => anonymous } })] : [],
  });
};
const guarded = yogaOf(true);
const open = yogaOf(false);

/** Lists of which much is refused while they are completed, and how often they are selected. */
const refusedLists: Readonly<Record<string, readonly [field: string, aliases: number]>> = {
  'half of 50,000 values of an enum refused': ['roles', 50],
  'half of 50,000 objects of an interface refused': ['mixed { id }', 50],
  '50,000 fields refused that cannot be null': ['rows { open secret }', 50],
};

async function measureLists(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, [field, aliases]] of Object.entries(refusedLists)) {
    const request = { query: `{ ${many(aliases, field)} }` };
    const ratios: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const unguarded = await cpuTime(open, request);
      ratios.push((await cpuTime(guarded, request)) / unguarded);
    }
    figures.push({
      name: `${name}, guarded to unguarded`,
      value: median(ratios),
      unit: '×',
      limit: 3,
    });
  }
  return figures;
}

/** Milliseconds of CPU time. */
async function cpuTime(yoga: typeof open, request: object): Promise<number> {
  const before = process.cpuUsage();
  const response = await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  await response.text();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
