import { normalizedExecutor } from '@graphql-tools/executor';
import { makeExecutableSchema } from '@graphql-tools/schema';
import fc from 'fast-check';
import { type DocumentNode, type ExecutionResult, getOperationAST, Kind, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { compileOperation } from '../../src/execution/compile-operation.ts';
import { CompiledOperations } from '../../src/execution/compiled-operations.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
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

  test('can be without selections, if a plugin made it', () => {
    const compiled = new CompiledOperations();
    const [definition] = parse('{ list { secret } }').definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('No operation.');
    const empty = { ...definition, selectionSet: { ...definition.selectionSet, selections: [] } };
    const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [empty] };

    expect(run(compiled, document, anonymous)).toEqual({ data: {} });
  });
});
