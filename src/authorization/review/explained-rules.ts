import type { FieldNode, GraphQLSchema } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { allOf, hierarchyOf, publicRule, type Rule } from '../directives/requirement.ts';
import type { ClientVariables } from '../operation/client-variables.ts';
import type { Guard } from '../operation/guard.ts';
import type { PlannedField } from '../operation/operation-plan.ts';
import { findSuppliedInputs, type SuppliedInputs } from '../operation/supplied-inputs.ts';
import { type Access, SchemaAccess } from '../rules/schema-access.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import { findSmallestScope } from '../rules/smallest-scope.ts';
import { leastDemanding, type UnmetRequirement } from '../rules/unmet.ts';
import { selectionAccess } from './operation-access.ts';
import { type RuntimeCondition, RuntimeConditions } from './runtime-conditions.ts';

/** What applies to a selection, for one viewer. */
export interface ExplainedRule {
  /** What it takes to get a value: the rule of the field, of what it returns, of what is supplied. */
  readonly access: Access;
  /** Of the alternatives, the rule with the fewest scopes that the viewer lacks. */
  readonly leastDemanding: Rule;
  /** What is unmet if the viewer is denied every value of the returned enum: the field runs nevertheless. */
  readonly unmetValues: UnmetRequirement | undefined;
  /** What can still refuse it while the operation runs, if it is allowed. */
  readonly dependsOn: readonly RuntimeCondition[];
}

/** An interface with hundreds of types can have tens of thousands of combinations. */
const maxCombinations = 1_000;

/** Finds what applies to the selections of one operation, once for the same rules and inputs. */
export class ExplainedRules {
  readonly #guard: Guard;
  readonly #viewer: Viewer;
  readonly #variables: ClientVariables;
  readonly #schemaAccess: SchemaAccess;
  readonly #conditions: RuntimeConditions;
  readonly #ids = new Map<object, number>();
  readonly #easiest = new Map<readonly Rule[], Rule>();
  readonly #known = new Map<string, ExplainedRule>();

  constructor(schema: GraphQLSchema, guard: Guard, viewer: Viewer, variables: ClientVariables) {
    this.#guard = guard;
    this.#viewer = viewer;
    this.#variables = variables;
    this.#schemaAccess = new SchemaAccess(schema, guard.rules);
    this.#conditions = new RuntimeConditions(schema, guard, viewer);
  }

  find(field: PlannedField, node: FieldNode): ExplainedRule {
    const { candidates, coordinate } = field;
    const inputs = candidates.map((candidate) =>
      candidate.inputs.size > 0
        ? findSuppliedInputs(this.#guard.rules, candidate, node, this.#variables)
        : undefined,
    );
    // The lists of candidates and the inputs are the same objects for equal ones.
    const supplied = inputs.map((one) => (one ? this.#idOf(one) : '')).join();
    const key = `${coordinate} ${this.#idOf(candidates)} ${supplied}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const explained = this.#explain(field, inputs);
    this.#known.set(key, explained);
    return explained;
  }

  #explain(field: PlannedField, inputs: readonly (SuppliedInputs | undefined)[]): ExplainedRule {
    const { candidates } = field;
    const rules = candidates.map(({ rule }, index) => inputs[index]?.rule ?? rule);
    return {
      access: selectionAccess(candidates, rules, this.#schemaAccess),
      leastDemanding: this.#findLeastDemanding(candidates, rules),
      unmetValues: this.#findUnmetValues(candidates, rules),
      dependsOn: this.#conditions.find(field, rules),
    };
  }

  /** The rule that is easiest to meet: one of several possible parent types is sufficient. */
  #findLeastDemanding(candidates: readonly FieldRule[], rules: readonly Rule[]): Rule {
    const combinations = candidates.reduce((sum, one) => sum + returnedBy(one).length, 0);
    const combine = (candidate: FieldRule, rule: Rule): Rule => {
      const returned = returnedBy(candidate);
      if (returned.length === 0) return rule;
      return combinations > maxCombinations
        ? allOf(rule, this.#findEasiestReturned(returned))
        : findEasiest(
            returned.map((one) => allOf(rule, one)),
            this.#viewer,
          );
    };
    return findEasiest(
      candidates.map((candidate, index) => combine(candidate, rules[index] ?? publicRule)),
      this.#viewer,
    );
  }

  #findEasiestReturned(returned: readonly Rule[]): Rule {
    const known = this.#easiest.get(returned);
    if (known !== undefined) return known;
    const easiest = findEasiest(returned, this.#viewer);
    this.#easiest.set(returned, easiest);
    return easiest;
  }

  #findUnmetValues(
    candidates: readonly FieldRule[],
    rules: readonly Rule[],
  ): UnmetRequirement | undefined {
    if (candidates.some(({ anyValueOf }) => anyValueOf.length === 0)) return undefined;
    const found: { readonly unmet: UnmetRequirement }[] = [];
    for (const [index, { anyValueOf }] of candidates.entries()) {
      for (const value of anyValueOf) {
        const unmet = this.#guard.check(allOf(rules[index] ?? publicRule, value), this.#viewer);
        if (unmet === undefined) return undefined;
        found.push({ unmet });
      }
    }
    return leastDemanding(found)?.unmet;
  }

  #idOf(value: object): number {
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    this.#ids.set(value, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** The rules of what a field can return, one of which must be met. */
const returnedBy = ({ anyOf, anyValueOf }: FieldRule): readonly Rule[] =>
  anyOf.length > 0 ? anyOf : anyValueOf;

function findEasiest(rules: readonly Rule[], viewer: Viewer): Rule {
  const [only, ...others] = rules;
  if (only === undefined || others.length === 0) return only ?? publicRule;
  const own = viewer.kind === 'authenticated' ? viewer.scopes : new Set<string>();
  let easiest = only;
  let least = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    const missing = countMissing(rule, own);
    if (missing > least || (missing === least && rule.length >= easiest.length)) continue;
    easiest = rule;
    least = missing;
  }
  return easiest;
}

function countMissing(rule: Rule, own: ReadonlySet<string>): number {
  const held = hierarchyOf(rule)?.heldBy(own) ?? own;
  const smallest = findSmallestScope(rule, own) ?? '';
  return smallest.split(' ').filter((scope) => scope && !held.has(scope)).length;
}
