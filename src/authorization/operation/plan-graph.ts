import {
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Fragments } from '../../shared/fragments-of.ts';
import {
  findSufficientRules,
  type Layout,
  type OperationPlan,
  type PlannedField,
  type PlannedSpread,
  type PlanRequest,
  readConditions,
  When,
} from './operation-plan.ts';
import type { SelectionParent } from './selection-parents.ts';

/**
 * Plans an operation as a graph: each selection set once for each set of types that it occurs on.
 * Conditions are evaluated when the graph is walked, so they do not multiply anything here.
 *
 * Overlapping interfaces can be combined in exponentially many ways. Beyond the limits, a selection set
 * is planned once for all the types that it occurs on. No selection is missed: a field is then refused
 * if each of these types refuses it.
 */
export function planGraph(request: PlanRequest): OperationPlan {
  const { operation, rootType, fragments, planner, limits } = request;
  const { parents } = planner;
  const always = new When();
  const visitsBefore = parents.visitCount;
  const rulesBefore = planner.ruleCount;
  const visited = new Map<SelectionSetNode, Map<number, Placement>>();
  let selections = 0;

  const getLayout = (selectionSet: SelectionSetNode, parent: SelectionParent): Layout => {
    const placements = visited.get(selectionSet) ?? new Map<number, Placement>();
    visited.set(selectionSet, placements);
    const known = placements.get(parent.possible.id);
    if (known !== undefined) return known.layout;
    const layout = { items: [], isShared: true as const };
    placements.set(parent.possible.id, { parent, layout });
    return layout;
  };

  const planSelection = (
    selection: SelectionNode,
    parent: SelectionParent,
  ): PlannedField | PlannedSpread | undefined => {
    const own = readConditions(selection.directives);
    const when = own === 'never' ? 'never' : always.and(own);
    if (when === 'never') return undefined;
    if (selection.kind === Kind.FIELD) {
      const below = parents.below(parent, selection.name.value);
      return planner.field(
        parent,
        [{ node: selection, when }],
        below && selection.selectionSet && getLayout(selection.selectionSet, below),
      );
    }
    const fragment = findFragment(selection, fragments);
    const narrowed = fragment && parents.narrow(parent, fragment.typeCondition?.name.value);
    return narrowed && { kind: 'spread', when, layout: getLayout(fragment.selectionSet, narrowed) };
  };

  const root = getLayout(operation.selectionSet, parents.of(rootType));
  for (const selectionSet of sortSelectionSets(operation, fragments)) {
    const placements = [...(visited.get(selectionSet)?.values() ?? [])];
    const exceedsLimit =
      selections + placements.length * selectionSet.selections.length > limits.graph ||
      parents.visitCount - visitsBefore > limits.types;
    for (const { parent, layout } of exceedsLimit ? mergePlacements(placements) : placements) {
      selections += 1;
      for (const selection of selectionSet.selections) {
        selections += 1;
        const item = planSelection(selection, parent);
        if (item) layout.items.push(item);
      }
    }
  }
  return {
    operation,
    rootType,
    root,
    size: selections + planner.ruleCount - rulesBefore,
    sufficientRules: findSufficientRules(root),
  };

  /** Creates one layout for all of them, which theirs then lead to. */
  function mergePlacements(all: readonly Placement[]): readonly Placement[] {
    const [first, ...others] = all;
    if (first === undefined || others.length === 0) return all;
    const parent = parents.union(all.map((one) => one.parent));
    const layout = { items: [], isShared: true as const };
    selections += all.length;
    for (const one of all) one.layout.items.push({ kind: 'spread', when: always, layout });
    return [{ parent, layout }];
  }
}

/** The layout of a selection set on one set of types. */
interface Placement {
  readonly parent: SelectionParent;
  readonly layout: Layout & { readonly items: (PlannedField | PlannedSpread)[] };
}

/**
 * Lists the selection sets that an operation reaches, each after all those that lead to it. Not
 * recursive: clients choose how deep their fragments nest.
 */
function sortSelectionSets(
  { selectionSet }: OperationDefinitionNode,
  fragments: Fragments,
): readonly SelectionSetNode[] {
  const finished: SelectionSetNode[] = [];
  const seen = new Set([selectionSet]);
  const stack = [{ selectionSet, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const selection = top.selectionSet.selections[top.next];
    top.next += 1;
    if (selection === undefined) {
      finished.push(top.selectionSet);
      stack.pop();
      continue;
    }
    const inner =
      selection.kind === Kind.FIELD
        ? selection.selectionSet
        : findFragment(selection, fragments)?.selectionSet;
    if (inner === undefined || seen.has(inner)) continue;
    seen.add(inner);
    stack.push({ selectionSet: inner, next: 0 });
  }
  return finished.reverse();
}

function findFragment(
  selection: Exclude<SelectionNode, { readonly kind: Kind.FIELD }>,
  fragments: Fragments,
) {
  return selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
}
