import {
  type DirectiveNode,
  type FieldNode,
  type GraphQLObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Fragments } from '../../shared/fragments-of.ts';
import type { Rule } from '../directives/requirement.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import type { FieldPlanner } from './field-planner.ts';

/** Makes a selection run only if a variable has the value `runsWhen`. */
export interface Condition {
  readonly variable: string;
  readonly runsWhen: boolean;
}

/**
 * Reads the conditions that `@skip` and `@include` put on a selection: `never` if a literal says that it
 * does not run.
 */
export function readConditions(
  directives: readonly DirectiveNode[] | undefined,
): readonly Condition[] | 'never' {
  const conditions: Condition[] = [];
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const runsWhen = name === 'include';
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind === Kind.BOOLEAN && value.value !== runsWhen) return 'never';
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, runsWhen });
  }
  return conditions;
}

/**
 * When a selection runs: if its condition and those of everything around it hold. The same conditions
 * in the same order are the same object, so that each is evaluated once for each request.
 */
export class When {
  readonly last: { readonly condition: Condition; readonly before: When } | undefined;
  #next: Map<string, When | 'never'> | undefined;

  /** @param last Undefined if the selection always runs. */
  constructor(last?: When['last']) {
    this.last = last;
  }

  /** Adds conditions: `never` if they contradict each other. */
  and(own: readonly Condition[]): When | 'never' {
    let when: When | 'never' = this;
    for (const condition of own) {
      if (when !== 'never') when = when.#with(condition);
    }
    return when;
  }

  #with(condition: Condition): When | 'never' {
    const { variable, runsWhen } = condition;
    const key = `${runsWhen ? '+' : '-'}${variable}`;
    const known = this.#next?.get(key);
    if (known !== undefined) return known;
    const created = this.#create(condition);
    this.#next ??= new Map();
    this.#next.set(key, created);
    return created;
  }

  #create(condition: Condition): When | 'never' {
    for (let at = this.last; at !== undefined; at = at.before.last) {
      if (at.condition.variable !== condition.variable) continue;
      return at.condition.runsWhen === condition.runsWhen ? this : 'never';
    }
    return new When({ condition, before: this });
  }
}

/** A selection of a field in the document, and when it runs. */
export interface Occurrence {
  readonly node: FieldNode;
  readonly when: When;
}

/** A field that the operation selects: everything under one response key on one set of possible types. */
export interface PlannedField {
  readonly kind: 'field';
  readonly responseKey: string;
  readonly coordinate: string;
  readonly occurrences: readonly Occurrence[];
  /** The nodes of all occurrences, if none of them has a condition. */
  readonly nodes: readonly FieldNode[] | undefined;
  /**
   * The distinct rules of the possible parent types. Meeting one of them is sufficient. The same object
   * for the same field of the same types.
   */
  readonly candidates: readonly FieldRule[];
  /** Whether the parent can be of several types: then no single type decides. */
  readonly isOnSeveralTypes: boolean;
  readonly isNonNull: boolean;
  /** The selections below. Undefined if none of them matters. */
  readonly below: Layout | undefined;
}

/** A fragment whose selections have their own layout. */
export interface PlannedSpread {
  readonly kind: 'spread';
  readonly when: When;
  readonly layout: Layout;
}

/** Selections on one set of possible types, in the order of the document. */
export interface Layout {
  readonly items: readonly (PlannedField | PlannedSpread)[];
  /** Whether several selections lead here: then it must be visited only once. */
  readonly isShared: boolean;
}

/** The part of examining an operation that depends on the schema only: created once, used for every viewer. */
export interface OperationPlan {
  readonly operation: OperationDefinitionNode;
  readonly rootType: GraphQLObjectType;
  /** Contains every root field, including public ones. */
  readonly root: Layout;
  /** The number of fields, of their occurrences and of the rules that they refer to. */
  readonly size: number;
  /**
   * A viewer who meets all of these rules is allowed everything, whatever the variables. Undefined if no
   * short list of rules says so.
   */
  readonly sufficientRules: readonly Rule[] | undefined;
}

/** Maximum number of sufficient rules. */
const maxSufficientRules = 20;

/** Finds the rules of all fields, if no field has alternatives or guarded inputs. */
export function findSufficientRules(root: Layout): readonly Rule[] | undefined {
  const rules = new Set<Rule>();
  const layouts = new Set([root]);
  for (const { items } of layouts) {
    for (const item of items) {
      const layout = item.kind === 'spread' ? item.layout : item.below;
      if (layout !== undefined) layouts.add(layout);
      if (item.kind === 'spread') continue;
      for (const { rule, anyOf, inputs } of item.candidates) {
        if (anyOf.length > 0 || inputs.size > 0) return undefined;
        if (rule.length > 0) rules.add(rule);
      }
      if (rules.size > maxSufficientRules) return undefined;
    }
  }
  return [...rules];
}

/** Limits of the work on one plan. Beyond them, a simpler kind of plan is used. */
export interface PlanLimits {
  /** Selections of a tree. */
  readonly tree: number;
  /** Selections of a graph. */
  readonly graph: number;
  /** Object types that are visited for either: an interface can have hundreds. */
  readonly types: number;
}

/** Input of a planning function. */
export interface PlanRequest {
  readonly operation: OperationDefinitionNode;
  readonly rootType: GraphQLObjectType;
  readonly fragments: Fragments;
  readonly planner: FieldPlanner;
  readonly limits: PlanLimits;
}
