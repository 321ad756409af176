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
 * The names of the object types whose null could end a list around it: items of lists that cannot
 * be null, and what such items cannot be without. Where an item fails at once, executors leave the
 * promises of the other items to themselves.
 */
export function findListEnds(schema: GraphQLSchema): ReadonlySet<string> {
  const ends = new Set<string>();
  const found: string[] = [];
  /** By type, the types that are null when it is. */
  const within = new Map<string, string[]>();
  for (const parent of Object.values(schema.getTypeMap())) {
    if (!isObjectType(parent)) continue;
    for (const { type } of Object.values(parent.getFields())) {
      const { isItem, isNonNull } = innermost(type);
      if (!isNonNull) continue;
      for (const { name } of possibleTypes(schema, type)) {
        if (isItem) found.push(name);
        const inside = within.get(parent.name);
        if (inside) inside.push(name);
        else within.set(parent.name, [name]);
      }
    }
  }
  for (let name = found.pop(); name !== undefined; name = found.pop()) {
    if (ends.has(name)) continue;
    ends.add(name);
    found.push(...(within.get(name) ?? []));
  }
  return ends;
}

function innermost(type: GraphQLOutputType): { isItem: boolean; isNonNull: boolean } {
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
