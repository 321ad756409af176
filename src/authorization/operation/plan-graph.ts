import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  conditionsOf,
  type Layout,
  type OperationPlan,
  type PlannedField,
  type PlannedSpread,
  type PlanRequest,
  When,
} from './operation-plan.ts';
import type { SelectionParent } from './selection-parents.ts';

/**
 * Lays each selection set out once for each set of types that it is met on, and links them: a
 * graph. What runs of it is found by walking it, so conditions multiply nothing here.
 *
 * Overlapping interfaces can be combined in exponentially many ways. Past the limits, a selection
 * set is laid out once for all the types that it is met on. No selection is missed; a field is
 * then refused where every one of these types refuses.
 */
export function planGraph(request: PlanRequest): OperationPlan {
  const { operation, rootType, fragments, planner, limits } = request;
  const { parents } = planner;
  const always = new When();
  const visitsBefore = parents.visits;
  const rulesBefore = planner.ruleCount;
  const laidOut = new Map<SelectionSetNode, Map<number, Place>>();
  let selections = 0;

  const layoutOf = (selectionSet: SelectionSetNode, parent: SelectionParent): Layout => {
    const places = laidOut.get(selectionSet) ?? new Map<number, Place>();
    laidOut.set(selectionSet, places);
    const known = places.get(parent.possible.id);
    if (known !== undefined) return known.layout;
    const layout = { items: [], isShared: true as const };
    places.set(parent.possible.id, { parent, layout });
    return layout;
  };

  const itemOf = (
    selection: SelectionNode,
    parent: SelectionParent,
  ): PlannedField | PlannedSpread | undefined => {
    const own = conditionsOf(selection.directives);
    const when = own === 'never' ? 'never' : always.and(own);
    if (when === 'never') return undefined;
    if (selection.kind === Kind.FIELD) {
      const below = parents.below(parent, selection.name.value);
      return planner.field(
        parent,
        [{ node: selection, when }],
        below && selection.selectionSet && layoutOf(selection.selectionSet, below),
      );
    }
    const fragment = fragmentOf(selection, fragments);
    const narrowed = fragment && parents.narrow(parent, fragment.typeCondition?.name.value);
    return narrowed && { kind: 'spread', when, layout: layoutOf(fragment.selectionSet, narrowed) };
  };

  const root = layoutOf(operation.selectionSet, parents.of(rootType));
  for (const selectionSet of fromOutsideIn(operation, fragments)) {
    const met = [...(laidOut.get(selectionSet)?.values() ?? [])];
    const isTooMuch =
      selections + met.length * selectionSet.selections.length > limits.sets ||
      parents.visits - visitsBefore > limits.visits;
    for (const { parent, layout } of isTooMuch ? together(met) : met) {
      selections += 1;
      for (const selection of selectionSet.selections) {
        selections += 1;
        const item = itemOf(selection, parent);
        if (item) layout.items.push(item);
      }
    }
  }
  return { operation, rootType, root, size: selections + planner.ruleCount - rulesBefore };

  /** One place for all, to which the others lead. */
  function together(met: readonly Place[]): readonly Place[] {
    const [first, ...others] = met;
    if (first === undefined || others.length === 0) return met;
    const parent = parents.together(met.map((place) => place.parent));
    const layout = { items: [], isShared: true as const };
    selections += met.length;
    for (const place of met) place.layout.items.push({ kind: 'spread', when: always, layout });
    return [{ parent, layout }];
  }
}

/** What stands on one set of types. */
interface Place {
  readonly parent: SelectionParent;
  readonly layout: Layout & { readonly items: (PlannedField | PlannedSpread)[] };
}

/**
 * The selection sets that an operation reaches, each once and after all those that lead to it.
 * With a stack of its own: clients choose how deep their fragments nest.
 */
function fromOutsideIn(
  { selectionSet }: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly SelectionSetNode[] {
  const finished: SelectionSetNode[] = [];
  const begun = new Set([selectionSet]);
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
        : fragmentOf(selection, fragments)?.selectionSet;
    if (inner === undefined || begun.has(inner)) continue;
    begun.add(inner);
    stack.push({ selectionSet: inner, next: 0 });
  }
  return finished.reverse();
}

function fragmentOf(
  selection: Exclude<SelectionNode, { readonly kind: Kind.FIELD }>,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
) {
  return selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
}
