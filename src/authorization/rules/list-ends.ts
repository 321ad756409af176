import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/**
 * Finds the object types whose null could propagate to a list around it: non-null items of lists, and
 * the types of non-null fields of such items. If an item throws synchronously, executors abandon the
 * promises of the other items.
 */
export function findListEnds(schema: GraphQLSchema): ReadonlySet<string> {
  const ends = new Set<string>();
  const found: string[] = [];
  /** By type: the types of its non-null fields. */
  const nonNullFields = new Map<string, string[]>();
  for (const parent of Object.values(schema.getTypeMap())) {
    if (!isObjectType(parent)) continue;
    for (const { type } of Object.values(parent.getFields())) {
      const { isItem, isNonNull } = innermost(type);
      if (!isNonNull) continue;
      for (const { name } of possibleTypes(schema, type)) {
        if (isItem) found.push(name);
        const known = nonNullFields.get(parent.name);
        if (known) known.push(name);
        else nonNullFields.set(parent.name, [name]);
      }
    }
  }
  for (let name = found.pop(); name !== undefined; name = found.pop()) {
    if (ends.has(name)) continue;
    ends.add(name);
    found.push(...(nonNullFields.get(name) ?? []));
  }
  return ends;
}

/** The value in all lists of a type: whether it is in one, and whether it can be null. */
export function innermost(type: GraphQLOutputType): { isItem: boolean; isNonNull: boolean } {
  let isItem = false;
  let isNonNull = false;
  for (let at = type; ; ) {
    isNonNull = isNonNullType(at);
    const inner = isNonNullType(at) ? at.ofType : at;
    if (!isListType(inner)) return { isItem, isNonNull };
    isItem = true;
    at = inner.ofType;
  }
}

function possibleTypes(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
): readonly GraphQLObjectType[] {
  const named = getNamedType(type);
  if (isAbstractType(named)) return schema.getPossibleTypes(named);
  return isObjectType(named) ? [named] : [];
}
