import { setTimeout as delay } from 'node:timers/promises';
import { normalizedExecutor } from '@graphql-tools/executor';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import type { Viewer } from '../src/authentication/viewer.ts';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { type Figure, median } from './figure.ts';

const viewer: Viewer = {
  kind: 'authenticated',
  id: 'somebody',
  subject: 'somebody',
  issuer: 'https://issuer.example/',
  scopes: new Set(),
  claims: {},
  expiresAt: new Date(8.64e15),
};

/** How long the policy takes for one call, as one of another service would. */
const policyMs = 5;

/** What a remote policy costs that decides about 3,000 fields. */
export async function measurePolicies(): Promise<Figure[]> {
  let calls = 0;
  const executable = makeExecutableSchema({
    typeDefs: `${authDirectives}
      type Query { open: [Thing] guarded: [GuardedThing] }
      type Thing { a: Int b: Int c: Int }
      type GuardedThing { a: Int @auth(policy: "p") b: Int @auth(policy: "p") c: Int @auth(policy: "p") }`,
    resolvers: { Query: { open: () => things, guarded: () => things } },
  });
  const things = Array.from({ length: 1_000 }, (_, index) => ({ a: index, b: index, c: index }));
  const schema = guardSchema(executable, {
    policies: {
      p: {
        batched: async (inputs) => {
          calls += 1;
          await delay(policyMs);
          return inputs.map(() => true);
        },
      },
    },
  });
  const run = async (text: string): Promise<number> => {
    const milliseconds: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      const started = performance.now();
      await normalizedExecutor({ schema, document: parse(text), contextValue: { viewer } });
      milliseconds.push(performance.now() - started);
    }
    return median(milliseconds.slice(10));
  };
  const open = await run('{ open { a b c } }');
  calls = 0;
  const guarded = await run('{ guarded { a b c } }');
  return [
    {
      name: 'batched policy of 5 ms, 1,000 objects with 3 fields: calls',
      value: calls / 30,
      unit: '',
      limit: 3,
    },
    {
      name: 'batched policy of 5 ms, 1,000 objects with 3 fields: more',
      value: guarded - open,
      unit: 'ms',
      limit: 10,
    },
  ];
}
