import { Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { Fragments } from '../shared/fragments-of.ts';
import { maxCost } from './cost-program.ts';
import type { OperationMeasures } from './operation-limits.ts';

/** What an operation selects below `__schema` and `__type`. */
type IntrospectionCounts = Pick<OperationMeasures, 'introspectionLists' | 'introspectionDepth'>;

/** The lists of objects in introspection, and how many levels each is. */
const levelsOfLists: ReadonlyMap<string, number> = new Map([
  ['types', 1],
  ['directives', 1],
  ['fields', 1],
  ['inputFields', 1],
  ['interfaces', 1],
  ['possibleTypes', 1],
  ['enumValues', 1],
  // Each argument belongs to one field: those of all fields are no more than the schema has.
  ['args', 0],
]);

/** A field around introspection can return a list of any length: no list fits below it by default. */
const levelsAround = 2;

const nothing: IntrospectionCounts = { introspectionLists: 0, introspectionDepth: 0 };

/**
 * Counts the lists of introspection in an operation. The rule of GraphQL.js lets `fields` be in `fields` in
 * `types`, which is much more than a schema has, and each be selected any number of times. Takes time linear
 * in the document.
 */
export function countIntrospection(
  operation: OperationDefinitionNode,
  fragments: Fragments,
): IntrospectionCounts {
  return countSet(operation.selectionSet, fragments, new Map(), false);
}

/** @param isInside Whether the selections are below `__schema` or `__type`. */
function countSet(
  set: SelectionSetNode,
  fragments: Fragments,
  known: Map<SelectionSetNode, IntrospectionCounts>,
  isInside: boolean,
): IntrospectionCounts {
  const counted = known.get(set);
  if (counted !== undefined) return counted;
  // Invalid documents can have fragments that spread themselves.
  known.set(set, nothing);
  let lists = 0;
  let depth = 0;
  for (const selection of set.selections) {
    const field = selection.kind === Kind.FIELD ? selection.name.value : undefined;
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (inner?.selectionSet === undefined) continue;
    const isRoot = field === '__schema' || field === '__type';
    const below = countSet(inner.selectionSet, fragments, known, isInside || isRoot);
    const ofList = isInside && field !== undefined ? levelsOfLists.get(field) : undefined;
    const isAround = !isInside && field !== undefined && !isRoot && below.introspectionLists > 0;
    const levels = isAround ? levelsAround : (ofList ?? 0);
    lists += below.introspectionLists + (ofList === undefined ? 0 : 1);
    depth = Math.max(depth, below.introspectionDepth + levels);
  }
  const counts = { introspectionLists: Math.min(lists, maxCost), introspectionDepth: depth };
  known.set(set, counts);
  return counts;
}
