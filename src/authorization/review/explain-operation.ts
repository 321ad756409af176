import type { Viewer } from '../../authentication/viewer.ts';
import { allOf, type Rule } from '../directives/requirement.ts';
import { createClientVariables } from '../operation/client-variables.ts';
import { FieldExaminer } from '../operation/examine-field.ts';
import { findRunningNodes, type OperationRequest } from '../operation/find-refusals.ts';
import { type Guard, guardOf } from '../operation/guard.ts';
import { type Layout, OperationPlanner, type PlannedField } from '../operation/operation-plan.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import { anyAccess, everyAccess, ruleAccess, SchemaAccess } from '../rules/schema-access.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import { findSmallestScope } from '../rules/smallest-scope.ts';
import { leastDemanding, type UnmetRequirement } from '../rules/unmet.ts';
import { type AccessTerms, toAccessTerms } from './access-terms.ts';

/** One selection of an operation: whether it is allowed, and by which rule. */
export interface ExplainedSelection {
  /** Response keys from the root. */
  readonly path: readonly string[];
  /** The coordinate whose rule decided. */
  readonly coordinate: string;
  /** `below a refusal`: it would not be reached. */
  readonly verdict: 'allowed' | 'refused' | 'below a refusal';
  /** Everything that applies: of the field, of its types and values, and of what the client supplied. */
  readonly rule: AccessTerms;
  readonly missing?: UnmetRequirement;
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
  const schemaAccess = new SchemaAccess(schema, guard.rules);
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
    const [node] = findRunningNodes(field, variables);
    if (node === undefined) return;
    const path = [...above, field.responseKey];
    const candidates = field.candidates.map((candidate) => {
      const { rule } = findSuppliedInputs(guard.rules, candidate, node, variables);
      return {
        access: everyAccess(ruleAccess(rule), schemaAccess.returned(candidate)),
        ways: waysThrough(rule, candidate),
      };
    });
    const ways = candidates.flatMap((candidate) => candidate.ways);
    needed.push(easiestRule(ways, viewer));
    const refusal = isBelow
      ? undefined
      : (examiner.examine(field, node) ?? refusedValues(guard, field, ways, viewer));
    selections.push({
      path,
      coordinate: refusal?.coordinate ?? field.coordinate,
      verdict: isBelow ? 'below a refusal' : refusal ? 'refused' : 'allowed',
      rule: toAccessTerms(anyAccess(candidates.map(({ access }) => access))),
      ...(refusal ? { missing: refusal.missing } : {}),
    });
    if (field.below) explainLayout(field.below, path, isBelow || refusal !== undefined);
  };
  explainLayout(plan.root, [], false);

  const scope = findSmallestScope(allOf(...needed), new Set());
  return { selections, ...(scope === undefined ? {} : { scope }) };
}

/** Each way to get a value: the rule of the field with that of one type or enum value that it can return. */
function waysThrough(rule: Rule, { anyOf, anyValueOf }: FieldRule): readonly Rule[] {
  const returned = anyOf.length > 0 ? anyOf : anyValueOf;
  return returned.length > 0 ? returned.map((one) => allOf(rule, one)) : [rule];
}

/** A field that returns an enum runs, also where the viewer may have none of its values. */
function refusedValues(
  guard: Guard,
  { coordinate }: PlannedField,
  ways: readonly Rule[],
  viewer: Viewer,
): { readonly coordinate: string; readonly missing: UnmetRequirement } | undefined {
  const refusals = ways.flatMap((rule) => {
    const missing = guard.compile(rule)(viewer);
    return missing ? [{ coordinate, missing }] : [];
  });
  return refusals.length === ways.length ? leastDemanding(refusals) : undefined;
}

/** Of several possible parent types it is enough that one of them lets the viewer in. */
function easiestRule(rules: readonly Rule[], viewer: Viewer): Rule {
  const held = viewer.kind === 'authenticated' ? viewer.scopes : new Set<string>();
  const lacking = (rule: Rule): number =>
    (findSmallestScope(rule, held) ?? '').split(' ').filter((scope) => scope && !held.has(scope))
      .length;
  return [...rules].sort((a, b) => lacking(a) - lacking(b) || a.length - b.length)[0] ?? [];
}
