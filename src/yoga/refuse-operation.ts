import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { setExecution, viewerOf } from '../authorization/execution.ts';
import { examineOperation, type FoundRefusal, scopeFor } from '../authorization/find-refusals.ts';
import type { ReportPolicyError } from '../authorization/policies.ts';
import { RefusalError } from '../authorization/refusal-error.ts';
import { askRootPolicies } from '../authorization/root-policies.ts';
import { type ChallengeSettings, refusedRules, schemeOf } from './answer.ts';

/** What decides, before an operation executes, whether it may. */
export interface OperationGate {
  readonly settings: ChallengeSettings;
  /** Whether any refusal refuses a query whole; of mutations and subscriptions it always does. */
  readonly refuseWhole: boolean;
  readonly reportPolicyError: ReportPolicyError;
}

/**
 * The result of an operation that may not run: errors, and the HTTP answer in
 * `extensions.http`. Undefined where it may, in part or whole; its guards then see to the rest.
 */
export function refuseOperation(
  args: ExecutionArgs,
  gate: OperationGate,
): ExecutionResult | undefined | Promise<ExecutionResult | undefined> {
  const { schema, document, operationName, rootValue } = args;
  const context: unknown = args.contextValue;
  const viewer = viewerOf(context);
  const variables = args.variableValues ?? {};
  const request = { schema, document, operationName, variables, viewer };

  const { operation, refusals, leavesNothing } = examineOperation(request);
  if (refusals.length > 0 && (operation !== 'query' || leavesNothing || gate.refuseWhole)) {
    return refusedResult(refusals, viewer, gate.settings);
  }
  if (typeof context !== 'object' || context === null) return undefined;
  const { reportPolicyError } = gate;
  const execution = { variables, reportPolicyError };
  setExecution(context, execution);
  if (operation === 'query') return undefined;

  return askRootPolicies({ ...request, context, rootValue, reportPolicyError }).then(
    ({ refusals: disagreed, agreed }) => {
      if (disagreed.length > 0) return refusedResult(disagreed, viewer, gate.settings);
      setExecution(context, { ...execution, agreed });
      return undefined;
    },
  );
}

function refusedResult(
  refusals: readonly FoundRefusal[],
  viewer: Viewer,
  settings: ChallengeSettings,
): ExecutionResult {
  const missing = refusals.map((refusal) => refusal.missing);
  return {
    errors: refusals.map(
      ({ missing: lacking, nodes, path }) => new RefusalError(lacking, { nodes, path }),
    ),
    extensions: {
      http: refusedRules(missing, scopeFor(refusals, viewer), schemeOf(viewer), settings),
    },
  };
}
