import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { FieldRule, SchemaRules } from '../rules/schema-rules.ts';
import { FieldPlanner, RuleKeys } from './field-planner.ts';
import { planGraph } from './plan-graph.ts';
import { planTree } from './plan-tree.ts';
import { PossibleTypes } from './selection-parents.ts';

/** One place where the document selects a field, and when it runs. */
export interface Occurrence {
  readonly node: FieldNode;
  readonly when: When;
}

/** A field that the operation selects: what has one response key on one set of possible types. */
export interface PlannedField {
  readonly kind: 'field';
  readonly responseKey: string;
  readonly coordinate: string;
  readonly occurrences: readonly Occurrence[];
  /** All of them, where none has a condition. */
  readonly nodes: readonly FieldNode[] | undefined;
  /**
   * What the possible parent types require, each different rule once. It is enough that one of
   * them is met. The same object for the same field of the same types.
   */
  readonly candidates: readonly FieldRule[];
  /** Whether the parent can be of several types: no single one is then to decidingCoordinate. */
  readonly isOnSeveralTypes: boolean;
  readonly isNonNull: boolean;
  /** The selections below; undefined where none of them matters. */
  readonly below: Layout | undefined;
}

/** A fragment whose selections are laid out in a place of their own. */
export interface PlannedSpread {
  readonly kind: 'spread';
  readonly when: When;
  readonly layout: Layout;
}

/** Selections that stand on one set of possible types, in the order of the document. */
export interface Layout {
  readonly items: readonly (PlannedField | PlannedSpread)[];
  /** Whether several places lead here: then it is to be entered once. */
  readonly isShared: boolean;
}

/** What of an operation depends on the schema only: made once, used for every viewer. */
export interface OperationPlan {
  readonly operation: OperationDefinitionNode;
  readonly rootType: GraphQLObjectType;
  /** Holds every root field, those that require nothing too. */
  readonly root: Layout;
  /** How much the plan holds: its fields, their occurrences, and the rules they refer to. */
  readonly size: number;
}

/** How much is worked out exactly before an operation is planned in a simpler way. */
export interface PlanLimits {
  /** Selections that are laid out along every path. */
  readonly paths: number;
  /** Selections that are laid out once for each set of types. */
  readonly sets: number;
  /** Object types that are looked at in either way: an interface can have hundreds. */
  readonly visits: number;
}

const defaultLimits: PlanLimits = { paths: 5_000, sets: 5_000, visits: 50_000 };

/** What a plan is made from. */
export interface PlanRequest {
  readonly operation: OperationDefinitionNode;
  readonly rootType: GraphQLObjectType;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly planner: FieldPlanner;
  readonly limits: PlanLimits;
}

/** Plans operations of one schema. What it keeps is bounded by the schema. */
export class OperationPlanner {
  readonly #types: PossibleTypes;
  readonly #rules: SchemaRules;
  readonly #ruleKeys: RuleKeys;

  readonly #limits: PlanLimits;

  constructor(schema: GraphQLSchema, rules: SchemaRules, limits = defaultLimits) {
    this.#types = new PossibleTypes(schema);
    this.#ruleKeys = new RuleKeys(rules, this.#types);
    this.#rules = rules;
    this.#limits = limits;
  }

  /**
   * Plans the operation that would be executed. Undefined where there is none: execution says so
   * itself.
   *
   * Fragments can be nested so that a short document has more paths than could ever be walked.
   * Such an operation is planned as a graph: no selection is missed, only some of its paths, and
   * the work stays linear in the size of the document.
   *
   * @param keep Whether fields that require nothing, and have nothing below them that does, are
   *   kept too.
   */
  plan(
    document: DocumentNode,
    operationName: string | undefined,
    keep: 'what asks' | 'everything' = 'what asks',
  ): OperationPlan | undefined {
    const operation = getOperationAST(document, operationName);
    const rootType = operation && this.#types.schema.getRootType(operation.operation);
    if (!operation || !rootType) return undefined;
    const planner = new FieldPlanner(this.#types, this.#rules, this.#ruleKeys, keep);
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      fragments.set(definition.name.value, definition);
    }
    const request = { operation, rootType, fragments, planner, limits: this.#limits };
    return planTree(request) ?? planGraph(request);
  }
}

/** A selection that runs only while a variable is true, or only while it is not. */
export interface Condition {
  readonly variable: string;
  readonly runsWhen: boolean;
}

/**
 * The conditions that `@skip` and `@include` put on a selection: `never` where a literal says
 * that it does not run.
 */
export function conditionsOf(
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
 * When a selection runs: while its condition holds, and those of everything around it. There is
 * one object for the same conditions in the same order, so that each is judged once a request.
 */
export class When {
  readonly last: { readonly condition: Condition; readonly before: When } | undefined;
  #next: Map<string, When | 'never'> | undefined;

  /** @param last Undefined for what always runs. */
  constructor(last?: When['last']) {
    this.last = last;
  }

  /** Both together; `never` where they contradict each other. */
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
    const made = this.#made(condition);
    this.#next ??= new Map();
    this.#next.set(key, made);
    return made;
  }

  #made(condition: Condition): When | 'never' {
    for (let at = this.last; at !== undefined; at = at.before.last) {
      if (at.condition.variable !== condition.variable) continue;
      return at.condition.runsWhen === condition.runsWhen ? this : 'never';
    }
    return new When({ condition, before: this });
  }
}
