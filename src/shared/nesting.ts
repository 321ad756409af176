import { Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { Fragments } from './fragments-of.ts';
import { LimitError } from './limit-error.ts';

/**
 * How many selection sets may be within each other, those of fragments included. Executors are recursive:
 * with lists, GraphQL.js runs out of stack at about 600 levels of fields, and V8 ends the process if that
 * happens where it compiles a regular expression. So does whatever else walks through an operation, which
 * can be recursive because of this limit.
 */
const maxNesting = 200;

/** An operation whose selections are nested too deep to be examined or executed. */
export class NestingError extends LimitError {
  readonly exceeded: {
    readonly limit: 'nesting';
    readonly max: number;
    readonly actual: number;
    readonly message: string;
  };

  constructor(actual: number) {
    const message = `The operation is too large: its selections are nested ${actual} levels deep, fragments included, and the maximum is ${maxNesting}.`;
    const exceeded = { limit: 'nesting', max: maxNesting, actual, message } as const;
    super(exceeded);
    this.exceeded = exceeded;
  }
}

/** Finds whether an operation is nested too deep. Takes time linear in the document, and no stack. */
export function findNestingError(
  { selectionSet }: OperationDefinitionNode,
  fragments: Fragments,
): NestingError | undefined {
  const actual = measureNesting(selectionSet, fragments);
  return actual > maxNesting ? new NestingError(actual) : undefined;
}

function measureNesting(root: SelectionSetNode, fragments: Fragments): number {
  // 0 until it is measured: invalid documents can have fragments that spread themselves.
  const levels = new Map([[root, 0]]);
  const stack = [{ set: root, next: 0, below: 0 }];
  let measured = 0;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const selection = top.set.selections[top.next];
    top.next += 1;
    if (selection === undefined) {
      measured = top.below + 1;
      levels.set(top.set, measured);
      stack.pop();
      const above = stack.at(-1);
      if (above !== undefined) above.below = Math.max(above.below, measured);
      continue;
    }
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    const set = inner?.selectionSet;
    if (set === undefined) continue;
    const known = levels.get(set);
    if (known === undefined) {
      levels.set(set, 0);
      stack.push({ set, next: 0, below: 0 });
    } else top.below = Math.max(top.below, known);
  }
  return measured;
}
