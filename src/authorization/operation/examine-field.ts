import type { FieldNode } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { allOf, type Rule } from '../directives/requirement.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import { leastDemanding, type UnmetRequirement } from '../rules/unmet.ts';
import type { ClientVariables } from './client-variables.ts';
import type { Guard } from './guard.ts';
import type { PlannedField } from './operation-plan.ts';
import { findSuppliedInputs, type SuppliedInputs, type SuppliedRule } from './supplied-inputs.ts';

/** What the viewer lacks, and the coordinate whose rule says so. */
export interface Denial {
  readonly missing: UnmetRequirement;
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
): Denial | undefined {
  const inputs =
    field.inputs.size > 0 ? findSuppliedInputs(guard.rules, field, node, variables) : undefined;
  const supplied = inputs?.found ?? [];
  const rule = inputs?.rule ?? field.rule;
  const missing = guard.compile(rule)(viewer);
  if (field.anyOf.length === 0) {
    return (
      missing && { missing, rule, coordinate: decidingCoordinate(guard, field, supplied, viewer) }
    );
  }
  if (!missing && field.anyOf.some((possible) => !guard.compile(possible)(viewer))) {
    return undefined;
  }
  const ways = field.anyOf.flatMap((possible) => {
    const whole = allOf(rule, possible);
    const lack = guard.compile(whole)(viewer);
    return lack ? [{ missing: lack, rule: whole }] : [];
  });
  const best = leastDemanding(ways);
  return best && { ...best, coordinate: decidingCoordinate(guard, field, supplied, viewer) };
}

/** The field itself, unless only something that was supplied to it is refused. */
function decidingCoordinate(
  guard: Guard,
  field: FieldRule,
  supplied: readonly SuppliedRule[],
  viewer: Viewer,
): string {
  if (supplied.length === 0 || guard.compile(field.rule)(viewer)) return field.coordinate;
  const firstDenied = supplied.find(({ rule }) => guard.compile(rule)(viewer));
  return firstDenied?.coordinate ?? field.coordinate;
}

/** Examines the planned fields of one operation for one viewer. Judges the same question once. */
export class FieldExaminer {
  readonly #guard: Guard;
  readonly #viewer: Viewer;
  readonly #variables: ClientVariables;
  readonly #verdicts = new Map<readonly FieldRule[], Verdicts>();

  constructor(guard: Guard, viewer: Viewer, variables: ClientVariables) {
    this.#guard = guard;
    this.#viewer = viewer;
    this.#variables = variables;
  }

  /** Refused where every possible parent type refuses; the leastDemanding way in is named. */
  examine(field: PlannedField, node: FieldNode): Denial | undefined {
    const { candidates } = field;
    if (candidates.length === 0) return undefined;
    const verdicts = this.#verdictsOn(candidates);
    const inputs = verdicts.onInputsOf
      ? findSuppliedInputs(this.#guard.rules, verdicts.onInputsOf, node, this.#variables)
      : undefined;
    let refusal = verdicts.known.get(inputs);
    if (refusal === undefined) {
      refusal = this.#examine(candidates, node) ?? 'allowed';
      if (verdicts.areRemembered) verdicts.known.set(inputs, refusal);
    }
    if (refusal === 'allowed') return undefined;
    return field.isOnSeveralTypes ? { ...refusal, coordinate: field.coordinate } : refusal;
  }

  #verdictsOn(candidates: readonly FieldRule[]): Verdicts {
    const known = this.#verdicts.get(candidates);
    if (known !== undefined) return known;
    const taking = candidates.filter(({ inputs }) => inputs.size > 0);
    const verdicts = {
      known: new Map(),
      onInputsOf: candidates.length === 1 ? taking[0] : undefined,
      // Types can guard different arguments of the same field.
      areRemembered: candidates.length === 1 || taking.length === 0,
    };
    this.#verdicts.set(candidates, verdicts);
    return verdicts;
  }

  #examine(candidates: readonly FieldRule[], node: FieldNode): Denial | undefined {
    const refusals: Denial[] = [];
    for (const candidate of candidates) {
      const refusal = examineFieldRule(this.#guard, candidate, node, this.#variables, this.#viewer);
      if (refusal === undefined) return undefined;
      refusals.push(refusal);
    }
    return leastDemanding(refusals);
  }
}

/** What was found for one list of candidates, by what was supplied to them. */
interface Verdicts {
  readonly known: Map<SuppliedInputs | undefined, Denial | 'allowed'>;
  readonly onInputsOf: FieldRule | undefined;
  readonly areRemembered: boolean;
}
