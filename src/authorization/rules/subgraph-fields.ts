import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isUnionType,
} from 'graphql';

type AnyField = Pick<GraphQLField<unknown, unknown>, 'name' | 'type'>;

/**
 * Whether a field is one of those that libraries for Apollo Federation add to a subgraph, and that cannot
 * have directives: `Query._service`, its `sdl`, and `Query._entities`. The rule of the schema does not
 * apply to them. Those of the entities do.
 */
export function isSubgraphField(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  field: AnyField,
): boolean {
  const returned = getNamedType(field.type).name;
  if (type !== schema.getQueryType()) return type.name === '_Service' && field.name === 'sdl';
  return (
    (field.name === '_service' && returned === '_Service') || isEntitiesField(schema, type, field)
  );
}

/** Whether a field is `Query._entities`, through which a router reads the entities of a subgraph. */
export function isEntitiesField(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  field: AnyField,
): boolean {
  const named = getNamedType(field.type);
  return (
    type === schema.getQueryType() &&
    field.name === '_entities' &&
    isUnionType(named) &&
    named.name === '_Entity'
  );
}
