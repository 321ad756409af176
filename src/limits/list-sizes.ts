import { type FieldNode, Kind, type ValueNode } from 'graphql';
import { type Cost, type CostProgram, type CostVariables, maxCost } from './cost-program.ts';
import type { ListSize } from './declared-costs.ts';
import type { FieldCosts } from './schema-costs.ts';

/** A field whose slicing arguments must be given as its `@listSize` says. */
export interface SlicingCheck {
  readonly coordinate: string;
  readonly slicingArguments: readonly string[];
  /** Whether the count is the same whatever the variables. */
  readonly isFixed: boolean;
  /** Counts those that the client gives, unless the number is right. */
  countWrong(variables: CostVariables): number | undefined;
}

/** What one use of a field says about the size of its list. */
export interface PlannedSize {
  readonly size: Cost;
  readonly check: SlicingCheck | undefined;
}

/** Plans the size of the list of a field, or of its sized fields. */
export function planSize(
  field: FieldCosts,
  node: FieldNode,
  program: CostProgram,
  defaultSize: number,
): PlannedSize {
  if (field.sizes.length === 0) return { size: defaultSize, check: undefined };
  const given = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const readers = new Map(
    field.sizes
      .flatMap(({ slicingArguments }) => slicingArguments)
      .map((name) => {
        const isList = field.args.get(name)?.isList === true;
        return [name, createReader(given.get(name), isList, field.slicingDefaults.get(name))];
      }),
  );
  const sizeOf = (variables: CostVariables): number =>
    Math.max(...field.sizes.map((size) => resolveSize(size, readers, variables) ?? defaultSize));
  const strict = field.sizes.find(
    ({ slicingArguments, requiresOneArgument }) =>
      requiresOneArgument && slicingArguments.length > 0,
  );
  const isFixed = [...readers.keys()].every((name) => given.get(name)?.kind !== Kind.VARIABLE);
  const check: SlicingCheck | undefined = strict && {
    coordinate: field.coordinate,
    slicingArguments: strict.slicingArguments,
    isFixed,
    countWrong(variables) {
      const values = strict.slicingArguments.map((name) => readers.get(name)?.(variables));
      const count = values.filter((value) => value?.isGiven).length;
      const hasDefault = values.some((value) => value !== undefined && !value.isGiven);
      return count === 1 || (count === 0 && hasDefault) ? undefined : count;
    },
  };
  const isAlwaysRight = isFixed && check?.countWrong(noVariables) === undefined;
  return {
    size: isFixed ? sizeOf(noVariables) : program.read(sizeOf),
    check: isAlwaysRight ? undefined : check,
  };
}

/** The value of a slicing argument: given by the client, or the default of the schema. */
type SlicingValue = { readonly isGiven: boolean; readonly value: number } | undefined;

/**
 * Reads a slicing argument: a number or, of a list, how many items it has. What is neither fails when it is
 * coerced, or leaves the size open.
 */
function createReader(
  given: ValueNode | undefined,
  isList: boolean,
  schemaDefault: number | undefined,
): (variables: CostVariables) => SlicingValue {
  const fallback =
    schemaDefault === undefined ? undefined : { isGiven: false, value: schemaDefault };
  if (given === undefined) return () => fallback;
  if (given.kind !== Kind.VARIABLE) {
    const size = isList
      ? itemsOf(given)
      : given.kind === Kind.INT
        ? Number(given.value)
        : undefined;
    const literal = size === undefined ? undefined : { isGiven: true, value: size };
    return () => literal;
  }
  const name = given.name.value;
  return (variables) => {
    const value = variables.value(name);
    if (value === undefined) return fallback;
    if (isList && value !== null) {
      return { isGiven: true, value: Array.isArray(value) ? value.length : 1 };
    }
    return typeof value === 'number' ? { isGiven: true, value } : undefined;
  };
}

/** A value that is no list is coerced to one with a single item. */
function itemsOf(value: ValueNode): number | undefined {
  if (value.kind === Kind.NULL) return undefined;
  return value.kind === Kind.LIST ? value.values.length : 1;
}

function resolveSize(
  { slicingArguments, assumedSize }: ListSize,
  readers: ReadonlyMap<string, (variables: CostVariables) => SlicingValue>,
  variables: CostVariables,
): number | undefined {
  let largest: number | undefined;
  for (const name of slicingArguments) {
    const value = readers.get(name)?.(variables)?.value;
    // A negative number is no size: to some databases, it is no limit.
    if (value === undefined || value < 0) continue;
    largest = Math.min(maxCost, Math.max(largest ?? 0, value));
  }
  return largest ?? assumedSize;
}

const noVariables: CostVariables = { value: () => undefined };
