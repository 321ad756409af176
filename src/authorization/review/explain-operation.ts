import type { FieldNode } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { findVariableNameError } from '../../shared/variable-names.ts';
import { allOf, hierarchyOf, type Rule } from '../directives/requirement.ts';
import { createClientVariables } from '../operation/client-variables.ts';
import { FieldExaminer } from '../operation/examine-field.ts';
import { findRunningNodes, type OperationRequest } from '../operation/find-refusals.ts';
import { guardOf } from '../operation/guard.ts';
import type { Layout, PlannedField } from '../operation/operation-plan.ts';
import { OperationPlanner } from '../operation/operation-planner.ts';
import type { Access } from '../rules/schema-access.ts';
import { findSmallestScope } from '../rules/smallest-scope.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { ExplainedRules } from './explained-rules.ts';
import type { RuntimeCondition } from './runtime-conditions.ts';

/** One selection of an operation: whether it is allowed, and by which rule. */
export interface ExplainedSelection {
  /** Response keys from the root. */
  readonly path: readonly string[];
  /** The coordinate whose rule decided. */
  readonly coordinate: string;
  /** `below a refusal`: not reached, because a parent is refused. */
  readonly verdict: 'allowed' | 'refused' | 'below a refusal';
  /**
   * Everything that applies: rules of the field, of its types and values, and of what the client supplied.
   * The same object for the same rules. `toAccessTerms` describes it.
   */
  readonly access: Access;
  readonly unmet?: UnmetRequirement;
  /** What can still refuse an allowed selection while the operation runs. Omitted if nothing can. */
  readonly dependsOn?: readonly RuntimeCondition[];
  /** Its selections in the document that would run: several if they are merged. */
  readonly nodes: readonly FieldNode[];
}

/** Which selections of an operation are allowed, and why. */
export interface Explanation {
  readonly selections: readonly ExplainedSelection[];
  /** The smallest set of scopes that the whole operation requires, space-delimited, if any. */
  readonly scope?: string;
  /** The scopes that the viewer lacks for it, space-delimited, if any. */
  readonly missingScope?: string;
}

/**
 * Explains an operation selection by selection, without evaluating policies. Undefined if the document has
 * no such operation, or one that must not run because of the name of a variable.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 * @throws {NestingError} If the operation is nested too deep.
 */
export function explainOperation(request: OperationRequest): Explanation | undefined {
  const { schema, document, operationName, viewer } = request;
  const guard = guardOf(schema);
  const planner = new OperationPlanner(schema, guard.rules);
  const plan = planner.plan(document, operationName ?? undefined, 'all');
  if (plan === undefined || findVariableNameError(plan.operation)) return undefined;
  const variables = createClientVariables(plan.operation, request.variables ?? {});
  const rules = new ExplainedRules(schema, guard, viewer, variables);
  const examiner = new FieldExaminer(guard, viewer, variables);
  const selections: ExplainedSelection[] = [];
  const required = new Set<Rule>();
  const visitedReached = new Set<Layout>();
  const visitedBelow = new Set<Layout>();

  const explainLayout = (layout: Layout, above: readonly string[], isBelow: boolean): void => {
    const visited = isBelow ? visitedBelow : visitedReached;
    if (layout.isShared && visited.has(layout)) return;
    visited.add(layout);
    for (const item of layout.items) {
      if (item.kind === 'field') explain(item, above, isBelow);
      else if (variables.holds(item.when)) explainLayout(item.layout, above, isBelow);
    }
  };

  const explain = (field: PlannedField, above: readonly string[], isBelow: boolean): void => {
    const nodes = findRunningNodes(field, variables);
    const [node] = nodes;
    if (node === undefined) return;
    const path = [...above, field.responseKey];
    const { access, leastDemanding, unmetValues, dependsOn } = rules.find(field, node);
    required.add(leastDemanding);
    const refusal = isBelow ? undefined : examiner.examine(field, node);
    const unmet = isBelow ? undefined : (refusal?.unmet ?? unmetValues);
    const isAllowed = !isBelow && unmet === undefined;
    selections.push({
      path,
      coordinate: refusal?.coordinate ?? field.coordinate,
      verdict: isBelow ? 'below a refusal' : isAllowed ? 'allowed' : 'refused',
      access,
      ...(unmet ? { unmet } : {}),
      ...(isAllowed && dependsOn.length > 0 ? { dependsOn } : {}),
      nodes,
    });
    if (field.below) explainLayout(field.below, path, !isAllowed);
  };
  explainLayout(plan.root, [], false);

  return { selections, ...findScopes(allOf(...required), viewer) };
}

function findScopes(rule: Rule, viewer: Viewer): Pick<Explanation, 'scope' | 'missingScope'> {
  const scope = findSmallestScope(rule, new Set());
  if (scope === undefined) return {};
  const own: ReadonlySet<string> = viewer.kind === 'authenticated' ? viewer.scopes : new Set();
  const held = hierarchyOf(rule)?.heldBy(own) ?? own;
  // Of several alternatives, the one that this viewer lacks the least of.
  const missing = (findSmallestScope(rule, own) ?? '').split(' ').filter((one) => !held.has(one));
  return { scope, ...(missing.length > 0 ? { missingScope: missing.join(' ') } : {}) };
}
