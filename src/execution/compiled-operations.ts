/**
 * The entry of this room. Given a guarded schema and an operation that the gate has allowed, it
 * executes it like @graphql-tools/executor does, in a fraction of the time. It must not know HTTP.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { viewerOf } from '../authorization/enforcement/execution.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { OperationCache } from '../authorization/operation/operation-cache.ts';
import type { ErrorBehavior } from '../shared/error-behavior.ts';
import { type CompiledOperation, compileOperation } from './compile-operation.ts';

/**
 * Maximum total size of the compiled operations of one schema, in the selections that they can hold. Most
 * take 250 to 900 bytes; those of lists of lists in fragments up to 2.5 KB, which makes 45 MB.
 */
const maxCachedSize = 18_000;

/** Operations that could become larger are left to the ordinary executor. */
const maxOperationSize = 10_000;

/** With other arguments, such as a signal or resolvers, executors do more. */
const understood: ReadonlySet<string> = new Set<keyof ExecutionArgs>([
  'schema',
  'document',
  'operationName',
  'rootValue',
  'contextValue',
  'variableValues',
]);

type Cached = CompiledOperation | 'ordinary';

/** The compiled operations of guarded schemas. Keeps those that were used most recently. */
export class CompiledOperations {
  readonly #caches = new WeakMap<GraphQLSchema, OperationCache<Cached>>();

  /**
   * Executes an operation.
   *
   * @param document The document as it was parsed, by which compiled operations are found.
   * @param args The arguments of the gate, whose operation carries the state of the execution.
   * @param onError What field errors do. The same compiled operations are used for both.
   * @returns undefined for what only the ordinary executor can execute. Then nothing has run.
   */
  execute(
    document: DocumentNode,
    args: ExecutionArgs,
    onError: ErrorBehavior = 'PROPAGATE',
  ): ExecutionResult | PromiseLike<ExecutionResult> | undefined {
    if (!isUnderstood(args)) return undefined;
    const { schema, operationName, rootValue, contextValue, variableValues } = args;
    const operation = getOperationAST(args.document, operationName);
    if (!operation) return undefined;
    const kept = this.#get(schema, document, operationName ?? undefined);
    const isTooLarge = kept === 'ordinary' && onError !== 'PROPAGATE';
    const compiled = isTooLarge ? compileNamed(schema, document, operationName) : kept;
    if (compiled === undefined || compiled === 'ordinary') return undefined;
    return compiled.run({
      operation,
      variables: variableValues ?? {},
      rootValue,
      contextValue,
      viewer: viewerOf(contextValue),
      onError,
    });
  }

  #get(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): Cached {
    let cache = this.#caches.get(schema);
    if (cache === undefined) {
      cache = new OperationCache({ maxSize: maxCachedSize, maxEntrySize: maxOperationSize });
      this.#caches.set(schema, cache);
    }
    const known = cache.get(document, operationName);
    if (known !== undefined) return known;
    const compiled = compileNamed(schema, document, operationName);
    const entry =
      compiled === undefined || compiled.size > maxOperationSize ? 'ordinary' : compiled;
    cache.set(document, operationName, entry, sizeOf(entry));
    return entry;
  }
}

function isUnderstood<Args extends ExecutionArgs>(args: Args): boolean {
  for (const name in args) if (args[name] && !understood.has(name)) return false;
  return true;
}

const sizeOf = (compiled: Cached): number => (compiled === 'ordinary' ? 1 : compiled.size);

/** Undefined if it cannot be compiled. */
function compileNamed(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): CompiledOperation | undefined {
  const operation = getOperationAST(document, operationName);
  return operation ? compileOperation(schema, document, operation, guardOf(schema)) : undefined;
}
