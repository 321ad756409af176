import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildSchema, execute, type GraphQLSchema, parse } from 'graphql';
import { anonymous, type Viewer } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../src/authorization/operation/find-refusals.ts';
import { CompiledOperations } from '../src/execution/compiled-operations.ts';
import { createGate } from '../src/gate/gate.ts';
import { type Figure, median } from './figure.ts';

/** What short documents and large variables cost that were written to cost much. Takes some seconds. */
export async function measurePlans(): Promise<Figure[]> {
  return [
    ...overlappingInterfaces(),
    ...conditions(),
    ...manyRules(),
    ...largeVariables(),
    await listOfObjects(),
    keptPlans(),
    keptPrograms(),
  ];
}

const guarded = (types: string): GraphQLSchema =>
  guardSchema(buildSchema(`${authDirectives}${types}`));
const repeat = (count: number, write: (index: number) => string, between = ' '): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(between);
const withScope = (scope: string): Viewer => ({
  kind: 'authenticated',
  id: 'someone',
  subject: 'someone',
  issuer: 'https://issuer.example/',
  scopes: new Set([scope]),
  claims: {},
  expiresAt: new Date(8.64e15),
});

interface Attack {
  readonly schema: GraphQLSchema;
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly viewer?: Viewer;
}

/** Of a document that is new each time, and of one that is known. */
function examining(name: string, attack: Attack): Figure[] {
  const { schema, operation, variables = {}, viewer = anonymous } = attack;
  const document = parse(operation);
  const examine = (one = document): unknown =>
    findRefusals({ schema, document: one, variables, viewer });
  const times = (work: () => unknown): number =>
    median(Array.from({ length: 7 }, () => milliseconds(work)));
  const fresh = Array.from({ length: 7 }, () => parse(operation));
  return [
    figure(
      `${name}, new document`,
      times(() => examine(fresh.pop())),
      'ms',
      100,
    ),
    figure(
      `${name}, known document`,
      times(() => examine()),
      'ms',
      100,
    ),
  ];
}

function overlappingInterfaces(): Figure[] {
  const types = (interfaces: number, count: number): string => {
    const names = Array.from({ length: interfaces }, (_, index) => `I${index}`);
    const all = ['Node', ...names];
    return `
      type Query { node: Node }
      ${all.map((name) => `interface ${name} { id: ID secret: String }`).join('\n')}
      ${repeat(
        count,
        (type) =>
          `type T${type} implements ${all.filter((_, index) => index === 0 || index - 1 !== type % interfaces).join(' & ')} { id: ID secret: String @auth(scope: "s${type % 3}") }`,
        '\n',
      )}
    `;
  };
  const nested = (interfaces: number): string =>
    `{ node { ...F0 } } ${repeat(interfaces, (index) => `fragment F${index} on Node { ... on I${index} { ...F${index + 1} } ...F${index + 1} }`)} fragment F${interfaces} on Node { id secret }`;
  return [
    ...examining('13 nested interfaces', { schema: guarded(types(13, 13)), operation: nested(13) }),
    ...examining('40 nested interfaces of 300 types', {
      schema: guarded(types(40, 300)),
      operation: nested(40),
    }),
    ...examining('240 aliases on an interface of 500 types with a rule each', {
      schema: guarded(
        `type Query { node: Node } interface Node @auth { s(a: Int): String } ${repeat(500, (type) => `type T${type} implements Node @auth(scope: "s${type}") { s(a: Int): String }`)}`,
      ),
      operation: `{ node { ${repeat(240, (index) => `x${index}: s(a: 1)`)} } }`,
      viewer: withScope('x'),
    }),
  ];
}

function conditions(): Figure[] {
  const schema = guarded('type Query { a: Query b: Query secret: String @auth }');
  const variables = (count: number): string => repeat(count, (index) => `$v${index}: Boolean!`);
  return [
    ...examining('4,800 fields below 80 unsent conditions', {
      schema,
      operation: `query (${variables(80)}) { ${repeat(80, (index) => `... @include(if: $v${index}) {`)} ${repeat(120, (index) => `b${index}: b { ...G }`)} ${'}'.repeat(80)} } fragment G on Query { ${repeat(40, (index) => `x${index}: secret`)} }`,
    }),
    ...examining('a fragment under each of 70 growing sets of conditions', {
      schema,
      operation: `query (${variables(70)}) { ${repeat(60, (index) => `b${index}: b { ...F0 }`)} } ${repeat(70, (index) => `fragment F${index} on Query { x${index}: secret @include(if: $v${index}) ...F${index + 1} @include(if: $v${index}) }`)} fragment F70 on Query { secret }`,
    }),
  ];
}

function manyRules(): Figure[] {
  const choice = (letter: string): string =>
    `@auth(scope: [${repeat(4, (index) => `"${letter}${index} ${letter}x x${index}"`, ', ')}])`;
  const args = repeat(8, (index) => `i${index}: Int ${choice(`i${index}`)}`, ', ');
  const supplied = (bits: number): string =>
    repeat(8, (bit) => ((bits >> bit) % 2 === 1 ? `i${bit}: 1` : ''));
  return examining('130 aliases with up to eight rules of four alternatives', {
    schema: guarded(
      `schema ${choice('a')} { query: Query } type Query ${choice('b')} { q(${args}): String ${choice('c')} }`,
    ),
    operation: `{ ${repeat(130, (index) => `x${index}: q(${supplied(index + 1)})`)} }`,
    viewer: withScope('x'),
  });
}

const inputs = `
  type Query { s(f: F): String list: [L] } type L { s(f: F): String }
  input F { a: Int @auth(scope: "x") b: Int and: [F] }
`;

function largeVariables(): Figure[] {
  const schema = guarded(inputs);
  const operation = `query ($f: F) { ${repeat(220, (index) => `x${index}: s(f: $f)`)} }`;
  const passing = (name: string, and: readonly unknown[]): Figure[] =>
    examining(name, { schema, operation, variables: { f: { and } } }).slice(1);
  return [
    ...passing(
      '220 aliases of a variable with 30,000 members',
      Array.from({ length: 30_000 }, () => ({ b: 1 })),
    ),
    ...passing(
      'the same with 300,000 empty lists (900 KB)',
      Array.from({ length: 300_000 }, () => []),
    ),
    ...passing(
      'the same with 140,000 guarded members (900 KB)',
      Array.from({ length: 140_000 }, () => ({ a: 1 })),
    ),
  ];
}

async function listOfObjects(): Promise<Figure> {
  const text = `${authDirectives}${inputs}`;
  const rootValue = { list: Array.from({ length: 500 }, () => ({ s: 's' })) };
  const variableValues = { f: { and: Array.from({ length: 30_000 }, () => ({ b: 1 })) } };
  const document = parse('query ($f: F) { list { s(f: $f) } }');
  const plain = { schema: buildSchema(text), document, rootValue, variableValues };
  const args = { ...plain, schema: guarded(inputs), contextValue: {} };
  const gate = createGate({ authenticator: { authenticate: async () => anonymous } });
  const runs = { plain: [] as number[], guarded: [] as number[] };
  for (let run = 0; run < 7; run += 1) {
    runs.plain.push(milliseconds(() => execute(plain)));
    const start = performance.now();
    const outcome = await gate.authorize(args);
    if (outcome.kind !== 'allowed') throw new Error('The measured operation was refused.');
    outcome.finish(await execute(outcome.args));
    runs.guarded.push(performance.now() - start);
  }
  return figure(
    'a list of 500 objects that take 30,000 members, beyond unguarded',
    median(runs.guarded) - median(runs.plain),
    'ms',
    100,
  );
}

function keptPlans(): Figure {
  const schema = guarded('type Query { a: Query b: Query secret: String @auth }');
  const documents = Array.from({ length: 300 }, (_, index) =>
    parse(
      `{ ...F0 } ${repeat(9, (level) => `fragment F${level} on Query { a { ...F${level + 1} } b { ...F${level + 1} } }`)} fragment F9 on Query { x${index}: secret }`,
      { noLocation: true },
    ),
  );
  const before = heap();
  for (const document of documents) findRefusals({ schema, document, viewer: anonymous });
  const kept = heap() - before;
  // They are still in use while the heap is measured.
  if (documents.length === 0) throw new Error('No documents.');
  return figure('plans kept of 300 documents with 1,000 paths', kept / 1e6, 'MB', 50);
}

function keptPrograms(): Figure {
  const resolved = buildSchema(
    `${authDirectives}type Query { a: [[[Query!]!]!]! b: [[[Query!]!]!]! secret: String @auth }`,
  );
  const { a, b } = resolved.getQueryType()?.getFields() ?? {};
  for (const field of [a, b]) if (field) field.resolve = () => [[[{}]]];
  const schema = guardSchema(resolved);
  const programs = new CompiledOperations();
  const documents = Array.from({ length: 300 }, (_, index) =>
    parse(
      `{ ...F0 } ${repeat(8, (level) => `fragment F${level} on Query { a { ...F${level + 1} } b { ...F${level + 1} } }`)} fragment F8 on Query { x${index}: secret }`,
      { noLocation: true },
    ),
  );
  const before = heap();
  for (const document of documents) programs.execute(document, { schema, document });
  const kept = heap() - before;
  // They are still in use while the heap is measured.
  if (documents.length === 0) throw new Error('No documents.');
  return figure('compiled operations kept of the same, in lists of lists', kept / 1e6, 'MB', 50);
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function figure(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value: Math.round(value * 100) / 100, unit, limit };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit, limit } of await measurePlans()) {
    console.log(`${value <= limit ? 'ok  ' : 'OVER'} ${name}: ${value} ${unit} (at most ${limit})`);
  }
}
