import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql';
import { fragmentsOf } from '../../shared/fragments-of.ts';
import { findNestingError } from '../../shared/nesting.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';
import { FieldPlanner, RuleKeys } from './field-planner.ts';
import { OperationCache } from './operation-cache.ts';
import type { OperationPlan, PlanLimits } from './operation-plan.ts';
import { planGraph } from './plan-graph.ts';
import { planTree } from './plan-tree.ts';
import { PossibleTypes } from './selection-parents.ts';

const defaultLimits: PlanLimits = { tree: 5_000, graph: 5_000, types: 50_000 };

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
   * Plans the operation that would be executed. Undefined if there is none: execution reports why.
   *
   * Nested fragments can give a short document more paths than can be walked. Such an operation is
   * planned as a graph: no selection is missed, only some of its paths, and the work stays linear in
   * the size of the document.
   *
   * @param include `protected` omits fields without any rule on them or below them.
   * @throws {NestingError} If it is nested too deep.
   */
  plan(
    document: DocumentNode,
    operationName: string | undefined,
    include: 'protected' | 'all' = 'protected',
  ): OperationPlan | undefined {
    const operation = getOperationAST(document, operationName);
    const rootType = operation && this.#types.schema.getRootType(operation.operation);
    if (!operation || !rootType) return undefined;
    const fragments = fragmentsOf(document);
    const nestingError = findNestingError(operation, fragments);
    if (nestingError !== undefined) throw nestingError;
    const planner = new FieldPlanner(this.#types, this.#rules, this.#ruleKeys, include);
    const request = { operation, rootType, fragments, planner, limits: this.#limits };
    return planTree(request) ?? planGraph(request);
  }
}

/**
 * Maximum total size of the cached plans of one schema, in planned selections and the rules that they
 * refer to. Most take about 250 bytes; deeply nested ones up to 460, which makes 46 MB.
 */
export const maxCachedSize = 100_000;

/** Larger plans are not cached. */
const maxPlanSize = 20_000;

/** The size of a plan without selections. */
const baseSize = 10;

/** The plans of one guarded schema. Keeps those that were used most recently. */
export class PlanCache {
  readonly #rules: SchemaRules;
  readonly #plans = new OperationCache<OperationPlan>({
    maxSize: maxCachedSize,
    maxEntrySize: maxPlanSize,
  });
  #planner: OperationPlanner | undefined;

  constructor(rules: SchemaRules) {
    this.#rules = rules;
  }

  /** The total size of the cached plans. */
  get size(): number {
    return this.#plans.size;
  }

  /** The plan of the operation that would be executed. Undefined if there is none. */
  get(
    schema: GraphQLSchema,
    document: DocumentNode,
    operationName: string | undefined,
  ): OperationPlan | undefined {
    const known = this.#plans.get(document, operationName);
    if (known !== undefined) return known;
    this.#planner ??= new OperationPlanner(schema, this.#rules);
    const plan = this.#planner.plan(document, operationName);
    // Clients choose operation names: unknown ones are not cached.
    if (plan !== undefined) {
      this.#plans.set(document, operationName, plan, plan.size + baseSize);
    }
    return plan;
  }
}
