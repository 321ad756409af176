import type { FieldNode } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import type { Rule } from '../directives/requirement.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import { leastDemanding, selectLeastDemanding, type UnmetRequirement } from '../rules/unmet.ts';
import type { ClientVariables } from './client-variables.ts';
import type { Guard } from './guard.ts';
import type { SuppliedRule } from './input-shape.ts';
import type { PlannedField } from './operation-plan.ts';
import type { UnmetAlternative } from './returned-rules.ts';
import { findSuppliedInputs, type SuppliedInputs } from './supplied-inputs.ts';

/** Why a field is denied: what is unmet, and the coordinate whose rule decided. */
export interface UnmetRule extends UnmetAlternative {
  readonly coordinate: string;
}

/**
 * Finds why a field is denied: by its own rule, by the types that it can return, or by what the client
 * supplied to it. Undefined if the viewer is allowed. Does not evaluate policies.
 */
export function examineFieldRule(
  guard: Guard,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
  viewer: Viewer,
): UnmetRule | undefined {
  const denied = findDenied(guard, field, node, variables, viewer);
  return denied && explainDenied(guard, denied, viewer);
}

/** A field that is denied. */
interface DeniedField {
  readonly field: FieldRule;
  readonly supplied: readonly SuppliedRule[];
  /** The rule of the field and of what is supplied. */
  readonly rule: Rule;
  /** What is unmet of it. Undefined if only the types that the field can return are denied. */
  readonly unmet: UnmetRequirement | undefined;
}

function findDenied(
  guard: Guard,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
  viewer: Viewer,
): DeniedField | undefined {
  const inputs =
    field.inputs.size > 0 ? findSuppliedInputs(guard.rules, field, node, variables) : undefined;
  const rule = inputs?.rule ?? field.rule;
  const unmet = guard.check(rule, viewer);
  const isAllowed =
    unmet === undefined &&
    (field.anyOf.length === 0 || field.anyOf.some((possible) => !guard.check(possible, viewer)));
  return isAllowed ? undefined : { field, supplied: inputs?.found ?? [], rule, unmet };
}

function explainDenied(
  guard: Guard,
  { field, supplied, rule, unmet }: DeniedField,
  viewer: Viewer,
): UnmetRule | undefined {
  const found =
    field.anyOf.length > 0
      ? guard.returnedRules.find(field, rule, viewer)
      : unmet && { unmet, rule };
  return found && { ...found, coordinate: decidingCoordinate(guard, field, supplied, viewer) };
}

/** The coordinate of the field, or of the first denied input if nothing but inputs is denied. */
function decidingCoordinate(
  guard: Guard,
  field: FieldRule,
  supplied: readonly SuppliedRule[],
  viewer: Viewer,
): string {
  if (supplied.length === 0 || guard.check(field.rule, viewer)) return field.coordinate;
  const firstRefusedInput = supplied.find(({ rule }) => guard.check(rule, viewer));
  return firstRefusedInput?.coordinate ?? field.coordinate;
}

/** Examines the planned fields of one operation for one viewer. Caches results for equal rules and inputs. */
export class FieldExaminer {
  readonly #guard: Guard;
  readonly #viewer: Viewer;
  readonly #variables: ClientVariables;
  readonly #results = new Map<readonly FieldRule[], ExaminedRules>();

  constructor(guard: Guard, viewer: Viewer, variables: ClientVariables) {
    this.#guard = guard;
    this.#viewer = viewer;
    this.#variables = variables;
  }

  /** Denied if every possible parent type denies; the result is that of the least demanding one. */
  examine(field: PlannedField, node: FieldNode): UnmetRule | undefined {
    const { candidates } = field;
    if (candidates.length === 0) return undefined;
    const examined = this.#getExamined(candidates);
    const inputs = examined.ruleWithInputs
      ? findSuppliedInputs(this.#guard.rules, examined.ruleWithInputs, node, this.#variables)
      : undefined;
    let unmetRule = examined.byInputs.get(inputs);
    if (unmetRule === undefined) {
      unmetRule = this.#examine(candidates, node) ?? 'allowed';
      if (examined.isCacheable) examined.byInputs.set(inputs, unmetRule);
    }
    if (unmetRule === 'allowed') return undefined;
    return field.isOnSeveralTypes ? { ...unmetRule, coordinate: field.coordinate } : unmetRule;
  }

  #getExamined(candidates: readonly FieldRule[]): ExaminedRules {
    const known = this.#results.get(candidates);
    if (known !== undefined) return known;
    const withInputs = candidates.filter(({ inputs }) => inputs.size > 0);
    const created = {
      byInputs: new Map(),
      ruleWithInputs: candidates.length === 1 ? withInputs[0] : undefined,
      // Types can guard different arguments of the same field.
      isCacheable: candidates.length === 1 || withInputs.length === 0,
    };
    this.#results.set(candidates, created);
    return created;
  }

  #examine(candidates: readonly FieldRule[], node: FieldNode): UnmetRule | undefined {
    const denied: DeniedField[] = [];
    for (const candidate of candidates) {
      const one = findDenied(this.#guard, candidate, node, this.#variables, this.#viewer);
      if (one === undefined) return undefined;
      denied.push(one);
    }
    return leastDemanding(
      selectLeastDemanding(denied).flatMap(
        (one) => explainDenied(this.#guard, one, this.#viewer) ?? [],
      ),
    );
  }
}

/** Results for one list of candidates, by what was supplied to them. */
interface ExaminedRules {
  readonly byInputs: Map<SuppliedInputs | undefined, UnmetRule | 'allowed'>;
  readonly ruleWithInputs: FieldRule | undefined;
  readonly isCacheable: boolean;
}
