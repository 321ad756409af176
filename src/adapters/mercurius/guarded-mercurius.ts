import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
  OperationTypeNode,
} from 'graphql';
import mercurius, { type MercuriusContext } from 'mercurius';
import type { Viewer } from '../../authentication/viewer.ts';
import { contextDefaults } from '../../authorization/enforcement/filter-context.ts';
import { asRefusalError } from '../../authorization/rules/refusal.ts';
import { commonHeaders, noStore } from '../../gate/common-headers.ts';
import { formatErrors } from '../../gate/format-result.ts';
import { type AllowedExecution, createGate, type FinishedExecution } from '../../gate/gate.ts';
import { gateOptionsOf } from '../../gate/gate-options.ts';
import { joinObservers } from '../../gate/join-observers.ts';
import { fromNodeRequest } from '../../gate/node-request.ts';
import type { EndStep } from '../../gate/observer.ts';
import { executionOutcome } from '../../gate/operation-runner.ts';
import { type RefusalResponse, refuseUnexpected } from '../../gate/refusal-response.ts';
import { isObject } from '../../shared/type-guards.ts';
import { checkMercuriusOptions, type GuardedMercuriusOptions } from './mercurius-options.ts';

/** The context of resolvers. */
export interface GuardedMercuriusContext extends MercuriusContext {
  /** The viewer of the request. */
  viewer: Viewer;
}

/**
 * A Fastify plugin that registers Mercurius with authentication and authorization. Each request to the
 * GraphQL route is authenticated once, before its body is read; each operation is checked before it
 * executes; resolvers find the viewer in `context.viewer`. Refusals get their status,
 * `WWW-Authenticate` header and errors. In a batch, which has one status, they are errors only.
 *
 * Operations that your code starts on other routes, with `graphql()` of a reply or of the app, have the
 * viewer of the context that they are given, or else an anonymous one.
 *
 * Not supported: subscriptions of Mercurius, which have no hook that could refuse them or end them with
 * their token, and `jit`, whose compiled queries do not check the rules of types. Serve subscriptions
 * with `webSocketOptions` of `graphql-resource-server/graphql-ws`.
 *
 * Errors that policies throw are written to Fastify's log, unless there is `onPolicyError`.
 *
 * @throws {TypeError} While Fastify starts: if the schema is not the result of `guardSchema`, or if an
 *   option is wrong, unknown or not supported.
 *
 * @example
 * ```ts
 * const app = Fastify();
 * app.register(guardedMercurius, { schema: guardSchema(schema), authenticator });
 * await app.listen({ port: 4000 });
 * ```
 */
export async function guardedMercurius(
  app: FastifyInstance,
  options: GuardedMercuriusOptions,
): Promise<void> {
  checkMercuriusOptions(app, options);
  const { authenticator, additionalRouteOptions, errorFormatter, ...rest } = options;
  const gate = createGate({
    onPolicyError: (err, policy) =>
      app.log.error({ err, policy }, 'A policy threw; access denied.'),
    ...gateOptionsOf(options),
  });
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  const executions = new WeakMap<object, RunningExecution>();
  const { beginStep, describe } = joinObservers(options);

  await app.register(mercurius, {
    ...rest,
    additionalRouteOptions: {
      // Mercurius' own serializer makes strings of the indices in paths.
      serializerCompiler: () => (body) => JSON.stringify(body),
      ...additionalRouteOptions,
      preParsing: [authenticate, ...[additionalRouteOptions?.preParsing ?? []].flat()],
    },
    errorFormatter(execution, context) {
      const outcome = finish(execution, context) ?? refusalOf(execution.errors);
      if (outcome?.kind === 'refused') return formatRefusal(outcome, context.reply);
      const { errors = execution.errors, ...result } = outcome?.result ?? execution;
      if (errors.some(asRefusalError)) context.reply?.headers(noStore);
      if (errorFormatter !== undefined) return errorFormatter({ ...result, errors }, context);
      const formatted = mercurius.defaultErrorFormatter({ ...result, errors }, context);
      if (outcome === undefined) return formatted;
      const response = { ...formatted.response, errors: formatErrors(errors, result.data != null) };
      return { ...formatted, response };
    },
  });
  gate.prepare(app.graphql.schema);

  /** Finishes the execution of a context. Undefined if there is none, or if the result is that of a nested one. */
  function finish(result: ExecutionResult, context: object): FinishedExecution | undefined {
    const execution = executions.get(context);
    if (execution === undefined || execution.nested > 0) return undefined;
    executions.delete(context);
    const finished = refusalOf(result.errors) ?? execution.finish(result);
    execution.end?.(executionOutcome(finished));
    return finished;
  }

  /** Before the body is read. */
  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const authenticating = gate.authenticate(fromNodeRequest(request.raw));
    const outcome = await authenticating.catch((err: unknown) => {
      // Mercurius would send its message, with 200.
      request.log.error({ err }, 'A request could not be authenticated.');
      return refuseUnexpected();
    });
    reply.headers(commonHeaders(outcome, authenticator));
    if (outcome.kind === 'authenticated') {
      viewers.set(request, outcome.viewer);
      return undefined;
    }
    const { status, headers, errors } = outcome;
    return reply
      .code(status)
      .headers(headers)
      .send({ errors: formatErrors(errors, false) });
  }

  app.graphql.addHook('preParsing', (_schema, source) => {
    if (syntaxTree.test(source)) throw new GraphQLError('Send the operation as text.');
  });

  app.graphql.addHook<GuardedMercuriusContext>(
    'preExecution',
    async (schema, document, context, variableValues) => {
      const viewer = context.reply && viewers.get(context.reply.request);
      if (viewer !== undefined) context.viewer = viewer;
      if (!('filter' in context)) Object.assign(context, contextDefaults);
      // A resolver can execute another operation with the context of its own.
      const outer = executions.get(context);
      const operationName = viewer && !outer ? operationNameOf(context, document) : undefined;
      rejectUnsafe(document, operationName, context);
      const args = {
        schema,
        document,
        operationName,
        variableValues,
        contextValue: context,
        rootValue: {},
      };
      const allowed = await gate.authorize(args);
      if (allowed.kind === 'refused') throw new RefusedOperation(allowed);
      if (outer) outer.nested += 1;
      else {
        const end = beginStep?.({ kind: 'execute', operation: describe(args) });
        executions.set(context, { finish: allowed.finish, end, nested: 0 });
      }
      return { document: withOneOperation(allowed.args.document, operationName) };
    },
  );

  // With errors, the formatter of errors has finished it.
  app.graphql.addHook('onResolution', async (result, context) => {
    const execution = executions.get(context);
    if (execution && execution.nested > 0) execution.nested -= 1;
    else if (result.errors === undefined) finish(result, context);
  });
}

/** What it adds to the app is for all of the app, as with Mercurius itself. */
Object.assign(guardedMercurius, { [Symbol.for('skip-override')]: true });

/** The execution of a context, which has no result yet. */
interface RunningExecution extends Pick<AllowedExecution, 'finish'> {
  readonly end: EndStep | undefined;
  /** How many operations, started by its resolvers with the same context, have no result yet. */
  nested: number;
}

/** An operation that is refused before execution. */
class RefusedOperation extends Error {
  readonly refusal: RefusalResponse;
  /** Read by error handlers of Fastify. */
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: RefusalResponse) {
    super(refusal.errors[0]?.message);
    this.refusal = refusal;
    this.statusCode = refusal.status;
    this.headers = { ...noStore, ...refusal.headers };
  }
}

function refusalOf([error]: readonly GraphQLError[] = []): RefusalResponse | undefined {
  const original = error?.originalError;
  return original instanceof RefusedOperation ? original.refusal : undefined;
}

/** The body of a refusal, whose headers are set. A batch keeps the status 200, without a challenge. */
function formatRefusal({ status, headers, errors, data }: RefusalResponse, reply?: FastifyReply) {
  const isBatch = Array.isArray(reply?.request.body);
  reply?.headers({ ...noStore, ...(isBatch ? {} : headers) });
  const response = { errors: formatErrors(errors, false), ...(data === null ? { data } : {}) };
  return { statusCode: isBatch ? 200 : status, response };
}

/**
 * The name that the request of an operation has, which Mercurius does not pass to its hooks. Resolvers can
 * start operations with `graphql()` of the same reply, which have other names.
 */
function operationNameOf(
  { reply, operationId = 0 }: MercuriusContext,
  document: DocumentNode,
): string | undefined {
  const { body, query } = reply.request;
  const params: unknown = Array.isArray(body) ? body[operationId] : (body ?? query);
  const name = isObject(params) ? params['operationName'] : undefined;
  return typeof name === 'string' && getOperationAST(document, name) ? name : undefined;
}

/** Mercurius rejects mutations that are sent with GET, but not with HEAD, which Fastify handles like GET. */
function rejectUnsafe(
  document: DocumentNode,
  operationName: string | undefined,
  { reply }: Partial<MercuriusContext>,
): void {
  const isQuery = getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY;
  if (reply?.request.raw.method !== 'HEAD' || isQuery) return;
  throw new GraphQLError('Send the operation with POST: HEAD is for queries only.');
}

/**
 * Leaves out every operation but the one that was authorized, so that Mercurius executes no other. A
 * document that is not the one of the request is never compiled by `graphql-jit`.
 */
function withOneOperation(document: DocumentNode, operationName?: string): DocumentNode {
  const operation = getOperationAST(document, operationName);
  const definitions = document.definitions.filter(
    (one) => one.kind !== Kind.OPERATION_DEFINITION || one === operation,
  );
  return { ...document, definitions };
}

/** Mercurius executes syntax trees that are sent as JSON; their names need not be strings. */
const syntaxTree = /^\s*\{\s*"/;
