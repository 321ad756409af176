import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { OperationResult, SubscribePayload } from 'graphql-ws';
import { connectionContext } from '../../gate/connection-viewer.ts';
import type { Executor } from '../../gate/operation-runner.ts';
import { isStream } from '../../streams/streams.ts';
import type { WebSocketConnection } from './web-socket-connection.ts';

/** The part of a Yoga server that is used. */
export interface EnvelopedYoga {
  getEnveloped(context: object): EnvelopedFunctions;
  readonly logger?: { error(...parts: unknown[]): void };
}

/** The functions with which an operation is run. */
export interface EnvelopedFunctions {
  readonly schema: GraphQLSchema;
  readonly parse: (source: string) => DocumentNode;
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  readonly contextFactory: () => unknown;
  readonly execute: Executor;
  readonly subscribe: Executor;
}

/** Replaces an unexpected error with one that clients may see, and returns others as they are. */
export type MaskError = (error: unknown, message: string) => Error;

/**
 * Runs operations as Yoga does, or with the functions of a schema, and keeps their results until
 * graphql-ws fetches them.
 */
export class WebSocketOperations {
  readonly #yoga: EnvelopedYoga;
  readonly #mask: (error: unknown) => GraphQLError;
  readonly #results = new WeakMap<ExecutionArgs, OperationResult>();

  /** @param mask Also logs what it replaces. */
  constructor(yoga: EnvelopedYoga, mask: (error: unknown) => GraphQLError) {
    this.#yoga = yoga;
    this.#mask = mask;
  }

  /**
   * Runs an operation. Returns errors if it is refused before execution, or fails.
   *
   * @param check Called first. Returns the error of an operation that must not run.
   */
  async run(
    connection: WebSocketConnection,
    payload: SubscribePayload,
    check: () => Promise<GraphQLError | undefined>,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    try {
      const error = await check();
      return error ? [error] : await this.#run(connection, payload);
    } catch (error) {
      // A failed operation must not end the others of its connection.
      return [error instanceof GraphQLError ? error : this.#mask(error)];
    }
  }

  /** The result of an operation that `run` has executed. */
  resultOf(args: ExecutionArgs): OperationResult {
    return (
      this.#results.get(args) ?? { errors: [new GraphQLError('The operation was not executed.')] }
    );
  }

  async #run(
    { viewer, request }: WebSocketConnection,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    dropUnused(payload);
    const { query, operationName, variables } = payload;
    if (query === '') return [invalidPayload()];
    const { schema, parse, validate, contextFactory, execute, subscribe } = this.#yoga.getEnveloped(
      {
        ...connectionContext(viewer),
        request,
        // The same object, by which observers recognize the operation.
        params: payload,
      },
    );
    const document = parse(query);
    const errors: readonly GraphQLError[] = validate(schema, document);
    if (errors.length > 0) return [...errors];
    const operation = getOperationAST(document, operationName);
    if (!operation) return [new GraphQLError('The document does not contain this operation.')];
    dropUndeclared(operation, variables ?? {});
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: operationName ?? null,
      variableValues: variables ?? {},
      contextValue: await contextFactory(),
    };
    const isSubscription = operation.operation === 'subscription';
    const result: ExecutionResult | AsyncIterable<ExecutionResult> = await (isSubscription
      ? subscribe(args)
      : execute(args));
    if (!isStream(result) && result.data === undefined && result.errors) return [...result.errors];
    this.#results.set(args, result);
    return args;
  }
}

function invalidPayload(): GraphQLError {
  return new GraphQLError(
    'The payload of subscribe must have a string property query. If present, variables and extensions must be objects, and operationName a string.',
    { extensions: { code: 'BAD_REQUEST' } },
  );
}

const used = new Set(['query', 'operationName', 'variables', 'onError']);

/** Drops members without effect: graphql-ws keeps the payload while the operation runs. */
function dropUnused(payload: SubscribePayload): void {
  for (const name of Object.keys(payload)) {
    if (!used.has(name)) Reflect.deleteProperty(payload, name);
  }
}

/** Drops variables that the operation does not declare: they have no effect. */
function dropUndeclared(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Record<string, unknown>,
): void {
  const declared = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
  for (const name of Object.keys(variables)) {
    if (!declared.has(name)) Reflect.deleteProperty(variables, name);
  }
}
