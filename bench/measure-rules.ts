import { pathToFileURL } from 'node:url';
import { normalizedExecutor } from '@graphql-tools/executor';
import { buildSchema, type DocumentNode, type GraphQLSchema, isObjectType, parse } from 'graphql';
import type { Viewer } from '../src/authentication/viewer.ts';
import { anonymous } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../src/authorization/operation/find-refusals.ts';
import { type Figure, median } from './figure.ts';
/** What the rules cost. Takes some seconds. */
export async function measureRules(): Promise<Figure[]> {
  return [
    guardingLargeSchema(),
    ...findingRefusals(),
    await guardedList(),
    await publicFields(),
    ...fragmentBombs(),
  ];
}

const viewer: Viewer = {
  kind: 'authenticated',
  id: 'somebody',
  subject: 'somebody',
  issuer: 'https://issuer.example/',
  scopes: new Set(['read:items', 'read:prices']),
  claims: { sub: 'somebody', department: 'sales' },
  expiresAt: new Date(8.64e15),
};

function guardingLargeSchema(): Figure {
  const types = Array.from({ length: 2_000 }, (_, type) => {
    const rule = type % 3 === 0 ? ' @auth(scope: "read:items")' : '';
    const fields = Array.from(
      { length: 5 },
      (_unused, field) =>
        `  f${field}(a: Int, b: String${field === 4 ? ' @auth' : ''}): ${field === 3 ? `T${(type * 7) % 2_000}` : 'String'}${field === 0 ? ' @auth(claims: "department")' : ''}`,
    );
    return `type T${type}${type % 2 === 0 ? ' implements Node' : ''}${rule} {\n  id: ID\n${fields.slice(0, 4 + (type % 2)).join('\n')}\n}`;
  });
  const text = `${authDirectives}\ninterface Node @auth { id: ID }\n${types.join('\n')}\ntype Query { t0: T0 all: [Node] }`;
  const milliseconds = Array.from({ length: 3 }, () => {
    const schema = buildSchema(text);
    return time(() => guardSchema(schema));
  });
  // The first one is what a start pays.
  return figure(
    'guardSchema, 2,000 types with 10,000 fields, first run',
    milliseconds[0] ?? 0,
    'ms',
    1_000,
  );
}

const shop = `${authDirectives}
type Query { items(first: Int): [Item] @auth node(id: ID): Node open: Item }
interface Node { id: ID }
type Item implements Node {
  id: ID
  a: String @auth
  b: String @auth(scope: "read:items")
  c: String @auth(scope: ["read:items", "admin"])
  d: Int @auth(scope: "read:items read:prices")
  e: Int @auth(claims: "department")
  v: String w: String x: String y: Int z: Int
  item(id: ID @auth): Item
}`;

function findingRefusals(): Figure[] {
  const schema = guardSchema(buildSchema(shop));
  const fields = ['a', 'b', 'c', 'd', 'e', 'v', 'w', 'x', 'y', 'item(id: 1) { id }'];
  const document = parse(
    `{ ${Array.from({ length: 9 }, (_, index) => `i${index}: open { ${fields.join(' ')} }`).join(' ')} }`,
  );
  const cost = (who: Viewer): number =>
    perRun(2_000, () => findRefusals({ schema, document, viewer: who }));
  return [
    figure('findRefusals, 100 fields, warm, all allowed', cost(viewer), 'µs', 50),
    figure('findRefusals, 100 fields, warm, 54 refused', cost(anonymous), 'µs', 50),
  ];
}

async function guardedList(): Promise<Figure> {
  const items = Array.from({ length: 10_000 }, (_, id) => ({
    id,
    a: 'a',
    b: 'b',
    c: 'c',
    d: 1,
    e: 2,
  }));
  return ratio(
    'list of 10,000 objects with five guarded fields, guarded to unguarded',
    shop,
    '{ items { a b c d e } }',
    { items: () => items },
    1.15,
  );
}

async function publicFields(): Promise<Figure> {
  const items = Array.from({ length: 10_000 }, () => ({ v: 'v', w: 'w', x: 'x', y: 1, z: 2 }));
  return ratio(
    'the same with public fields only',
    shop.replace('[Item] @auth', '[Item]'),
    '{ items { v w x y z } }',
    { items: () => items },
    1.05,
  );
}

/** Interleaved, so that both see the same machine; medians, so that a hiccup does not count. */
async function ratio(
  name: string,
  text: string,
  operation: string,
  resolvers: Readonly<Record<string, () => unknown>>,
  limit: number,
): Promise<Figure> {
  const resolvable = (): GraphQLSchema => {
    const schema = buildSchema(text);
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name !== 'Query') continue;
      for (const [field, resolve] of Object.entries(resolvers)) {
        const found = type.getFields()[field];
        if (found) found.resolve = resolve;
      }
    }
    return schema;
  };
  const document = parse(operation);
  const plain = runner(resolvable(), document);
  const guarded = runner(guardSchema(resolvable()), document);
  const plainTimes: number[] = [];
  const guardedTimes: number[] = [];
  for (let round = 0; round < 120; round += 1) {
    const [first, second] = round % 2 === 0 ? [plain, guarded] : [guarded, plain];
    const one = await first();
    const two = await second();
    if (round < 20) continue;
    plainTimes.push(round % 2 === 0 ? one : two);
    guardedTimes.push(round % 2 === 0 ? two : one);
  }
  return figure(name, median(guardedTimes) / median(plainTimes), '×', limit);
}

function runner(schema: GraphQLSchema, document: DocumentNode): () => Promise<number> {
  return async () => {
    globalThis.gc?.();
    const start = performance.now();
    const result = await normalizedExecutor({ schema, document, contextValue: { viewer } });
    const took = performance.now() - start;
    if ('errors' in result && result.errors) throw new Error('The measured operation has errors.');
    return took;
  };
}

function fragmentBombs(): Figure[] {
  const schema = guardSchema(
    buildSchema(`${authDirectives}\ntype Query { a: Query b: Query secret: String @auth }`),
  );
  const bomb = (levels: number, condition: (level: number, side: number) => string): string => {
    const fragments = Array.from(
      { length: levels },
      (_, level) =>
        `fragment F${level} on Query { a ${condition(level, 0)} { ...F${level + 1} } b ${condition(level, 1)} { ...F${level + 1} } }`,
    );
    const variables = Array.from({ length: levels }, (_, level) =>
      [0, 1].map((side) => condition(level, side).match(/\$\w+/)?.[0]),
    ).flat();
    const declared = [...new Set(variables.filter((name) => name !== undefined))];
    const header =
      declared.length > 0 ? `(${declared.map((name) => `${name}: Boolean!`).join(' ')})` : '';
    return `query${header} { ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { secret }`;
  };
  const measure = (name: string, text: string): Figure => {
    const milliseconds = Array.from({ length: 5 }, () => {
      const document = parse(text);
      const variables = Object.fromEntries(
        [...text.matchAll(/\$(\w+): Boolean/g)].map(([, variable]) => [variable ?? '', true]),
      );
      return time(() => {
        const refusals = findRefusals({ schema, document, variables, viewer: anonymous });
        if (refusals.length === 0) throw new Error('The bomb was not refused.');
      });
    });
    return figure(name, median(milliseconds), 'ms', 50);
  };
  return [
    measure(
      'a document with 2^60 paths',
      bomb(60, () => ''),
    ),
    measure(
      'the same under 120 variables',
      bomb(60, (level, side) => `@include(if: $v${level}x${side})`),
    ),
  ];
}

function perRun(runs: number, work: () => unknown): number {
  for (let run = 0; run < runs; run += 1) work();
  const batches = Array.from({ length: 21 }, () =>
    time(() => {
      for (let run = 0; run < 100; run += 1) work();
    }),
  );
  return (median(batches) / 100) * 1_000;
}

/** In milliseconds. */
function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function figure(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value: Math.round(value * 1_000) / 1_000, unit, limit };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit, limit } of await measureRules()) {
    console.log(`${value <= limit ? 'ok  ' : 'OVER'} ${name}: ${value} ${unit} (at most ${limit})`);
  }
}
