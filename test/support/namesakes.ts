import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Policy } from '../../src/authorization/rules/policies.ts';
import { type ApiOptions, RulesApi } from './rules-api.ts';

/**
 * Resolvers by which each field gives its own name: a number is 1, a list has two items, and an
 * interface or a union is one of its types.
 */
export function namesakes(
  types: string,
  policies: Readonly<Record<string, Policy>>,
): NonNullable<ApiOptions['resolvers']> {
  const resolvers: Record<string, Record<string, (...args: readonly unknown[]) => unknown>> = {};
  const schema: GraphQLSchema = new RulesApi(types, { policies }).schema;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    resolvers[type.name] = Object.fromEntries(
      Object.values(type.getFields()).map((field) => [
        field.name,
        () => namesakeOf(schema, field.type, field.name, 0),
      ]),
    );
  }
  return resolvers;
}

function namesakeOf(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  name: string,
  index: number,
): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [0, 1].map((item) => namesakeOf(schema, bare.ofType, name, item));
  if (isEnumType(bare)) return bare.getValues()[index]?.name;
  if (isAbstractType(bare)) return { __typename: schema.getPossibleTypes(bare)[index]?.name };
  if (isObjectType(bare)) return { author: 'author' };
  return bare.name === 'Int' ? 1 : name;
}
