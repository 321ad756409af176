import type { Viewer } from '../../authentication/viewer.ts';
import { allOf, hierarchyOf, type Rule } from '../directives/requirement.ts';
import { createClientVariables } from '../operation/client-variables.ts';
import { FieldExaminer } from '../operation/examine-field.ts';
import { findRunningNodes, type OperationRequest } from '../operation/find-refusals.ts';
import { type Guard, guardOf } from '../operation/guard.ts';
import type { Layout, PlannedField } from '../operation/operation-plan.ts';
import { OperationPlanner } from '../operation/operation-planner.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import { SchemaAccess } from '../rules/schema-access.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import { findSmallestScope } from '../rules/smallest-scope.ts';
import { leastDemanding, type UnmetRequirement } from '../rules/unmet.ts';
import { type AccessTerms, toAccessTerms } from './access-terms.ts';
import { selectionAccess } from './operation-access.ts';

/** One selection of an operation: whether it is allowed, and by which rule. */
export interface ExplainedSelection {
  /** Response keys from the root. */
  readonly path: readonly string[];
  /** The coordinate whose rule decided. */
  readonly coordinate: string;
  /** `below a refusal`: not reached, because a parent is refused. */
  readonly verdict: 'allowed' | 'refused' | 'below a refusal';
  /** Everything that applies: rules of the field, of its types and values, and of what the client supplied. */
  readonly rule: AccessTerms;
  readonly unmet?: UnmetRequirement;
}

/** Which selections of an operation are allowed, and why. */
export interface Explanation {
  readonly selections: readonly ExplainedSelection[];
  /** The smallest set of scopes that the whole operation requires, space-delimited, if any. */
  readonly scope?: string;
}

/**
 * Explains an operation selection by selection, without evaluating policies. Undefined if the document has
 * no such operation.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function explainOperation(request: OperationRequest): Explanation | undefined {
  const { schema, document, operationName, viewer } = request;
  const guard = guardOf(schema);
  const planner = new OperationPlanner(schema, guard.rules);
  const plan = planner.plan(document, operationName ?? undefined, 'all');
  if (plan === undefined) return undefined;
  const variables = createClientVariables(plan.operation, request.variables ?? {});
  const schemaAccess = new SchemaAccess(schema, guard.rules);
  const selections: ExplainedSelection[] = [];
  const required: Rule[] = [];

  const examiner = new FieldExaminer(guard, viewer, variables);
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
    const [node] = findRunningNodes(field, variables);
    if (node === undefined) return;
    const path = [...above, field.responseKey];
    const alternatives = field.candidates.flatMap((candidate) => {
      const { rule } = findSuppliedInputs(guard.rules, candidate, node, variables);
      return listAlternatives(rule, candidate);
    });
    required.push(leastDemandingRule(alternatives, viewer));
    const unmetRule = isBelow
      ? undefined
      : (examiner.examine(field, node) ?? findRefusedValues(guard, field, alternatives, viewer));
    selections.push({
      path,
      coordinate: unmetRule?.coordinate ?? field.coordinate,
      verdict: isBelow ? 'below a refusal' : unmetRule ? 'refused' : 'allowed',
      rule: toAccessTerms(
        selectionAccess(field, node, { rules: guard.rules, schemaAccess, variables }),
      ),
      ...(unmetRule ? { unmet: unmetRule.unmet } : {}),
    });
    if (field.below) explainLayout(field.below, path, isBelow || unmetRule !== undefined);
  };
  explainLayout(plan.root, [], false);

  const scope = findSmallestScope(allOf(...required), new Set());
  return { selections, ...(scope === undefined ? {} : { scope }) };
}

/** The alternatives to get a value: the rule of the field with that of a type or enum value that it can return. */
function listAlternatives(rule: Rule, { anyOf, anyValueOf }: FieldRule): readonly Rule[] {
  const returned = anyOf.length > 0 ? anyOf : anyValueOf;
  return returned.length > 0 ? returned.map((one) => allOf(rule, one)) : [rule];
}

/** A field that returns an enum runs even if the viewer is denied all of its values. */
function findRefusedValues(
  guard: Guard,
  { coordinate }: PlannedField,
  alternatives: readonly Rule[],
  viewer: Viewer,
): { readonly coordinate: string; readonly unmet: UnmetRequirement } | undefined {
  const unmetRules = alternatives.flatMap((rule) => {
    const unmet = guard.check(rule, viewer);
    return unmet ? [{ coordinate, unmet }] : [];
  });
  return unmetRules.length === alternatives.length ? leastDemanding(unmetRules) : undefined;
}

/** The rule that is easiest to meet: one of several possible parent types is sufficient. */
function leastDemandingRule(rules: readonly Rule[], viewer: Viewer): Rule {
  const own = viewer.kind === 'authenticated' ? viewer.scopes : new Set<string>();
  const countMissing = (rule: Rule): number => {
    const held = hierarchyOf(rule)?.heldBy(own) ?? own;
    const smallest = findSmallestScope(rule, own) ?? '';
    return smallest.split(' ').filter((scope) => scope && !held.has(scope)).length;
  };
  return (
    [...rules].sort((a, b) => countMissing(a) - countMissing(b) || a.length - b.length)[0] ?? []
  );
}
