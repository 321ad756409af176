import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  typeFromAST,
} from 'graphql';
import { coerceDefault, defaultOf } from '../../shared/input-defaults.ts';
import { isIterable, isObject } from '../../shared/type-guards.ts';
import type { ClientVariables } from './client-variables.ts';

/**
 * Whether these coerced values can be the result of coercing what the client sent: then rules find the
 * same in both. Rules ignore how scalars convert values, so those are not compared, and nothing is
 * coerced again.
 */
export function areCoercedFrom(
  { operation, values }: ClientVariables,
  coerced: Readonly<Record<string, unknown>>,
  schema: GraphQLSchema,
): boolean {
  const definitions = operation.variableDefinitions ?? [];
  const names = new Set(definitions.map(({ variable }) => variable.name.value));
  return (
    isPlain(coerced) &&
    Object.keys(coerced).every((name) => names.has(name)) &&
    definitions.every(({ variable, type: typeNode, defaultValue }) => {
      const name = variable.name.value;
      const type = typeFromAST(schema, typeNode);
      if (!isInputType(type)) return false;
      if (Object.hasOwn(values, name)) {
        return Object.hasOwn(coerced, name) && isCoercedFrom(values[name], coerced[name], type);
      }
      return defaultValue === undefined
        ? !Object.hasOwn(coerced, name)
        : isSame(coerceDefault(defaultValue, type), coerced[name]);
    })
  );
}

function isCoercedFrom(sent: unknown, coerced: unknown, expected: GraphQLInputType): boolean {
  const type = getNullableType(expected);
  if (sent === null || sent === undefined) return coerced === null;
  if (isListType(type)) {
    if (!Array.isArray(coerced)) return false;
    // A single value is coerced to a list of one (GraphQL spec §3.11).
    if (!isIterable(sent)) {
      return coerced.length === 1 && isCoercedFrom(sent, coerced[0], type.ofType);
    }
    let index = 0;
    for (const item of sent) {
      if (index >= coerced.length || !isCoercedFrom(item, coerced[index], type.ofType))
        return false;
      index += 1;
    }
    return index === coerced.length;
  }
  if (isInputObjectType(type)) {
    if (!isObject(sent) || !isObject(coerced)) return false;
    for (const field of Object.values(type.getFields())) {
      const sentValue: unknown = Reflect.get(sent, field.name);
      const coercedValue: unknown = Object.hasOwn(coerced, field.name)
        ? Reflect.get(coerced, field.name)
        : undefined;
      const matches =
        sentValue === undefined
          ? isSame(coercedValue, defaultOf(field))
          : coercedValue !== undefined && isCoercedFrom(sentValue, coercedValue, field.type);
      if (!matches) return false;
    }
    return true;
  }
  return isEnumType(type) ? Object.is(type.getValue(String(sent))?.value, coerced) : true;
}

/** Compares values that were coerced from one literal. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (!isPlain(a) && !Array.isArray(a))
    return Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

/** Whether an object has only members of its own, apart from those that every object has. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
