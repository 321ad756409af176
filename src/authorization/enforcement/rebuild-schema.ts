import {
  type GraphQLFieldConfigMap,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLUnionType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

/**
 * Copies a schema, with new objects for the types and fields that can have functions. The original stays
 * unchanged. Input types, enums and scalars are shared.
 */
export function rebuildSchema(
  schema: GraphQLSchema,
  extensions: Readonly<Record<string, unknown>>,
): GraphQLSchema {
  const objects = new Map<string, GraphQLObjectType>();
  const interfaces = new Map<string, GraphQLInterfaceType>();
  const unions = new Map<string, GraphQLUnionType>();

  const object = (type: GraphQLObjectType): GraphQLObjectType => objects.get(type.name) ?? type;
  const parent = (type: GraphQLInterfaceType): GraphQLInterfaceType =>
    interfaces.get(type.name) ?? type;

  function output(type: GraphQLOutputType): GraphQLOutputType {
    if (isNonNullType(type)) {
      const inner = output(type.ofType);
      return isNonNullType(inner) ? inner : new GraphQLNonNull(inner);
    }
    if (isListType(type)) return new GraphQLList(output(type.ofType));
    if (isObjectType(type)) return object(type);
    if (isInterfaceType(type)) return parent(type);
    if (isUnionType(type)) return unions.get(type.name) ?? type;
    return type;
  }

  function fieldsOf(
    fields: GraphQLFieldConfigMap<unknown, unknown>,
  ): GraphQLFieldConfigMap<unknown, unknown> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, config]) => [
        name,
        { ...config, type: output(config.type) },
      ]),
    );
  }

  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isObjectType(type)) {
      const config = type.toConfig();
      objects.set(
        type.name,
        new GraphQLObjectType({
          ...config,
          interfaces: () => config.interfaces.map(parent),
          fields: () => fieldsOf(config.fields),
        }),
      );
    } else if (isInterfaceType(type)) {
      const config = type.toConfig();
      interfaces.set(
        type.name,
        new GraphQLInterfaceType({
          ...config,
          interfaces: () => config.interfaces.map(parent),
          fields: () => fieldsOf(config.fields),
        }),
      );
    } else if (isUnionType(type)) {
      const config = type.toConfig();
      unions.set(
        type.name,
        new GraphQLUnionType({
          ...config,
          types: () => config.types.map(object),
        }),
      );
    }
  }

  const named = (type: GraphQLNamedType): GraphQLNamedType =>
    objects.get(type.name) ?? interfaces.get(type.name) ?? unions.get(type.name) ?? type;
  const root = (type: GraphQLObjectType | null | undefined) => (type ? object(type) : type);
  const config = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    query: root(config.query),
    mutation: root(config.mutation),
    subscription: root(config.subscription),
    types: config.types.map(named),
    extensions,
  });
}
