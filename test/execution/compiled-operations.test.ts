import { normalizedExecutor } from '@graphql-tools/executor';
import fc from 'fast-check';
import { type ExecutionResult, getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../src/authentication/viewer.ts';
import { compileOperation } from '../../src/execution/compile-operation.ts';
import { type GeneratedOperation, generatedOperation } from './generated-operation.ts';
import { createOddSchema } from './odd-schema.ts';

const runs = Number(process.env['EXECUTION_RUNS'] ?? 150);
const seed = Number(process.env['EXECUTION_SEED'] ?? 20_261_126);

/** Vitest fails on unhandled rejections; here they are part of what is compared. */
let listeners: NodeJS.UnhandledRejectionListener[] = [];
let unhandled = 0;
const count = (): void => {
  unhandled += 1;
};
beforeAll(() => {
  listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', count);
});
afterAll(() => {
  process.off('unhandledRejection', count);
  for (const listener of listeners) process.on('unhandledRejection', listener);
});

describe('compared with the executor of Yoga', () => {
  test('results, calls, their order and unhandled rejections are the same', async () => {
    let compiled = 0;
    await fc.assert(
      fc.asyncProperty(generatedOperation, async (operation) => {
        const actual = await outcomeOf(operation, runCompiled);
        if (actual === undefined) return;
        compiled += 1;
        expect(actual).toEqual(await outcomeOf(operation, runOrdinary));
      }),
      { numRuns: runs, seed },
    );
    // The others have variables that do not fit, which the executor reports.
    expect(compiled).toBeGreaterThan(runs / 2);
  }, 3_600_000);
});

type Executor = (operation: GeneratedOperation, note: (call: string) => void) => unknown;

const runOrdinary: Executor = (operation, note) =>
  normalizedExecutor({
    schema: createOddSchema(operation, note),
    document: parse(operation.document),
    variableValues: { ...operation.variables },
    contextValue: {},
  });

const runCompiled: Executor = ({ document: text, variables, ...traits }, note) => {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('No operation.');
  const guard = { resolvers: new WeakMap(), typeChecks: new WeakMap() };
  return compileOperation(createOddSchema(traits, note), document, operation, guard)?.run({
    operation,
    variables,
    rootValue: undefined,
    contextValue: {},
    viewer: anonymous,
  });
};

interface Outcome {
  readonly body: string;
  readonly errors: readonly string[];
  readonly calls: readonly string[];
  readonly unhandled: number;
}

/** Undefined if the operation is left to the executor. */
async function outcomeOf(
  operation: GeneratedOperation,
  execute: Executor,
): Promise<Outcome | undefined> {
  const calls: string[] = [];
  unhandled = 0;
  const result: unknown = await execute(operation, (call) => calls.push(call));
  if (result === undefined) return undefined;
  const body = JSON.stringify(result, showErrors);
  const errors = isResult(result) ? (result.errors ?? []).map(describeError) : [];
  // Unhandled rejections are reported once the microtasks have run.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return { body, errors, calls, unhandled };
}

function isResult(value: unknown): value is ExecutionResult {
  return typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);
}

/** What the body does not show of an error. */
function describeError(error: Error & { readonly originalError?: Error | undefined }): string {
  const original = error.originalError;
  return `${error.constructor.name} ${original?.name} ${original?.message} ${typeof original?.stack}`;
}

function showErrors(_key: string, value: unknown): unknown {
  return value instanceof Error && !('toJSON' in value) ? { message: value.message } : value;
}
