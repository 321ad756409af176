import { pathToFileURL } from 'node:url';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { anonymous, type Viewer } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { createRequestExplainer } from '../src/server/graphiql/access/explain-request.ts';
import { createAccessReporter } from '../src/server/graphiql/access/schema-access-report.ts';
import { viewerWith } from '../src/testing/viewer-with.ts';
import { type Figure, formatFigure, median } from './figure.ts';

/** What GraphiQL requests while a user types, for a schema of 2,000 fields. Takes some seconds. */
export async function measureExplain(): Promise<Figure[]> {
  const schema = largeSchema();
  const circumstances = { schema, introspection: 'on', visibleTo: () => schema } as const;
  const explain = createRequestExplainer({
    ...circumstances,
    refuse: 'selection',
    limits: undefined,
  });
  // Of about 2,000 tokens, the most that the API accepts; new each time, as it is while a user types.
  const verdicts = (viewer: Viewer): number[] =>
    Array.from({ length: 21 }, (_, run) =>
      time(() => {
        const explained = explain({ query: operation(run) }, viewer);
        if (JSON.stringify(explained) === '' || explained.selections.length !== 825) {
          throw new Error('Not explained.');
        }
      }),
    );
  const manager = viewerWith({ scopes: ['s1', 's2', 't3'] });
  const users = ['guest', 'manager', 'administrator'].map((name) => ({
    name,
    displayName: name,
    scopes: ['s1'],
  }));
  const report = time(() => createAccessReporter({ ...circumstances, users })(anonymous));
  return [
    figure('verdicts of 825 selections, 2,000 fields, anonymous', median(verdicts(anonymous)), 100),
    figure('verdicts of 825 selections, 2,000 fields, signed in', median(verdicts(manager)), 100),
    figure('rules of 2,000 fields and four viewers, once', report, 500),
  ];
}

function largeSchema(): GraphQLSchema {
  const field = (type: number, index: number): string =>
    `a${index}(x: Int @auth(claims: "c")): T${(type * 7 + index) % 100} ${index % 3 === 0 ? `@auth(scope: ["s${index}", "s${type} s${index + 1}"])` : ''}`;
  const types = repeat(
    100,
    (type) =>
      `type T${type} @auth(scope: "t${type % 7}") { ${repeat(20, (index) => field(type, index))} }`,
  );
  const roots = repeat(100, (type) => `f${type}: T${type} @auth(scope: "s${type}")`);
  return guardSchema(buildSchema(`${authDirectives} type Query { ${roots} } ${types}`));
}

const operation = (run: number): string =>
  `query Run${run} { ${repeat(33, (type) => `f${type} { ${repeat(8, (index) => `a${index} { a0 { __typename } }`)} }`)} }`;

const repeat = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');

/** In milliseconds of this process. */
function time(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  return process.cpuUsage(start).user / 1_000;
}

const figure = (name: string, value: number, limit: number): Figure => ({
  name,
  value,
  unit: 'ms',
  limit,
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const one of await measureExplain()) console.log(formatFigure(one));
}
