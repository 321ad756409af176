import {
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getVariableValues,
  type VariableDefinitionNode,
  versionInfo,
} from 'graphql';
import { isObject } from '../../shared/type-guards.ts';

/** Coerced variables as the executor passes them on: since graphql 17, with the sources of the values. */
export type VariableValues = GraphQLResolveInfo['variableValues'];

const hasSources = versionInfo.major >= 17;

/** What `getVariableValues` returns, in graphql 16 and 17. */
interface Coercion {
  readonly coerced?: VariableValues | undefined;
  readonly variableValues?: VariableValues | undefined;
}

/** Coerces variables as the executor does. Undefined if they are not valid for the operation. */
export function coerceVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Readonly<Record<string, unknown>>,
): VariableValues | undefined {
  const coercion: Coercion = getVariableValues(schema, definitions, values);
  return hasSources ? coercion.variableValues : coercion.coerced;
}

/**
 * The values of coerced variables, by name.
 *
 * @throws {TypeError} if the executor is that of another version of graphql
 */
export function valuesOf(variableValues: VariableValues): Readonly<Record<string, unknown>> {
  if (!hasSources) return variableValues;
  const { coerced } = variableValues;
  if (isObject(coerced)) return coerced;
  throw new TypeError(
    'The executor passes variables as graphql 16 does, but graphql is 17: use `execute` of graphql.',
  );
}
