import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  type GraphQLSchema,
  getIntrospectionQuery,
  parse,
} from 'graphql';
import type { Viewer } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { createSchemaFilter } from '../src/authorization/visibility/filter-schema.ts';
import { findVisibleValidationErrors } from '../src/authorization/visibility/visible-errors.ts';
import { type Figure, median } from './figure.ts';

/** What introspection by viewer costs in a schema of 2,000 types with 10,000 fields. Takes some seconds. */
export async function measureIntrospection(): Promise<Figure[]> {
  const schema = guardSchema(buildSchema(largeSchema()));
  let schemaFor = createSchemaFilter(schema);
  const atStart = time(() => {
    schemaFor = createSchemaFilter(schema);
  });
  let next = 0;
  /** No two of them meet the same rules. */
  const newViewer = (): Viewer => {
    next += 1;
    return viewerWith(
      Array.from({ length: 20 }, (_, bit) => bit).filter((bit) => next & (1 << bit)),
    );
  };
  const perViewer = (work: (visible: GraphQLSchema) => unknown): number[] =>
    Array.from({ length: 9 }, () => {
      const viewer = newViewer();
      return time(() => work(schemaFor(viewer)));
    });
  const ask = (document: DocumentNode) => (visible: GraphQLSchema) =>
    executeSync({ schema: visible, document });

  const small = perViewer(ask(parse('{ __schema { queryType { name } } }')));
  const full = parse(getIntrospectionQuery());
  // In turns, so that both see the same machine.
  const beyond = Array.from({ length: 9 }, () => {
    const whole = time(() => ask(full)(schema));
    const viewer = newViewer();
    return time(() => ask(full)(schemaFor(viewer))) - whole;
  });
  const wrong = [
    `{ ${'... on Unknown { id } '.repeat(330)} }`,
    `{ ${'t1 { id } '.repeat(495)} wrong }`,
    `{ ${'t1 '.repeat(1990)} wrong }`,
  ].map((text) => {
    const document = parse(text);
    return median(perViewer((visible) => findVisibleValidationErrors(visible, document)));
  });

  const before = usedBytes();
  for (let count = 0; count < 1_000; count += 1) schemaFor(newViewer());
  const kept = usedBytes() - before;

  return [
    figure('what may be seen of 2,000 types, at start', atStart, 'ms', 500),
    figure('introspection of one name by a new viewer', median(small), 'ms', 50),
    figure(
      'introspection of 2,000 types by a new viewer, beyond unguarded',
      Math.max(0, median(beyond)),
      'ms',
      100,
    ),
    figure('errors of 2,000 tokens found for a new viewer', Math.max(...wrong), 'ms', 100),
    figure('kept of 1,000 different viewers', Math.max(0, kept) / 1e6, 'MB', 10),
  ];
}

function largeSchema(): string {
  const types = Array.from({ length: 2_000 }, (_, type) => {
    const rule = type % 3 === 0 ? ` @auth(scope: "scope:${type % 20}")` : '';
    const fields = Array.from({ length: 5 }, (_unused, field) => {
      const returned = field === 3 ? `T${(type * 7 + 1) % 2_000}` : 'String';
      return `f${field}(a: Int, b: In = { x: 1 }): ${returned}${field === 0 ? ' @auth(claims: "department")' : ''}`;
    });
    return `type T${type} implements Node${rule} { id: ID ${fields.join(' ')} }`;
  });
  return `${authDirectives} input In { x: Int y: In @auth } interface Node { id: ID } ${types.join(' ')} type Query { ${Array.from({ length: 20 }, (_, index) => `t${index}: T${index}`).join(' ')} all: [Node] }`;
}

function viewerWith(scopes: readonly number[]): Viewer {
  return {
    kind: 'authenticated',
    id: 'somebody',
    subject: 'somebody',
    issuer: 'https://issuer.example/',
    scopes: new Set(scopes.map((scope) => `scope:${scope}`)),
    claims: { sub: 'somebody' },
    expiresAt: new Date(8.64e15),
  };
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
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
  for (const { name, value, unit, limit } of await measureIntrospection()) {
    console.log(`${value <= limit ? 'ok  ' : 'OVER'} ${name}: ${value} ${unit} (at most ${limit})`);
  }
}
