import { normalizedExecutor } from '@graphql-tools/executor';
import fc from 'fast-check';
import { type DocumentNode, type ExecutionArgs, parse } from 'graphql';
import { expect, test } from 'vitest';
import { anonymous } from '../../src/authentication/viewer.ts';
import { CompiledOperations } from '../../src/execution/compiled-operations.ts';
import { createGate } from '../../src/gate/gate.ts';
import type { ErrorBehavior } from '../../src/shared/error-behavior.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { generatedCases } from '../support/generated-cases.ts';
import {
  type GeneratedOperation,
  generatedOperations,
  operationsPerSchema,
} from './generated-operation.ts';
import { createOddSchema, type SchemaTraits } from './odd-schema.ts';
import { contexts, countUnhandledRejections, isResult, showAll } from './outcomes.ts';

const rejections = countUnhandledRejections();
const gate = createGate({ authenticator: { authenticate: async () => anonymous } });

/** What an execution resulted in, as far as both schemas have it in common. */
interface Outcome {
  readonly body: string;
  readonly errors: readonly string[];
  readonly calls: readonly string[];
  readonly unhandled: number;
}

type Execute = (document: DocumentNode, args: ExecutionArgs, onError: ErrorBehavior) => unknown;

/** Creates a schema, and a function that executes operations on it. Undefined if nothing was executed. */
function createWorld(traits: SchemaTraits, execute: Execute) {
  const calls: string[] = [];
  const { schema, createRoot } = createOddSchema(traits, (call) => calls.push(call));
  return async (
    { document: text, context }: GeneratedOperation,
    { variables: variableValues, isAnonymous }: GeneratedOperation['executions'][number],
    onError: ErrorBehavior,
  ): Promise<Outcome | undefined> => {
    calls.length = 0;
    rejections.reset();
    const document = parse(text.replace('type { kind ofType { name } }', ''));
    const viewer = isAnonymous ? anonymous : viewerWith({ scopes: ['a'] });
    const contextValue = contexts[context](viewer, (call) => calls.push(call));
    const args = { schema, document, variableValues, rootValue: createRoot(), contextValue };
    const allowed = await gate.authorize(args, onError);
    if (allowed.kind === 'refused') return { ...describe(allowed), calls: [], unhandled: 0 };
    const result = await execute(document, allowed.args, onError);
    if (result === undefined) return undefined;
    if (!isResult(result)) throw new Error('Not a result.');
    const finished = allowed.finish(result);
    const outcome = describe(finished.kind === 'refused' ? finished : finished.result);
    const unhandled = await rejections.settle();
    return { ...outcome, calls: calls.map(withoutNonNull).sort(), unhandled };
  };
}

function describe({ errors = [], ...rest }: { readonly errors?: readonly Error[] }) {
  return {
    body: JSON.stringify(rest, showAll),
    errors: errors
      .map((error) => JSON.stringify(error, showAll))
      // A nullable field can be null without an error.
      .filter((error) => !error.includes('Cannot return null for non-nullable field'))
      .sort(),
  };
}

/** Calls name the type of their field. */
const withoutNonNull = (text: string): string => text.replaceAll('!', '');

test('with onError NULL, a result is that of the schema without non-null types', async () => {
  const runs = generatedCases(25);
  let compared = 0;
  let propagated = 0;
  await fc.assert(
    fc.asyncProperty(generatedOperations, async ({ operations, ...generated }) => {
      // With them, a field of a non-null type takes longer, and critical errors end the rest earlier.
      const traits = { ...generated, isBatched: false };
      const compiled = new CompiledOperations();
      const strict = createWorld(traits, (...args) => compiled.execute(...args));
      const types = Object.entries(traits.types).map(([name, type]) => [
        name,
        withoutNonNull(type),
      ]);
      const nullableTraits = { ...traits, types: Object.fromEntries(types) };
      const nullable = createWorld(nullableTraits, (_, args) => normalizedExecutor(args));
      for (const operation of operations) {
        for (const execution of operation.executions) {
          const actual = await strict(operation, execution, 'NULL');
          if (actual === undefined) continue;
          const expected = await nullable(operation, execution, 'PROPAGATE');
          // Yoga's executor leaves some of what it abandons when a list fails.
          expect(actual).toEqual({ ...expected, unhandled: 0 });
          compared += 1;
          // The same compiled operations still propagate errors.
          const usual = await strict(operation, execution, 'PROPAGATE');
          if (usual?.body !== actual.body) propagated += 1;
        }
      }
    }),
    { numRuns: Math.ceil(runs / operationsPerSchema), seed: 20_261_126, endOnFailure: true },
  );
  // The others have a condition that is null.
  expect(compared).toBeGreaterThan(runs / 2);
  expect(propagated).toBeGreaterThan(runs / 10);
}, 3_600_000);
