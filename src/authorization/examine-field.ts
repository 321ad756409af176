import type { FieldNode } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import type { Guard } from './guard.ts';
import { easiest, findMissing, type Missing } from './missing.ts';
import { allOf, type Rule } from './requirement.ts';
import type { FieldRule } from './schema-rules.ts';
import { type ClientVariables, type SuppliedRule, suppliedRules } from './supplied-inputs.ts';

/** What the viewer lacks, and the coordinate whose rule says so. */
export interface FieldRefusal {
  readonly missing: Missing;
  /** Everything that applied, met or not. */
  readonly rule: Rule;
  readonly coordinate: string;
}

/**
 * What the viewer lacks for one field: by its own rule, by the types that it could return, or by
 * what the client supplied to it. Policies are not asked.
 */
export function examineFieldRule(
  { rules, now }: Guard,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
  viewer: Viewer,
): FieldRefusal | undefined {
  const supplied = field.inputs.size > 0 ? suppliedRules(rules, field, node, variables) : [];
  const rule =
    supplied.length > 0 ? allOf(field.rule, ...supplied.map((one) => one.rule)) : field.rule;
  if (field.anyOf.length === 0) {
    const missing = findMissing(rule, viewer, now);
    return missing && { missing, rule, coordinate: blame(field, supplied, viewer, now) };
  }
  const alternatives: { missing: Missing; rule: Rule }[] = [];
  for (const possible of field.anyOf) {
    const whole = allOf(rule, possible);
    const missing = findMissing(whole, viewer, now);
    if (missing === undefined) return undefined;
    alternatives.push({ missing, rule: whole });
  }
  const best = easiest(alternatives);
  return best && { ...best, coordinate: blame(field, supplied, viewer, now) };
}

/** The field itself, unless only something that was supplied to it is refused. */
function blame(
  field: FieldRule,
  supplied: readonly SuppliedRule[],
  viewer: Viewer,
  now: () => number,
): string {
  if (findMissing(field.rule, viewer, now)) return field.coordinate;
  const culprit = supplied.find(({ rule }) => findMissing(rule, viewer, now));
  return culprit?.coordinate ?? field.coordinate;
}
