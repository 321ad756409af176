import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import { anonymous } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { formatResult } from '../src/gate/format-result.ts';
import { createGate } from '../src/gate/gate.ts';
import { type Figure, median } from './figure.ts';

/** What a refused operation costs through the gate, relative to an allowed one. */
export async function measureRefusals(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, query, limit] of refusals) {
    const run = operation(query);
    const ratios: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const allowed = await cpuTime(runAllowed);
      ratios.push((await cpuTime(run)) / allowed);
    }
    figures.push({ name: `${name}, to an allowed query`, value: median(ratios), unit: '×', limit });
  }
  return figures;
}

/** With stack traces and a challenge written each time, these were 6, 6, 53 and 58. */
const refusals: readonly (readonly [name: string, query: string, limit: number])[] = [
  ['a refused query', '{ secret }', 2.5],
  ['a refused mutation', 'mutation { change }', 2.5],
  ['ten refused fields', `{ ${'abcdefghij'.replaceAll(/./g, '$&: secret ')} }`, 13],
  ['ten of eleven fields refused', `{ open ${'abcdefghij'.replaceAll(/./g, '$&: secret ')} }`, 28],
];

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: [
      authDirectives,
      'type Query { open: Int, secret: Int @auth(scope: "read") } type Mutation { change: Int @auth }',
    ],
    resolvers: { Query: { open: () => 1 } },
  }),
);
const gate = createGate({ authenticator: { authenticate: async () => anonymous } });
const runAllowed = operation('{ open }');

/** From the parsed operation to the text of its response. */
function operation(query: string): () => Promise<string> {
  const document = parse(query);
  return async () => {
    const outcome = await gate.authorize({
      schema,
      document,
      contextValue: { viewer: anonymous },
    });
    if (outcome.kind === 'refused') return JSON.stringify(formatResult({ errors: outcome.errors }));
    const finished = outcome.finish(await execute(outcome.args));
    return JSON.stringify(
      formatResult(finished.kind === 'refused' ? { errors: finished.errors } : finished.result),
    );
  };
}

/** Microseconds of CPU time. */
async function cpuTime(run: () => Promise<string>): Promise<number> {
  const rounds = 2_000;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}
