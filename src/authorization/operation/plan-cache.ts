import type { DocumentNode, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SchemaRules } from '../rules/schema-rules.ts';
import { type OperationPlan, OperationPlanner } from './operation-plan.ts';

/**
 * What the plans of one schema may hold together, in planned selections and the rules they refer
 * to. One takes about 250 bytes.
 */
export const maxPlanned = 100_000;

/** A plan that holds more than this is made again for each request. */
const maxPlannedInOne = 20_000;

/** What a plan counts beyond its selections. */
const own = 10;

interface Kept {
  readonly plan: OperationPlan;
  readonly ticket: Ticket;
}

/** Names a plan without holding its document: that is for whoever parsed it to keep. */
interface Ticket {
  readonly document: WeakRef<DocumentNode>;
  readonly operationName: string | undefined;
}

/** The plans of one guarded schema: each made once, those used most recently kept. */
export class PlanCache {
  readonly #rules: SchemaRules;
  readonly #kept = new WeakMap<DocumentNode, Map<string | undefined, Kept>>();
  readonly #sizes = new LRUCache<Ticket, number>({
    maxSize: maxPlanned,
    maxEntrySize: maxPlannedInOne,
    sizeCalculation: (size) => size,
    dispose: (_size, { document, operationName }) => {
      const of = document.deref();
      if (of !== undefined) this.#kept.get(of)?.delete(operationName);
    },
  });
  #planner: OperationPlanner | undefined;

  constructor(rules: SchemaRules) {
    this.#rules = rules;
  }

  /** How much the kept plans hold together. */
  get planned(): number {
    return this.#sizes.calculatedSize;
  }

  /** The plan of the operation that would be executed; undefined where there is none. */
  planOf(
    schema: GraphQLSchema,
    document: DocumentNode,
    operationName: string | undefined,
  ): OperationPlan | undefined {
    const known = this.#kept.get(document)?.get(operationName);
    if (known !== undefined) {
      this.#sizes.get(known.ticket);
      return known.plan;
    }
    this.#planner ??= new OperationPlanner(schema, this.#rules);
    const plan = this.#planner.plan(document, operationName);
    // Clients choose the names of operations: unknown ones are not kept.
    if (plan !== undefined && plan.size + own <= maxPlannedInOne) {
      this.#keep(document, operationName, plan);
    }
    return plan;
  }

  #keep(document: DocumentNode, operationName: string | undefined, plan: OperationPlan): void {
    const plans = this.#kept.get(document) ?? new Map<string | undefined, Kept>();
    this.#kept.set(document, plans);
    const ticket = { document: new WeakRef(document), operationName };
    plans.set(operationName, { plan, ticket });
    this.#sizes.set(ticket, plan.size + own);
  }
}
