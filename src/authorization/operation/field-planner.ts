import { type GraphQLAbstractType, isAbstractType, isNonNullType } from 'graphql';
import type { Requirement, Rule } from '../directives/requirement.ts';
import { type FieldRule, isProtected, type SchemaRules } from '../rules/schema-rules.ts';
import type { Layout, Occurrence, PlannedField } from './operation-plan.ts';
import {
  declaredReturnType,
  type PossibleTypes,
  type SelectionParent,
  SelectionParents,
} from './selection-parents.ts';

/** Plans the fields of one document. Finds their rules once for each set of types. */
export class FieldPlanner {
  readonly parents: SelectionParents;
  readonly includesAll: boolean;
  readonly #rules: SchemaRules;
  readonly #ruleKeys: RuleKeys;
  readonly #candidates = new Map<string, readonly FieldRule[]>();
  #ruleCount = 0;

  constructor(
    types: PossibleTypes,
    rules: SchemaRules,
    ruleKeys: RuleKeys,
    include: 'protected' | 'all',
  ) {
    this.parents = new SelectionParents(types);
    this.includesAll = include === 'all';
    this.#rules = rules;
    this.#ruleKeys = ruleKeys;
  }

  /** The number of rules that the planned fields refer to. Shared lists count once. */
  get ruleCount(): number {
    return this.#ruleCount;
  }

  field(
    parent: SelectionParent,
    occurrences: readonly Occurrence[],
    below: Layout | undefined,
  ): PlannedField {
    const [first] = occurrences;
    const name = first?.node.name.value ?? '';
    const { possible } = parent;
    const type = (possible.isSingle ? possible.types[0] : undefined) ?? parent.type;
    const returned = declaredReturnType(parent.type, name);
    return {
      kind: 'field',
      responseKey: first?.node.alias?.value ?? name,
      coordinate: `${type.name}.${name}`,
      occurrences,
      nodes: occurrences.every(({ when }) => when.last === undefined)
        ? occurrences.map(({ node }) => node)
        : undefined,
      candidates: this.#candidatesOf(parent, name),
      isOnSeveralTypes: possible.bits !== 0n && !possible.isSingle,
      isNonNull: returned !== undefined && isNonNullType(returned),
      below,
    };
  }

  #candidatesOf(parent: SelectionParent, name: string): readonly FieldRule[] {
    const { type, possible } = parent;
    // The uniform rule is that of the first type: refusals would name it instead of the only possible one.
    const uniform =
      isAbstractType(type) && !possible.isSingle ? this.#ruleKeys.uniform(type, name) : undefined;
    const key = uniform ? `${uniform.coordinate} of all` : `${possible.id} ${type.name} ${name}`;
    const known = this.#candidates.get(key);
    if (known !== undefined) return known;
    const candidates = uniform ? this.#distinct([uniform]) : this.#rulesOfEach(parent, name);
    this.#candidates.set(key, candidates);
    this.#ruleCount += candidates.length;
    return candidates;
  }

  #rulesOfEach({ type, possible }: SelectionParent, name: string): readonly FieldRule[] {
    this.parents.countVisit(possible);
    const types = possible.types.length === 0 ? [type] : possible.types;
    return this.#distinct(types.map((one) => this.#rules.field(one.name, name)));
  }

  /** Empty if one of the types does not protect the field, unless all fields are included. */
  #distinct(fields: readonly FieldRule[]): readonly FieldRule[] {
    const distinct = new Map<string, FieldRule>();
    for (const field of fields) {
      if (!isProtected(field) && !this.includesAll) return [];
      const key = this.#ruleKeys.get(field);
      if (!distinct.has(key)) distinct.set(key, field);
    }
    return [...distinct.values()];
  }
}

/** Identifies equivalent field rules. What it keeps is bounded by the schema. */
export class RuleKeys {
  readonly #rules: SchemaRules;
  readonly #types: PossibleTypes;
  readonly #uniform = new Map<string, FieldRule | undefined>();
  readonly #known = new Map<string, string>();
  readonly #requirements = new Map<Requirement, number>();

  constructor(rules: SchemaRules, types: PossibleTypes) {
    this.#rules = rules;
    this.#types = types;
  }

  /** The rule of a field on every possible type, if all of them have an equivalent one. */
  uniform(type: GraphQLAbstractType, name: string): FieldRule | undefined {
    const key = `${type.name}.${name}`;
    if (this.#uniform.has(key)) return this.#uniform.get(key);
    const isKnown = name === '__typename' || declaredReturnType(type, name) !== undefined;
    if (!isKnown) return undefined;
    const possible = this.#types.schema.getPossibleTypes(type);
    const [first, ...others] = possible.map((one) => this.#rules.field(one.name, name));
    const isUniform =
      first !== undefined && others.every((other) => this.get(other) === this.get(first));
    this.#uniform.set(key, isUniform ? first : undefined);
    return isUniform ? first : undefined;
  }

  /** A key that equivalent rules share. */
  get(field: FieldRule): string {
    if (!isProtected(field)) return '';
    const known = this.#known.get(field.coordinate);
    if (known !== undefined) return known;
    const rules = [field.rule, ...field.anyOf].map((rule) => this.#keyOf(rule));
    const inputs = [...field.inputs].map(
      ([name, { type, rule }]) => `${name}: ${type} ${this.#keyOf(rule)}`,
    );
    const policies = field.policies.map((term) => JSON.stringify(term));
    const key = [rules, policies, inputs.sort()].map((part) => part.join(';')).join('|');
    this.#known.set(field.coordinate, key);
    return key;
  }

  #keyOf(rule: Rule): string {
    return rule.map((requirement) => this.#idOf(requirement)).join();
  }

  #idOf(requirement: Requirement): number {
    const known = this.#requirements.get(requirement);
    if (known !== undefined) return known;
    const id = this.#requirements.size;
    this.#requirements.set(requirement, id);
    return id;
  }
}
