import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { AuthError, defaultRealm } from '../authentication/auth-error.ts';
import type { AuthenticationRequest } from '../authentication/authenticator.ts';
import { schemeOf } from '../authentication/scheme-of.ts';
import type { Viewer } from '../authentication/viewer.ts';
import { createViewerCheck } from '../authentication/viewer-check.ts';
import { approveRoots } from '../authorization/enforcement/approve-roots.ts';
import { Execution, viewerOf } from '../authorization/enforcement/execution.ts';
import { maxReportedRefusals } from '../authorization/enforcement/refusal-collector.ts';
import {
  examineOperation,
  keysOf,
  type RefusedSelection,
} from '../authorization/operation/find-refusals.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { RefusalError } from '../authorization/rules/refusal.ts';
import { findSentDocument } from '../authorization/visibility/introspection.ts';
import { OperationLimiter } from '../limits/operation-limiter.ts';
import type { ErrorBehavior } from '../shared/error-behavior.ts';
import { NestingError } from '../shared/nesting.ts';
import { findVariableNameError } from '../shared/variable-names.ts';
import { boundRefusals } from './bound-refusals.ts';
import { Challenges } from './challenges.ts';
import { checkGateOptions, type GateOptions, gateOptionNames } from './gate-options.ts';
import { settleHiddenRefusals } from './hidden-refusals.ts';
import { joinObservers } from './join-observers.ts';
import { refuseLimits } from './limit-refusal.ts';
import { observeGate } from './observe-gate.ts';
import { RateChecker } from './rate-limit.ts';
import { type RefusalResponse, refuseCredentials, refuseRules } from './refusal-response.ts';
import { joinScopes, RequiredScopes } from './required-scopes.ts';

/** A request with valid credentials, or without any. */
export interface Authenticated {
  readonly kind: 'authenticated';
  readonly viewer: Viewer;
  /** For the response, whatever it is: with rate limits, `RateLimit` and `RateLimit-Policy`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An operation to execute, in part or as a whole; guarded resolvers check the rest. */
export interface AllowedExecution {
  readonly kind: 'allowed';
  /** What to execute. The document carries the state of this one execution. */
  readonly args: ExecutionArgs;
  /**
   * Call it with the result; of a subscription, with each event; of incremental delivery, with each
   * part. Returns the same object if nothing was refused.
   */
  finish(result: ExecutionResult): FinishedExecution;
}

/** A result to send, or a refusal to send instead. */
export type FinishedExecution =
  | { readonly kind: 'completed'; readonly result: ExecutionResult }
  | RefusalResponse;

/**
 * Turns a request into an allowed execution or a refusal: a status, headers and errors. Adapters
 * call `authenticate`, `authorize` and `finish` in this order. Knows no server framework, and not
 * how tokens are verified.
 */
export interface Gate {
  /**
   * Call it when the schema is known, so that problems show when the server is created.
   *
   * @throws {TypeError} If the schema is not the result of `guardSchema`.
   * @throws {CostDirectiveError} If there are limits, and cost directives cannot be applied as written.
   */
  prepare(schema: GraphQLSchema): void;
  /** Call it once for each HTTP request or connection, before GraphQL is parsed. */
  authenticate(request: AuthenticationRequest): Promise<Authenticated | RefusalResponse>;
  /**
   * Call it after validation, before execution, with the viewer in `args.contextValue.viewer`.
   *
   * @param onError What the errors of refusals do where types are non-null. `NULL` only if your executor
   *   does not propagate errors: then a refused non-null field refuses itself alone. Default `PROPAGATE`.
   */
  authorize(
    args: ExecutionArgs,
    onError?: ErrorBehavior,
  ): AllowedExecution | RefusalResponse | Promise<AllowedExecution | RefusalResponse>;
}

/**
 * Creates a gate: authentication and authorization for any server framework. `useAuth` is the one
 * for Yoga.
 *
 * Not done: parsing and validation, limits before both, `Cache-Control` of what depends on the viewer, and
 * ending subscriptions when the token expires.
 *
 * @throws {TypeError} If an option is wrong or unknown.
 *
 * @example
 * ```ts
 * const gate = createGate({ authenticator });
 *
 * const authenticated = await gate.authenticate({ method, url, headers, rawHeaders });
 * if (authenticated.kind === 'refused') return respond(authenticated);
 *
 * const { viewer } = authenticated;
 * const allowed = await gate.authorize({ schema, document, contextValue: { viewer } });
 * if (allowed.kind === 'refused') return respond(allowed);
 *
 * const finished = allowed.finish(await execute(allowed.args));
 * return finished.kind === 'refused' ? respond(finished) : respond200(finished.result);
 * ```
 */
export function createGate(options: GateOptions): Gate {
  checkGateOptions('createGate', options, gateOptionNames);
  const { authenticator, refuse = 'selection' } = options;
  const observation = joinObservers(options);
  const { refusals: reporter, policyErrors } = observation;
  const resourceMetadata = options.resourceMetadata ?? authenticator.resourceMetadata;
  const requiredScopes = new RequiredScopes();
  const checkViewer = createViewerCheck();
  const limiter = options.limits && new OperationLimiter(options.limits);
  const challenges = new Challenges({
    realm: options.realm ?? authenticator.realm ?? defaultRealm,
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
    schemes: authenticator.schemes ?? ['Bearer'],
    ...(authenticator.dpopAlgorithms ? { dpopAlgorithms: authenticator.dpopAlgorithms } : {}),
  });

  const gate: Gate = {
    prepare(schema) {
      guardOf(schema);
      limiter?.prepare(schema);
    },
    authenticate: options.rateLimit
      ? new RateChecker(options.rateLimit, reporter).limit(authenticate)
      : authenticate,
    authorize(args, onError) {
      try {
        return authorize(args, onError);
      } catch (error) {
        if (!(error instanceof NestingError)) throw error;
        const context: unknown = args.contextValue;
        reporter?.limits([error.exceeded], viewerOf(context), context, true);
        return refuseLimits([error.exceeded]);
      }
    },
  };
  return observeGate(gate, observation);

  async function authenticate(
    request: AuthenticationRequest,
  ): Promise<Authenticated | RefusalResponse> {
    try {
      const viewer = await authenticator.authenticate(request);
      checkViewer(viewer);
      return { kind: 'authenticated', viewer };
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      reporter?.credentials(error, request);
      return refuseCredentials(error, challenges);
    }
  }

  function authorize(
    args: ExecutionArgs,
    onError: ErrorBehavior = 'PROPAGATE',
  ): AllowedExecution | RefusalResponse | Promise<AllowedExecution | RefusalResponse> {
    const { schema, document, operationName, rootValue } = args;
    const context: unknown = args.contextValue;
    const viewer = viewerOf(context);
    const variables = args.variableValues ?? {};
    const request = { schema, document, operationName, variables, viewer };

    const executed = getOperationAST(document, operationName);
    const nameError = executed && findVariableNameError(executed);
    if (nameError) return { kind: 'refused', status: 400, headers: {}, errors: [nameError] };

    const exceeded = limiter?.check({ ...request, document: findSentDocument(document) }) ?? [];
    if (limiter !== undefined && exceeded.length > 0) {
      reporter?.limits(exceeded, viewer, context, limiter.isEnforced);
      if (limiter.isEnforced) return refuseLimits(exceeded);
    }

    const findings = examineOperation({ ...request, onError });
    const { refusals, isFullyRefused } = findings;
    const isWhole = findings.operation !== 'query' || isFullyRefused || refuse === 'operation';
    if (refusals.length > 0 && isWhole) return refuseFound(refusals, viewer, context);

    // The error comes from execution.
    if (findings.variables === undefined) return { kind: 'allowed', args, finish: complete };
    const { operation } = findings.variables;
    const execution = new Execution({
      schema,
      operation,
      variables: findings.variables,
      reportPolicyError: policyErrors,
      context,
      keepsUnmetRules: reporter !== undefined,
    });
    const allowed: AllowedExecution = {
      kind: 'allowed',
      args: { ...args, document: execution.attachTo(document) },
      finish: (result) => finish(result, execution, { schema, operation, viewer, context }),
    };
    if (operation.operation === 'query') return allowed;
    return approveRoots({ ...request, context, rootValue, execution }).then((refused) => {
      if (refused.length === 0) return allowed;
      const unmet = refused.map((one) => one.unmet);
      return refuseFound(refused, viewer, context, joinScopes(unmet, schema));
    });
  }

  function refuseFound(
    refusals: readonly RefusedSelection[],
    viewer: Viewer,
    context: unknown,
    scope = requiredScopes.find(refusals, viewer),
  ): RefusalResponse {
    const reported = refusals
      .slice(0, maxReportedRefusals)
      .map((refusal) => ({ ...refusal, path: keysOf(refusal.path) }));
    const errors = reported.map(
      ({ unmet, nodes, path }) => new RefusalError(unmet, { fieldNodes: nodes, path }),
    );
    const beyond = refusals.length - reported.length;
    const unmet = refusals.map((refusal) => refusal.unmet);
    const head = refuseRules(unmet, scope, schemeOf(viewer), challenges);
    reporter?.rules(reported, viewer, context, head.status);
    return {
      kind: 'refused',
      ...head,
      errors: boundRefusals(errors, { unmet, beyond, shared: undefined }),
    };
  }

  function finish(
    executed: ExecutionResult,
    execution: Execution,
    { schema, operation: { operation }, viewer, context }: ExecutedOperation,
  ): FinishedExecution {
    const taken = execution.takeRefusals();
    const { forms } = guardOf(schema);
    const { result, refusals } = forms.hideSome
      ? settleHiddenRefusals(executed, taken)
      : { result: executed, refusals: taken };
    const { unmet, roots, unmetRules } = refusals;
    if (unmet.length === 0) {
      reporter?.rules(unmetRules, viewer, context);
      return complete(result);
    }
    const { data } = result;
    const errors = boundRefusals(result.errors ?? [], refusals);
    // A mutation has run: its data stays.
    const isWhole = refuse === 'operation' && operation !== 'mutation';
    // The status of a stream has been sent: only its results can say what is refused.
    const isPart = 'hasNext' in result || (operation === 'subscription' && 'data' in result);
    if (!isWhole && (isPart || !isFullyRefused(data, roots))) {
      reporter?.rules(unmetRules, viewer, context);
      return complete(errors.length > 0 ? { ...result, errors } : result);
    }
    const scope = joinScopes(unmet, schema);
    const head = refuseRules(unmet, scope, schemeOf(viewer), challenges);
    reporter?.rules(unmetRules, viewer, context, isPart ? undefined : head.status);
    return {
      kind: 'refused',
      ...head,
      errors:
        errors.length > 0 ? errors : unmet.map((one) => new RefusalError(one, { fieldNodes: [] })),
      ...(data === null && !isWhole ? { data } : {}),
    };
  }
}

/** What has been executed, and for whom. */
interface ExecutedOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly viewer: Viewer;
  readonly context: unknown;
}

function complete(result: ExecutionResult): FinishedExecution {
  return { kind: 'completed', result };
}

/** Whether there is no data, or only root fields that were refused before their resolvers ran. */
function isFullyRefused(data: ExecutionResult['data'], roots: ReadonlySet<string>): boolean {
  return (
    data == null || Object.entries(data).every(([key, value]) => value === null && roots.has(key))
  );
}
