import {
  type GraphQLAbstractType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLInterfaceType,
  type GraphQLIsTypeOfFn,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  type GraphQLTypeResolver,
  GraphQLUnionType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/** What takes the place of a schema's own functions; undefined where they stay. */
export interface Replacements {
  field(config: FieldConfig, fieldName: string, typeName: string): FieldConfig | undefined;
  isTypeOf(type: GraphQLObjectType): GraphQLIsTypeOfFn<unknown, unknown> | undefined;
  resolveType(type: GraphQLAbstractType): GraphQLTypeResolver<unknown, unknown> | undefined;
}

/**
 * A schema like the given one, with other functions. The given one is left as it was. Types that
 * have no functions, and hold none that have, are the same in both.
 */
export function rebuildSchema(
  schema: GraphQLSchema,
  replacements: Replacements,
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
    replace: (config: FieldConfig, fieldName: string) => FieldConfig | undefined,
  ): GraphQLFieldConfigMap<unknown, unknown> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, config]) => {
        const replaced = replace(config, name) ?? config;
        return [name, { ...replaced, type: output(replaced.type) }];
      }),
    );
  }

  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isObjectType(type)) {
      const config = type.toConfig();
      const isTypeOf = replacements.isTypeOf(type);
      objects.set(
        type.name,
        new GraphQLObjectType({
          ...config,
          ...(isTypeOf ? { isTypeOf } : {}),
          interfaces: () => config.interfaces.map(parent),
          fields: () =>
            fieldsOf(config.fields, (field, name) => replacements.field(field, name, type.name)),
        }),
      );
    } else if (isInterfaceType(type)) {
      const config = type.toConfig();
      const resolveType = replacements.resolveType(type);
      interfaces.set(
        type.name,
        new GraphQLInterfaceType({
          ...config,
          ...(resolveType ? { resolveType } : {}),
          interfaces: () => config.interfaces.map(parent),
          fields: () => fieldsOf(config.fields, () => undefined),
        }),
      );
    } else if (isUnionType(type)) {
      const config = type.toConfig();
      const resolveType = replacements.resolveType(type);
      unions.set(
        type.name,
        new GraphQLUnionType({
          ...config,
          ...(resolveType ? { resolveType } : {}),
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
