import { setTimeout as delay } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import type { Viewer } from '../src/authentication/viewer.ts';
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

/** The build: `tsx` adds a call to each closure, which takes longer than most of these closures. */
type Layer = Pick<
  typeof import('../src/layer.ts'),
  'authDirectives' | 'createGate' | 'guardSchema'
> &
  typeof import('../src/execution/compiled-operations.ts');

async function importBuild(): Promise<Layer> {
  const [layer, execution]: [Layer, Layer] = await Promise.all([
    import(new URL('../dist/layer.js', import.meta.url).href),
    import(new URL('../dist/execution/compiled-operations.js', import.meta.url).href),
  ]);
  return { ...layer, ...execution };
}

/** What a remote policy costs that decides about 3,000 fields, executed as `useAuth` does. */
export async function measurePolicies(): Promise<Figure[]> {
  const { authDirectives, createGate, guardSchema, CompiledOperations } = await importBuild();
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
  const gate = createGate({ authenticator: { authenticate: async () => viewer } });
  const compiled = new CompiledOperations();
  const run = async (text: string): Promise<number> => {
    const document = parse(text);
    const milliseconds: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      const started = performance.now();
      const allowed = await gate.authorize({ schema, document, contextValue: { viewer } });
      if (allowed.kind !== 'allowed') throw new Error('The operation was refused.');
      const result = await compiled.execute(document, allowed.args);
      if (result === undefined || result.errors) throw new Error('The operation failed.');
      milliseconds.push(performance.now() - started);
    }
    return median(milliseconds.slice(20));
  };
  const open = await run('{ open { a b c } }');
  calls = 0;
  const guarded = await run('{ guarded { a b c } }');
  return [
    {
      name: 'batched policy of 5 ms, 1,000 objects with 3 fields: calls',
      value: calls / 60,
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
