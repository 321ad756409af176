import {
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type OperationTypeNode,
} from 'graphql';
import { AuthError } from '../authentication/auth-error.ts';
import type { AuthenticationRequest, Authenticator } from '../authentication/authenticator.ts';
import type { Viewer } from '../authentication/viewer.ts';
import { approveRoots } from '../authorization/enforcement/approve-roots.ts';
import { Execution, viewerOf } from '../authorization/enforcement/execution.ts';
import { createClientVariables } from '../authorization/operation/client-variables.ts';
import {
  type DeniedSelection,
  examineOperation,
  findScopeFor,
} from '../authorization/operation/find-refusals.ts';
import type { ReportPolicyError } from '../authorization/rules/policies.ts';
import { RefusalError } from '../authorization/rules/refusal.ts';
import { boundRefusals } from './bound-refusals.ts';
import {
  type ChallengeSettings,
  type RefusalResponse,
  refuseCredentials,
  refuseRules,
  schemeOf,
} from './refusal-response.ts';

/** How requests are authenticated, and operations authorized. */
export interface GateOptions {
  /**
   * Authenticates requests; `createAuthenticator` makes one. One that has nothing but
   * `authenticate` accepts Bearer, as far as challenges tell.
   */
  readonly authenticator: Pick<Authenticator, 'authenticate'> &
    Partial<Pick<Authenticator, 'schemes' | 'dpopAlgorithms' | 'dpopNonce'>>;
  /** The `realm` of every challenge (RFC 9110 §11.5). Default `graphql`. */
  readonly realm?: string;
  /** The URL of this API's metadata, named in every challenge (RFC 9728 §5.1). Default: none. */
  readonly resourceMetadata?: string;
  /**
   * What a query is refused by: `selection` executes the rest of it and refuses only what the
   * viewer is not allowed; `operation` refuses it whole, also when that is found out during
   * execution. Mutations and subscriptions are refused whole for whatever is known before they
   * execute. Default `selection`.
   */
  readonly refuse?: 'selection' | 'operation';
  /** Called with what a policy threw, which refuses. Default: nobody is notified. */
  readonly onPolicyError?: ReportPolicyError;
}

/** A request whose credentials hold, or that has none. */
export interface Authenticated {
  readonly kind: 'authenticated';
  readonly viewer: Viewer;
}

/** An operation that executes, in part or whole; its guards check the rest. */
export interface AllowedExecution {
  readonly kind: 'allowed';
  /** What to execute with: the operation carries the state of this one execution. */
  readonly args: ExecutionArgs;
  /**
   * Decides about a result: of a subscription about each event, of incremental delivery about each
   * part. The same object where nothing was refused.
   */
  finish(result: ExecutionResult): FinishedExecution;
}

/** A result to send with the status that the server gives it, or a refusal instead. */
export type FinishedExecution =
  | { readonly kind: 'completed'; readonly result: ExecutionResult }
  | RefusalResponse;

/**
 * What turns a request into an allowed execution or a refusal. Knows no server framework: each
 * adapter calls these functions, in this order.
 */
export interface Gate {
  /** Once for each HTTP request or connection, before GraphQL is parsed. */
  authenticate(request: AuthenticationRequest): Promise<Authenticated | RefusalResponse>;
  /** After validation, before execution, for the viewer in `args.contextValue.viewer`. */
  authorize(
    args: ExecutionArgs,
  ): AllowedExecution | RefusalResponse | Promise<AllowedExecution | RefusalResponse>;
}

/** Joins authentication and authorization. */
export function createGate(options: GateOptions): Gate {
  const { authenticator, refuse = 'selection', onPolicyError } = options;
  const settings: ChallengeSettings = {
    realm: options.realm ?? 'graphql',
    ...(options.resourceMetadata === undefined
      ? {}
      : { resourceMetadata: options.resourceMetadata }),
    schemes: authenticator.schemes ?? ['Bearer'],
    ...(authenticator.dpopAlgorithms ? { dpopAlgorithms: authenticator.dpopAlgorithms } : {}),
  };

  return {
    async authenticate(request) {
      try {
        return { kind: 'authenticated', viewer: await authenticator.authenticate(request) };
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        return refuseCredentials(error, settings);
      }
    },

    authorize(args) {
      const { schema, document, operationName, rootValue } = args;
      const viewer = viewerOf(args.contextValue);
      const variables = args.variableValues ?? {};
      const request = { schema, document, operationName, variables, viewer };

      const findings = examineOperation(request);
      const { refusals, isFullyRefused } = findings;
      const isWhole = findings.operation !== 'query' || isFullyRefused || refuse === 'operation';
      if (refusals.length > 0 && isWhole) return refuseFound(refusals, viewer);

      const operation = getOperationAST(document, operationName);
      // Execution says why there is none to execute.
      if (!operation) return { kind: 'allowed', args, finish: complete };
      const execution = new Execution({
        schema,
        operation,
        variables: findings.variables ?? createClientVariables(operation, variables),
        reportPolicyError: onPolicyError,
      });
      const allowed: AllowedExecution = {
        kind: 'allowed',
        args: { ...args, document: execution.attachTo(document) },
        finish: (result) => finish(result, execution, operation.operation, viewer),
      };
      if (operation.operation === 'query') return allowed;
      const context: unknown = args.contextValue;
      return approveRoots({ ...request, context, rootValue, execution }).then((refused) =>
        refused.length > 0 ? refuseFound(refused, viewer) : allowed,
      );
    },
  };

  function refuseFound(refusals: readonly DeniedSelection[], viewer: Viewer): RefusalResponse {
    const unmet = refusals.map(({ missing }) => missing);
    const errors = refusals.map(
      ({ missing, nodes, path }) => new RefusalError(missing, { fieldNodes: nodes, path }),
    );
    return {
      kind: 'refused',
      ...refuseRules(unmet, findScopeFor(refusals, viewer), schemeOf(viewer), settings),
      errors: boundRefusals(errors, { unmet, beyond: 0, shared: undefined }),
    };
  }

  function finish(
    result: ExecutionResult,
    execution: Execution,
    operation: OperationTypeNode,
    viewer: Viewer,
  ): FinishedExecution {
    const refusals = execution.takeRefusals();
    const { unmet, roots } = refusals;
    if (unmet.length === 0) return complete(result);
    const { data } = result;
    const errors = boundRefusals(result.errors ?? [], refusals);
    // A mutation has run: what came of it stays.
    const isWhole = refuse === 'operation' && operation !== 'mutation';
    // Of a stream that has begun, its head is sent: only its results can say what is refused.
    const isPart = 'hasNext' in result || (operation === 'subscription' && 'data' in result);
    if (!isWhole && (isPart || !isFullyRefused(data, roots))) {
      return complete(errors.length > 0 ? { ...result, errors } : result);
    }
    const scopes = unmet.flatMap((one) =>
      'scope' in one && one.scope ? one.scope.split(' ') : [],
    );
    const scope = scopes.length > 0 ? [...new Set(scopes)].join(' ') : undefined;
    return {
      kind: 'refused',
      ...refuseRules(unmet, scope, schemeOf(viewer), settings),
      errors:
        errors.length > 0
          ? errors
          : unmet.map((missing) => new RefusalError(missing, { fieldNodes: [] })),
      ...(data === null && !isWhole ? { data } : {}),
    };
  }
}

function complete(result: ExecutionResult): FinishedExecution {
  return { kind: 'completed', result };
}

/** Whether refusals left nothing: no data, or root fields alone that were refused before their resolvers ran. */
function isFullyRefused(data: ExecutionResult['data'], roots: ReadonlySet<string>): boolean {
  return (
    data == null || Object.entries(data).every(([key, value]) => value === null && roots.has(key))
  );
}
