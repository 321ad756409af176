import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isScalarType,
  Kind,
  type SelectionNode,
  valueFromAST,
} from 'graphql';

/** What each coordinate and each list of the tests costs. */
export interface ReferenceCosts {
  readonly weights: Readonly<Record<string, number>>;
  /** By coordinate, the slicing argument. Those of connections size their field `edges`. */
  readonly slicing: Readonly<Record<string, string>>;
  readonly listSize: number;
}

/**
 * The cost by expanding every fragment wherever it is spread, with the variables of one request: slow, and
 * without anything that the real one has in common with it.
 */
export function referenceCost(
  {
    schema,
    document,
    variableValues,
  }: Pick<ExecutionArgs, 'schema' | 'document' | 'variableValues'>,
  costs: ReferenceCosts,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  }
  const [operation] = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('There is no operation.');
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error('There is no root type.');
  const variables = variableValues ?? {};

  const runs = (node: SelectionNode): boolean =>
    (node.directives ?? []).every(({ name, arguments: args }) => {
      const value = args?.[0]?.value;
      const given =
        value?.kind === Kind.VARIABLE
          ? variables[value.name.value]
          : value?.kind === Kind.BOOLEAN && value.value;
      return name.value === 'skip' ? given !== true : given !== false;
    });

  /** Of each type that an object can have, or of one type. */
  const possible = (type: GraphQLCompositeType) =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type];

  function costOfSet(
    nodes: readonly SelectionNode[],
    parent: GraphQLCompositeType,
    edges: number,
  ): number {
    let always = 0;
    const onTypes: Record<string, number> = {};
    for (const node of nodes) {
      if (!runs(node)) continue;
      if (node.kind === Kind.FIELD) {
        always += costOfField(node, parent, edges);
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const type = schema.getType(fragment?.typeCondition?.name.value ?? parent.name);
      if (!fragment || !(isObjectType(type) || isAbstractType(type))) continue;
      const cost = costOfSet(fragment.selectionSet.selections, type, edges);
      if (isObjectType(type) && isAbstractType(parent)) {
        onTypes[type.name] = (onTypes[type.name] ?? 0) + cost;
      } else always += cost;
    }
    return always + Math.max(0, ...Object.values(onTypes));
  }

  function costOfField(node: FieldNode, parent: GraphQLCompositeType, edges: number): number {
    const name = node.name.value;
    if (name.startsWith('__') || !(isObjectType(parent) || isInterfaceType(parent))) return 0;
    const field = parent.getFields()[name];
    if (field === undefined) throw new Error(`There is no field ${name}.`);
    const given = new Map(
      (node.arguments ?? []).map((argument) => {
        const type = field.args.find((one) => one.name === argument.name.value)?.type;
        return [argument.name.value, type && valueFromAST(argument.value, type, variables)];
      }),
    );
    const slicingName = costs.slicing[`${parent.name}.${name}`];
    const sliced = slicingName === undefined ? undefined : given.get(slicingName);
    const size = typeof sliced === 'number' ? sliced : costs.listSize;
    const returned = getNamedType(field.type);
    const weight = Math.max(
      ...possible(parent).map(
        (type) =>
          costs.weights[`${type.name}.${name}`] ??
          Math.max(
            ...(isAbstractType(returned) ? schema.getPossibleTypes(returned) : [returned]).map(
              (one) => costs.weights[one.name] ?? (isObjectType(one) ? 1 : 0),
            ),
          ),
      ),
    );
    let total = 0;
    for (const { name: argument, type } of field.args) {
      total += costOfInput(
        `${parent.name}.${name}(${argument}:)`,
        String(getNamedType(type)),
        given.get(argument),
        schema,
        costs,
      );
    }
    const isEdges = name === 'edges';
    const own = isEdges ? edges : isListType(getNullableType(field.type)) ? size : 1;
    const inner = costs.listSize ** Math.max(0, countLists(field.type) - 1);
    const below =
      node.selectionSet && (isObjectType(returned) || isAbstractType(returned))
        ? costOfSet(node.selectionSet.selections, returned, size)
        : 0;
    total += own * inner * (weight + below);
    return total;
  }

  const base = operation.operation === 'mutation' ? 10 : 0;
  return base + costOfSet(operation.selectionSet.selections, root, costs.listSize);
}

function costOfInput(
  coordinate: string,
  typeName: string,
  value: unknown,
  schema: GraphQLSchema,
  costs: ReferenceCosts,
): number {
  if (value === null || value === undefined) return 0;
  if (Array.isArray(value)) {
    return value.reduce<number>(
      (sum, one) => sum + costOfInput(coordinate, typeName, one, schema, costs),
      0,
    );
  }
  const type = schema.getType(typeName);
  const own = costs.weights[coordinate] ?? costs.weights[typeName] ?? (isScalarType(type) ? 0 : 1);
  if (!isInputObjectType(type)) return own;
  return Object.entries(value).reduce((sum, [name, member]) => {
    const field = type.getFields()[name];
    const fieldType = field ? String(getNamedType(field.type)) : '';
    return sum + costOfInput(`${typeName}.${name}`, fieldType, member, schema, costs);
  }, own);
}

const countLists = (type: GraphQLOutputType): number => {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + countLists(nullable.ofType) : 0;
};
