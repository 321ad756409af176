import type { FieldNode } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import type { ClientVariables } from './client-variables.ts';
import type { Guard } from './guard.ts';
import { easiest, type Missing } from './missing.ts';
import { allOf, type Rule } from './requirement.ts';
import type { FieldRule } from './schema-rules.ts';
import { type SuppliedRule, suppliedInputs } from './supplied-inputs.ts';

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
  guard: Guard,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
  viewer: Viewer,
): FieldRefusal | undefined {
  const inputs =
    field.inputs.size > 0 ? suppliedInputs(guard.rules, field, node, variables) : undefined;
  const supplied = inputs?.found ?? [];
  const rule = inputs?.rule ?? field.rule;
  const missing = guard.checkOf(rule)(viewer);
  if (field.anyOf.length === 0) {
    return missing && { missing, rule, coordinate: blame(guard, field, supplied, viewer) };
  }
  if (!missing && field.anyOf.some((possible) => !guard.checkOf(possible)(viewer))) {
    return undefined;
  }
  const ways = field.anyOf.flatMap((possible) => {
    const whole = allOf(rule, possible);
    const lack = guard.checkOf(whole)(viewer);
    return lack ? [{ missing: lack, rule: whole }] : [];
  });
  const best = easiest(ways);
  return best && { ...best, coordinate: blame(guard, field, supplied, viewer) };
}

/** The field itself, unless only something that was supplied to it is refused. */
function blame(
  guard: Guard,
  field: FieldRule,
  supplied: readonly SuppliedRule[],
  viewer: Viewer,
): string {
  if (supplied.length === 0 || guard.checkOf(field.rule)(viewer)) return field.coordinate;
  const culprit = supplied.find(({ rule }) => guard.checkOf(rule)(viewer));
  return culprit?.coordinate ?? field.coordinate;
}
