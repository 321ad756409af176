import { Kind, type SelectionSetNode } from 'graphql';
import {
  findSufficientRules,
  type Layout,
  type Occurrence,
  type OperationPlan,
  type PlannedField,
  type PlanRequest,
  readConditions,
  When,
} from './operation-plan.ts';
import type { SelectionParent } from './selection-parents.ts';

/**
 * Plans an operation as a tree, with the fields of one response key merged as execution merges them.
 * Undefined if there are too many paths.
 */
export function planTree(request: PlanRequest): OperationPlan | undefined {
  const { operation, rootType } = request;
  const planner = new TreePlanner(request);
  const root = planner.plan();
  if (planner.exceededLimit) return undefined;
  return {
    operation,
    rootType,
    root,
    size: planner.size,
    sufficientRules: findSufficientRules(root),
  };
}

/** Selection sets whose fields are merged: one for each occurrence of their parent. */
type Selections = readonly {
  readonly selectionSet: SelectionSetNode;
  readonly when: When;
}[];

interface Group {
  readonly parent: SelectionParent;
  readonly occurrences: Occurrence[];
}

class TreePlanner {
  readonly #request: PlanRequest;
  readonly #visitsBefore: number;
  readonly #rulesBefore: number;
  readonly #ids = new Map<When, number>();
  #selections = 0;

  constructor(request: PlanRequest) {
    this.#request = request;
    this.#visitsBefore = request.planner.parents.visitCount;
    this.#rulesBefore = request.planner.ruleCount;
  }

  /** If true, the plan is incomplete. */
  get exceededLimit(): boolean {
    const { limits, planner } = this.#request;
    const visits = planner.parents.visitCount - this.#visitsBefore;
    return this.#selections > limits.tree || visits > limits.types;
  }

  get size(): number {
    return this.#selections + this.#request.planner.ruleCount - this.#rulesBefore;
  }

  plan(): Layout {
    const { operation, rootType, planner } = this.#request;
    const { selectionSet } = operation;
    const items = this.#planFields(planner.parents.of(rootType), [
      { selectionSet, when: new When() },
    ]);
    return { items, isShared: false };
  }

  /** The fields of merged selection sets. */
  #planFields(parent: SelectionParent, selections: Selections): readonly PlannedField[] {
    const groups = new Map<string, Group>();
    const spread = new Set<string>();
    const fields: PlannedField[] = [];
    for (const { selectionSet, when } of selections) {
      this.#collect(parent, selectionSet, when, groups, spread);
    }
    for (const group of groups.values()) {
      if (this.exceededLimit) return fields;
      fields.push(this.#field(group));
    }
    return fields;
  }

  /** Collects fields by response key and possible types, through fragments, as execution does. */
  #collect(
    parent: SelectionParent,
    selectionSet: SelectionSetNode,
    when: When,
    groups: Map<string, Group>,
    spread: Set<string>,
  ): void {
    const { fragments, planner } = this.#request;
    for (const selection of selectionSet.selections) {
      this.#selections += 1;
      if (this.exceededLimit) return;
      const own = readConditions(selection.directives);
      const runs = own === 'never' ? 'never' : when.and(own);
      if (runs === 'never') continue;
      if (selection.kind === Kind.FIELD) {
        const key = `${selection.alias?.value ?? selection.name.value} ${parent.possible.id}`;
        const occurrence = { node: selection, when: runs };
        const group = groups.get(key);
        if (group) group.occurrences.push(occurrence);
        else groups.set(key, { parent, occurrences: [occurrence] });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const narrowed = planner.parents.narrow(parent, selection.typeCondition?.name.value);
        if (narrowed) this.#collect(narrowed, selection.selectionSet, runs, groups, spread);
      } else {
        const fragment = fragments.get(selection.name.value);
        // The same fragment on the same types under the same conditions adds nothing.
        const key = `${selection.name.value} ${parent.possible.id} ${this.#idOf(runs)}`;
        if (fragment === undefined || spread.has(key)) continue;
        spread.add(key);
        const narrowed = planner.parents.narrow(parent, fragment.typeCondition.name.value);
        if (narrowed) this.#collect(narrowed, fragment.selectionSet, runs, groups, spread);
      }
    }
  }

  #idOf(when: When): number {
    const known = this.#ids.get(when);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(when, id);
    return id;
  }

  #field({ parent, occurrences }: Group): PlannedField {
    const { parents } = this.#request.planner;
    const [first] = occurrences;
    const below = parents.below(parent, first?.node.name.value ?? '');
    return this.#request.planner.field(
      parent,
      occurrences,
      below && this.#planBelow(below, occurrences),
    );
  }

  #planBelow(parent: SelectionParent, occurrences: readonly Occurrence[]): Layout | undefined {
    const selections = occurrences.flatMap(({ node: { selectionSet }, when }) =>
      selectionSet ? [{ selectionSet, when }] : [],
    );
    const fields = this.#planFields(parent, selections);
    const items = this.#request.planner.includesAll ? fields : fields.filter(hasProtection);
    return items.length > 0 ? { items, isShared: false } : undefined;
  }
}

function hasProtection({ candidates, below }: PlannedField): boolean {
  return candidates.length > 0 || below !== undefined;
}
