import type { Viewer } from '../authentication/viewer.ts';
import { type AccessRule, describeRule } from './access-rules.ts';
import { createClientVariables } from './client-variables.ts';
import { FieldExaminer } from './examine-field.ts';
import { type OperationRequest, runningNodes } from './find-refusals.ts';
import { guardOf } from './guard.ts';
import type { Missing } from './missing.ts';
import { type Layout, OperationPlanner, type PlannedField } from './operation-plan.ts';
import { allOf, type Rule } from './requirement.ts';
import { smallestScope } from './smallest-scope.ts';
import { suppliedInputs } from './supplied-inputs.ts';

/** One selection of an operation: whether it may be had, and by which rule. */
export interface ExplainedSelection {
  /** Response keys from the root. */
  readonly path: readonly string[];
  /** The coordinate whose rule decided. */
  readonly coordinate: string;
  /** `below a refusal`: it would not be reached. */
  readonly verdict: 'allowed' | 'refused' | 'below a refusal';
  /** Everything that applies: of the field, of its types, and of what the client supplied. */
  readonly rule: Omit<AccessRule, 'coordinate'>;
  readonly missing?: Missing;
}

/** Why an operation may run, or may not. */
export interface Explanation {
  readonly selections: readonly ExplainedSelection[];
  /** The smallest set of scopes that the whole operation needs, space-delimited, if any. */
  readonly scope?: string;
}

/**
 * Explains an operation selection by selection. No policy is asked. Undefined where the operation
 * to be executed cannot be determined.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function explainOperation(request: OperationRequest): Explanation | undefined {
  const { schema, document, operationName, viewer } = request;
  const guard = guardOf(schema);
  const planner = new OperationPlanner(schema, guard.rules);
  const plan = planner.plan(document, operationName ?? undefined, 'everything');
  if (plan === undefined) return undefined;
  const variables = createClientVariables(plan.operation, request.variables ?? {});
  const selections: ExplainedSelection[] = [];
  const needed: Rule[] = [];

  const examiner = new FieldExaminer(guard, viewer, variables);
  const entered = { reached: new Set<Layout>(), below: new Set<Layout>() };

  const explainLayout = (layout: Layout, above: readonly string[], isBelow: boolean): void => {
    const before = isBelow ? entered.below : entered.reached;
    if (layout.isShared && before.has(layout)) return;
    before.add(layout);
    for (const item of layout.items) {
      if (item.kind === 'field') explain(item, above, isBelow);
      else if (variables.holds(item.when)) explainLayout(item.layout, above, isBelow);
    }
  };

  const explain = (field: PlannedField, above: readonly string[], isBelow: boolean): void => {
    const [node] = runningNodes(field, variables);
    if (node === undefined) return;
    const path = [...above, field.responseKey];
    const rules = field.candidates.map(
      (candidate) => suppliedInputs(guard.rules, candidate, node, variables).rule,
    );
    const rule = easiestRule(rules, viewer);
    needed.push(rule);
    const refusal = isBelow ? undefined : examiner.examine(field, node);
    selections.push({
      path,
      coordinate: refusal?.coordinate ?? field.coordinate,
      verdict: isBelow ? 'below a refusal' : refusal ? 'refused' : 'allowed',
      rule: describeRule(refusal?.rule ?? rule),
      ...(refusal ? { missing: refusal.missing } : {}),
    });
    if (field.below) explainLayout(field.below, path, isBelow || refusal !== undefined);
  };
  explainLayout(plan.root, [], false);

  const scope = smallestScope(allOf(...needed), new Set());
  return { selections, ...(scope === undefined ? {} : { scope }) };
}

/** Of several possible parent types it is enough that one of them lets the viewer in. */
function easiestRule(rules: readonly Rule[], viewer: Viewer): Rule {
  const held = viewer.kind === 'authenticated' ? viewer.scopes : new Set<string>();
  const lacking = (rule: Rule): number =>
    (smallestScope(rule, held) ?? '').split(' ').filter((scope) => scope && !held.has(scope))
      .length;
  return [...rules].sort((a, b) => lacking(a) - lacking(b) || a.length - b.length)[0] ?? [];
}
