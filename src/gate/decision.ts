import type { OperationRequest } from '../authorization/operation/find-refusals.ts';
import { type Explanation, explainOperation } from '../authorization/review/explain-operation.ts';
import { refusalExtensions } from '../authorization/rules/refusal.ts';
import { NestingError } from '../shared/nesting.ts';
import type { ObservedOperation } from './observed-operation.ts';
import type { RuleRefusal } from './refusal-events.ts';

/** What the rules say about an operation, before it is executed. Policies are not evaluated. */
export interface Decision {
  readonly operation: ObservedOperation;
  /**
   * The decisions about the selections that would run, one for each coordinate: `deny` if any of its
   * selections is denied. At most 1,000; none if the operation is nested too deep to run. Computed with each
   * call, which takes about as long as planning the operation: call it for a sample.
   */
  readonly coordinates: () => readonly CoordinateDecision[];
}

/** Whether the viewer of an operation may read a coordinate. */
export type CoordinateDecision =
  | { readonly verdict: 'allow'; readonly coordinate: string }
  | {
      readonly verdict: 'deny';
      readonly coordinate: string;
      readonly reason: RuleRefusal['reason'];
      readonly code: RuleRefusal['code'];
    };

/** Clients choose how many selections an operation has. */
const maxCoordinates = 1_000;

/** Makes the decision about an operation. */
export function decisionOn(operation: ObservedOperation): Decision {
  return { operation, coordinates: () => decide(operation) };
}

function decide({ args, viewer }: ObservedOperation): readonly CoordinateDecision[] {
  const { schema, document, operationName, variableValues: variables } = args;
  const explained = explain({ schema, document, operationName, variables, viewer });
  const decisions = new Map<string, CoordinateDecision>();
  for (const { coordinate, verdict, unmet } of explained?.selections ?? []) {
    if (verdict === 'below a refusal') continue;
    if (unmet !== undefined) {
      const { code } = refusalExtensions(unmet);
      decisions.set(coordinate, { verdict: 'deny', coordinate, reason: unmet.kind, code });
    } else if (!decisions.has(coordinate)) {
      decisions.set(coordinate, { verdict: 'allow', coordinate });
    }
    if (decisions.size >= maxCoordinates) break;
  }
  return [...decisions.values()];
}

function explain(request: OperationRequest): Explanation | undefined {
  try {
    return explainOperation(request);
  } catch (error) {
    if (error instanceof NestingError) return undefined;
    throw error;
  }
}
