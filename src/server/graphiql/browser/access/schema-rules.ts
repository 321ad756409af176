import type { DocExplorerNavStackItem } from '@graphiql/plugin-doc-explorer';
import { type GraphQLSchema, isEnumType, isScalarType, isUnionType } from 'graphql';
import type { SchemaAccessReport } from '../../access/schema-access-report.ts';

type Rule = SchemaAccessReport['rules'][number];

/** Rules of root fields before all others, and what is open to the most viewers first. */
export function openFirst(rules: readonly Rule[]): readonly Rule[] {
  const allowed = ({ viewers }: Rule): number =>
    viewers.filter((access) => access === 'allowed').length;
  const isRoot = ({ coordinate }: Rule): number =>
    /^(Query|Mutation|Subscription)\./.test(coordinate) ? 1 : 0;
  return [...rules].sort(
    (one, other) => isRoot(other) - isRoot(one) || allowed(other) - allowed(one),
  );
}

/** Where the documentation explorer shows a coordinate: its type, and its field if it is of one. */
export function findDefinition(
  schema: GraphQLSchema,
  coordinate: string,
): readonly DocExplorerNavStackItem[] {
  const [, typeName = '', fieldName] = /^(\w+)(?:\.(\w+))?/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (!type) return [];
  const item = { name: type.name, def: type };
  const hasFields = !isEnumType(type) && !isScalarType(type) && !isUnionType(type);
  const field = hasFields && fieldName !== undefined ? type.getFields()[fieldName] : undefined;
  return field ? [item, { name: field.name, def: field }] : [item];
}

/** The coordinates of types and fields, by their definitions. */
export function coordinatesOf(schema: GraphQLSchema): ReadonlyMap<unknown, string> {
  const coordinates = new Map<unknown, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    coordinates.set(type, type.name);
    if (isEnumType(type) || isScalarType(type) || isUnionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      coordinates.set(field, `${type.name}.${field.name}`);
    }
  }
  return coordinates;
}
