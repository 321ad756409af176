import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** What a schema coordinate names: `Query.posts`, `Query.posts(filter:)` or `Role.ADMIN`. */
interface Coordinate {
  readonly typeName: string;
  readonly memberName: string;
  readonly argumentName?: string;
}

/** Undefined where the text is no coordinate of a member or an argument. */
function readCoordinate(text: string): Coordinate | undefined {
  const [, typeName, memberName, argumentName] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(text) ?? [];
  if (typeName === undefined || memberName === undefined) return undefined;
  return { typeName, memberName, ...(argumentName === undefined ? {} : { argumentName }) };
}

/** Whether a schema has what a coordinate names: `Query.posts`, `Query.posts(filter:)`, `Role.ADMIN`. */
export function hasCoordinate(schema: GraphQLSchema, coordinate: string): boolean {
  const named = readCoordinate(coordinate);
  if (named === undefined) return false;
  const { typeName, memberName, argumentName } = named;
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(memberName) != null;
  if (isInputObjectType(type)) return Object.hasOwn(type.getFields(), memberName);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[memberName];
  return (
    field !== undefined &&
    (argumentName === undefined || field.args.some(({ name }) => name === argumentName))
  );
}
