import { normalizedExecutor } from '@graphql-tools/executor';
import { makeExecutableSchema } from '@graphql-tools/schema';
import fc from 'fast-check';
import { type DocumentNode, type ExecutionArgs, Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { RefusalError } from '../../src/authorization/rules/refusal.ts';
import { CompiledOperations } from '../../src/execution/compiled-operations.ts';
import { createGate, type FinishedExecution, type Gate } from '../../src/gate/gate.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { generatedCases, isLongRun } from '../support/generated-cases.ts';
import {
  type GeneratedOperation,
  generatedOperations,
  operationsPerSchema,
} from './generated-operation.ts';
import { createOddSchema, type OddSchema, type SchemaTraits } from './odd-schema.ts';
import { contexts, countUnhandledRejections, isResult, showAll } from './outcomes.ts';

const runs = generatedCases(25);
const seed = Number(process.env['EXECUTION_SEED'] ?? 20_261_126);

const rejections = countUnhandledRejections();

describe('compared with the executor of Yoga', () => {
  test('results, calls and their order are the same, and no rejection is unhandled', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(generatedOperations, async ({ operations, ...traits }) => {
        const environment = createEnvironment(traits);
        for (const operation of operations) {
          if (await isSame(operation, environment)) compared += 1;
        }
      }),
      // A failure of many operations is found first, and shrunk in a run of fewer.
      { numRuns: Math.ceil(runs / operationsPerSchema), seed, endOnFailure: isLongRun },
    );
    if (isLongRun) console.info(`${compared} operations were compared.`);
    // The others have variables that do not fit, which the executor reports, or are refused.
    expect(compared).toBeGreaterThan(runs / 2);
  }, 3_600_000);
});

interface Environment extends OddSchema {
  readonly compiled: CompiledOperations;
  readonly gate: Gate;
  /** The calls of functions of the schema, in order. */
  readonly calls: string[];
}

function createEnvironment(traits: SchemaTraits): Environment {
  const calls: string[] = [];
  const odd = createOddSchema(traits, (call) => calls.push(call));
  // The viewers are on the contexts.
  const gate = createGate({ authenticator: { authenticate: async () => anonymous } });
  return { ...odd, compiled: new CompiledOperations(), gate, calls };
}

/** Compares the executions of an operation. False if none of them was compiled. */
async function isSame(
  { document: text, context, executions }: GeneratedOperation,
  { schema, createRoot, compiled, gate, calls }: Environment,
): Promise<boolean> {
  const document = parse(text);
  let isCompared = false;
  for (const { variables: variableValues, isAnonymous } of executions) {
    const viewer = isAnonymous ? anonymous : viewerWith({ scopes: ['a'] });
    const outcomeOf = async (execute: Executor): Promise<Outcome | undefined> => {
      calls.length = 0;
      rejections.reset();
      const rootValue = createRoot();
      const contextValue = contexts[context](viewer, (call) => calls.push(call));
      const args = { schema, document, variableValues, rootValue, contextValue };
      const execution = await gate.authorize(args);
      if (execution.kind === 'refused') return undefined;
      const executed = execute(execution.args);
      if (executed === undefined) return undefined;
      const result = await executed;
      if (!isResult(result)) throw new Error('Not a result.');
      return describeOutcome(execution.finish(result), calls);
    };
    const actual = await outcomeOf((args) => compiled.execute(document, args));
    if (actual === undefined) continue;
    isCompared = true;
    const expected = await outcomeOf(normalizedExecutor);
    // Yoga's executor leaves some of what it abandons when a list fails.
    expect(actual).toEqual({ ...expected, unhandled: 0 });
  }
  return isCompared;
}

/** Undefined for what is left to the executor. */
type Executor = (
  args: ExecutionArgs,
) => ReturnType<typeof normalizedExecutor> | ReturnType<CompiledOperations['execute']>;

interface Outcome {
  readonly body: string;
  readonly errors: readonly string[];
  readonly calls: readonly string[];
  readonly unhandled: number;
}

async function describeOutcome(
  finished: FinishedExecution,
  calls: readonly string[],
): Promise<Outcome> {
  const body = JSON.stringify(finished, showAll);
  const errors = finished.kind === 'completed' ? (finished.result.errors ?? []) : [];
  const unhandled = await rejections.settle();
  return { body, errors: errors.map(describeError), calls: [...calls], unhandled };
}

/** What the body does not show of an error. */
function describeError(error: Error & { readonly originalError?: Error | undefined }): string {
  const original = error.originalError;
  // Compiled operations do not wrap refusals; what clients see is the same.
  if (error instanceof RefusalError || original instanceof RefusalError) return 'refusal';
  return `${error.constructor.name} ${original?.name} ${original?.message} ${typeof original?.stack}`;
}

describe('a compiled operation', () => {
  const viewerWithScopes = (scopes: ReadonlySet<string>): Viewer => ({
    ...viewerWith({ scopes: ['a'] }),
    scopes,
  });
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: [
        authDirectives,
        'type Query { list: [Item] self: Query } type Item { secret: String @auth(scope: "a") }',
      ],
      resolvers: {
        Query: { list: () => [{ secret: '1' }, { secret: '2' }], self: () => ({}) },
      },
    }),
  );
  const run = (compiled: CompiledOperations, document: DocumentNode, viewer: Viewer): unknown =>
    compiled.execute(document, { schema, document, contextValue: { viewer } });

  test('decides anew for each viewer, and for one whose check throws', () => {
    const compiled = new CompiledOperations();
    const document = parse('{ list { secret } }');
    const allowed = { data: { list: [{ secret: '1' }, { secret: '2' }] } };
    let calls = 0;
    class Throwing extends Set<string> {
      override has(): boolean {
        calls += 1;
        if (calls === 1) throw new Error('No scopes.');
        return false;
      }
    }

    expect(run(compiled, document, viewerWithScopes(new Set(['a'])))).toEqual(allowed);
    const denied = { list: [{ secret: null }, { secret: null }] };
    expect(run(compiled, document, viewerWithScopes(new Throwing()))).toMatchObject({
      data: denied,
    });
    expect(run(compiled, document, anonymous)).toMatchObject({ data: denied });
    expect(run(compiled, document, viewerWithScopes(new Set(['a'])))).toEqual(allowed);
  });

  test('is left to the ordinary executor once it has more fields than it may keep', () => {
    const compiled = new CompiledOperations();
    const aliases = Array.from({ length: 40 }, (_, index) => `a${index}: self { ...F }`).join(' ');
    const fields = Array.from({ length: 40 }, (_, index) => `b${index}: __typename`).join(' ');
    const document = parse(`{ ${aliases} } fragment F on Query { ${fields} }`);

    expect(run(compiled, document, anonymous)).toHaveProperty('data.a39.b39', 'Query');
    expect(run(compiled, document, anonymous)).toBeUndefined();
  });

  test('fails in the same microtask as with the executor of Yoga', async () => {
    let turns = 0;
    const slow = async (): Promise<never> => {
      for (let turn = 0; turn < turns; turn += 1) await undefined;
      throw new Error('late');
    };
    const racing = guardSchema(
      makeExecutableSchema({
        typeDefs: [
          'type Query { a: [Item!]! } type Mutation { a: [Item!]! b: Int } type Item { late: Int }',
        ],
        resolvers: Object.fromEntries(
          ['Query', 'Mutation'].map((type) => [
            type,
            { a: () => [Promise.reject(new Error('item')), { late: slow }] },
          ]),
        ),
      }),
      { allowNoRules: true },
    );
    const compiled = new CompiledOperations();
    for (const text of ['{ a { late } }', 'mutation { a { late } }', 'mutation { a { late } b }']) {
      const document = parse(text);
      for (turns = 0; turns < 12; turns += 1) {
        const args = { schema: racing, document, contextValue: {} };
        const actual = JSON.stringify(await compiled.execute(document, args));
        const expected = JSON.stringify(await normalizedExecutor(args));
        expect(actual, `${text} after ${turns}`).toBe(expected);
      }
    }
  });

  test('records what is denied in a list that ends with an error', async () => {
    const broken = function* () {
      yield {};
      yield {};
      throw new Error('broke off');
    };
    const denying = guardSchema(
      makeExecutableSchema({
        typeDefs: [
          authDirectives,
          'type Query { a: [Item] b: Int @auth(policy: "later") } type Item { secret: Int } ',
          'extend type Item @auth(policy: "never")',
        ],
        resolvers: {
          Query: { a: broken, b: () => new Promise((resolve) => setImmediate(resolve, 1)) },
        },
      }),
      {
        policies: {
          never: { batched: (inputs) => inputs.map(() => false) },
          later: { batched: (inputs) => inputs.map(() => true) },
        },
      },
    );
    const document = parse('{ a { secret } b }');
    const contextValue = { viewer: viewerWith({}) };
    const args = { schema: denying, document, contextValue };
    const result = await new CompiledOperations().execute(document, args);
    expect(JSON.stringify(result)).toBe(JSON.stringify(await normalizedExecutor(args)));
    expect(result?.errors?.map(({ path }) => path)).toEqual([['a'], ['a', 0], ['a', 1]]);
  });

  test('can be without selections, if a plugin made it', () => {
    const compiled = new CompiledOperations();
    const [definition] = parse('{ list { secret } }').definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('No operation.');
    const empty = { ...definition, selectionSet: { ...definition.selectionSet, selections: [] } };
    const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [empty] };

    expect(run(compiled, document, anonymous)).toEqual({ data: {} });
  });
});
