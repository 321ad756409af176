import { type FieldNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { Fragments } from '../shared/fragments-of.ts';
import { maxCost } from './cost-program.ts';
import { countIntrospection } from './count-introspection.ts';
import type { OperationMeasures } from './operation-limits.ts';

/** What an operation has, whatever its variables. */
export type SelectionCounts = Omit<OperationMeasures, 'cost'>;

type BelowCounts = Pick<SelectionCounts, 'depth' | 'aliases' | 'directives'>;

/** Counts the selections of an operation. Takes time linear in the document. */
export function countSelections(
  operation: OperationDefinitionNode,
  fragments: Fragments,
): SelectionCounts {
  const known = new Map<SelectionSetNode, BelowCounts>();
  const { depth, aliases, directives } = countSet(operation.selectionSet, fragments, known);
  const own = operation.directives?.length ?? 0;
  const ofVariables = (operation.variableDefinitions ?? []).map(
    (one) => one.directives?.length ?? 0,
  );
  return {
    depth,
    aliases,
    rootFields: countRootFields(operation, fragments),
    directives: ofVariables.reduce((sum, count) => sum + count, directives + own),
    ...countIntrospection(operation, fragments),
  };
}

function countSet(
  set: SelectionSetNode,
  fragments: Fragments,
  known: Map<SelectionSetNode, BelowCounts>,
): BelowCounts {
  const counted = known.get(set);
  if (counted !== undefined) return counted;
  let depth = 0;
  let aliases = 0;
  let directives = 0;
  // Invalid documents can have fragments that spread themselves.
  known.set(set, { depth, aliases, directives });
  for (const selection of set.selections) {
    directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD && hasAlias(selection)) aliases += 1;
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (selection.kind === Kind.FRAGMENT_SPREAD) directives += inner?.directives?.length ?? 0;
    const below = inner?.selectionSet && countSet(inner.selectionSet, fragments, known);
    aliases += below?.aliases ?? 0;
    directives += below?.directives ?? 0;
    depth = Math.max(
      depth,
      levelsOf(selection) + (isIntrospection(selection) ? 0 : (below?.depth ?? 0)),
    );
  }
  const counts = {
    depth,
    aliases: Math.min(aliases, maxCost),
    directives: Math.min(directives, maxCost),
  };
  known.set(set, counts);
  return counts;
}

const hasAlias = ({ alias, name }: FieldNode): boolean =>
  alias !== undefined && alias.value !== name.value;

const levelsOf = ({ kind }: SelectionSetNode['selections'][number]): number =>
  kind === Kind.FIELD ? 1 : 0;

/** Levels below it have a limit of their own. */
const isIntrospection = (selection: SelectionSetNode['selections'][number]): boolean =>
  selection.kind === Kind.FIELD && selection.name.value.startsWith('__');

function countRootFields(operation: OperationDefinitionNode, fragments: Fragments): number {
  const keys = new Set<string>();
  const sets = new Set([operation.selectionSet]);
  for (const { selections } of sets) {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) keys.add((selection.alias ?? selection.name).value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) sets.add(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) sets.add(fragment.selectionSet);
      }
    }
  }
  return keys.size;
}
