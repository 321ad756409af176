import {
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeByGraphql,
  type GraphQLSchema,
} from 'graphql';
import type { HandlerOptions, Request, RequestParams, Response } from 'graphql-http';
import type { AuthenticationRequest } from '../../authentication/authenticator.ts';
import { anonymous, type Viewer } from '../../authentication/viewer.ts';
import { contextDefaults } from '../../authorization/enforcement/filter-context.ts';
import { asRefusalError } from '../../authorization/rules/refusal.ts';
import { commonHeaders, noStore } from '../../gate/common-headers.ts';
import { findNodeRequest } from '../../gate/find-node-request.ts';
import { formatErrors } from '../../gate/format-result.ts';
import {
  type AllowedExecution,
  type Authenticated,
  createGate,
  type FinishedExecution,
} from '../../gate/gate.ts';
import {
  checkGateOptions,
  type GateOptions,
  gateOptionNames,
  gateOptionsOf,
} from '../../gate/gate-options.ts';
import { joinObservers } from '../../gate/join-observers.ts';
import { executionOutcome } from '../../gate/operation-runner.ts';
import { type RefusalResponse, refuseUnexpected, toResult } from '../../gate/refusal-response.ts';
import { acceptedTypes } from '../../shared/accept.ts';

/** The context of resolvers: the members of your own, and the viewer. */
export interface GuardedHandlerContext extends Record<PropertyKey, unknown> {
  /** The viewer of the request. */
  readonly viewer: Viewer;
}

/** Options for `guardedHandlerOptions`: those of the gate, and those of graphql-http that it passes on. */
export interface GuardedHandlerOptions<RequestRaw = unknown, RequestContext = unknown>
  extends GateOptions,
    Pick<
      HandlerOptions<RequestRaw, RequestContext, GuardedHandlerContext>,
      'validate' | 'validationRules' | 'execute' | 'parse' | 'rootValue' | 'formatError'
    > {
  /** The result of `guardSchema`. */
  readonly schema: GraphQLSchema;
  /** Creates the context of an operation. Its own members are copied, and `viewer` is added. */
  readonly context?: (
    request: Request<RequestRaw, RequestContext>,
    params: RequestParams,
  ) => Promise<object> | object;
}

/**
 * Creates options for `createHandler` of graphql-http (`graphql-http/lib/use/http`, `express`, `koa`,
 * `fastify`, `fetch` and others), so that it authenticates each request once, before its body is read,
 * and checks each operation before it executes. Resolvers find the viewer in `context.viewer`. Refusals
 * get their status, `WWW-Authenticate` header and errors.
 *
 * Not supported: subscriptions, which graphql-http has none of (see `webSocketOptions`), and
 * `graphql-http/lib/use/uWebSockets`, whose requests cannot be read later. Errors that are found before
 * an operation executes, such as those of validation, are sent by graphql-http, without `Cache-Control`.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`, or if an option is wrong, unknown or
 *   not supported.
 *
 * @example
 * ```ts
 * import { createHandler } from 'graphql-http/lib/use/http';
 *
 * const handler = createHandler(guardedHandlerOptions({ schema: guardSchema(schema), authenticator }));
 * createServer(handler).listen(4000);
 * ```
 */
export function guardedHandlerOptions<RequestRaw = unknown, RequestContext = unknown>(
  options: GuardedHandlerOptions<RequestRaw, RequestContext>,
): HandlerOptions<RequestRaw, RequestContext, GuardedHandlerContext> {
  rejectUnsupported(options);
  checkGateOptions('guardedHandlerOptions', options, [...gateOptionNames, ...Object.keys(own)]);
  const { schema, authenticator, validate, validationRules, parse, rootValue } = options;
  const { execute = executeByGraphql, formatError = (error) => error } = options;
  const gate = createGate(gateOptionsOf(options));
  gate.prepare(schema);
  const { runStep, describe } = joinObservers(options);
  const outcomes = new WeakMap<object, Authenticated | RefusalResponse>();
  const refusals = new WeakMap<ExecutionResult, RefusalResponse>();

  type OwnRequest = Request<RequestRaw, RequestContext>;

  function respond(
    request: OwnRequest,
    { errors, ...rest }: ExecutionResult,
    refusal?: RefusalResponse,
  ): Response {
    const outcome = outcomes.get(request);
    const [type = json] = acceptedTypes(headerOf(request, 'accept'), [json, graphqlResponse]);
    // Only refusals have more in the response than in their error.
    const formatted =
      errors &&
      formatErrors(errors, rest.data != null).map((own, index) => {
        const error = errors[index];
        return error === undefined || asRefusalError(error) ? own : toJson(formatError(error));
      });
    const headers = {
      'content-type': `${type}; charset=utf-8`,
      ...(outcome && commonHeaders(outcome, authenticator)),
      ...(errors?.some(asRefusalError) ? noStore : {}),
      ...(refusal && { ...noStore, ...refusal.headers }),
    };
    const body = JSON.stringify({ ...(formatted && { errors: formatted }), ...rest });
    return [body, { status: refusal?.status ?? 200, statusText: '', headers }];
  }

  async function run(args: ExecutionArgs, allowed: AllowedExecution): Promise<FinishedExecution> {
    const executeAllowed = async () => allowed.finish(await execute(allowed.args));
    if (runStep === undefined) return executeAllowed();
    return runStep(
      { kind: 'execute', operation: describe(args) },
      executeAllowed,
      executionOutcome,
    );
  }

  return {
    schema,
    ...(validate && { validate }),
    ...(validationRules && { validationRules }),
    ...(parse && { parse }),
    rootValue,
    formatError,

    async parseRequestParams(request) {
      const authenticating = gate.authenticate(toAuthenticationRequest(request));
      const outcome = await authenticating.catch((error: unknown) => {
        // graphql-http would send its message, with 400. It has no logger.
        console.error('A request could not be authenticated:', error);
        return refuseUnexpected();
      });
      outcomes.set(request, outcome);
      return outcome.kind === 'refused' ? respond(request, toResult(outcome), outcome) : undefined;
    },

    async context(request, params) {
      const context = await options.context?.(request, params);
      const outcome = outcomes.get(request);
      return {
        ...contextDefaults,
        ...context,
        viewer: outcome?.kind === 'authenticated' ? outcome.viewer : anonymous,
      };
    },

    /** Between validation and execution, for which graphql-http has no hook. */
    async execute(args) {
      const allowed = await gate.authorize(args);
      const finished = allowed.kind === 'refused' ? allowed : await run(args, allowed);
      if (finished.kind === 'completed') return finished.result;
      const result = toResult(finished);
      refusals.set(result, finished);
      return result;
    },

    onOperation: (request, _args, result) => respond(request, result, refusals.get(result)),
  };
}

/** Besides those of the gate. */
const own: Readonly<Record<Exclude<keyof GuardedHandlerOptions, keyof GateOptions>, true>> = {
  schema: true,
  context: true,
  validate: true,
  validationRules: true,
  execute: true,
  parse: true,
  rootValue: true,
  formatError: true,
};

const json = 'application/json';
const graphqlResponse = 'application/graphql-response+json';

function toAuthenticationRequest(request: Request<unknown, unknown>): AuthenticationRequest {
  const { method, url, raw } = request;
  return {
    method,
    url,
    headers: { get: (name) => headerOf(request, name) },
    raw: request,
    ...findNodeRequest(raw),
  };
}

function headerOf({ headers }: Request<unknown, unknown>, name: string): string | null {
  const { get } = headers;
  if (typeof get === 'function') return get.call(headers, name);
  return Object.hasOwn(headers, name) ? String(Reflect.get(headers, name)) : null;
}

/** What is sent of an error of a resolver: no more than its message, if it is not a GraphQL error. */
function toJson(error: Error): object {
  return 'toJSON' in error ? error : { message: error.message };
}

/** @throws {TypeError} */
function rejectUnsupported(options: object): void {
  for (const name of ['onSubscribe', 'onOperation', 'parseRequestParams']) {
    if (name in options) {
      throw new TypeError(
        `guardedHandlerOptions: the option ${name} is not supported, because it could respond without a check. Remove it.`,
      );
    }
  }
}
