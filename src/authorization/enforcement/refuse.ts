import {
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Denial } from '../operation/examine-field.ts';
import { executionOf, type RaisedError, raiseRefusal } from './execution.ts';
import { rejectHandled } from './handled-promise.ts';

/**
 * Refuses a field in place of its resolver: throws where that ends with this field, and rejects
 * where it would take more along. Beyond the first hundred refusals of an execution, what can be
 * null is null, and the others throw, or are one rejection where a list would end: clients choose
 * how many there are.
 *
 * @param endsList Whether the null of the parent object could end a list.
 */
export function refuseField(
  denial: Denial,
  info: GraphQLResolveInfo,
  endsList: (typeName: string) => boolean,
): Promise<never> | null {
  const { error, shared } = raise(denial, info, 'field');
  if (!isNonNullType(info.returnType)) {
    if (shared !== undefined) return null;
    throw error;
  }
  if (shared === undefined) return rejectHandled(error);
  if (endsList(info.parentType.name)) return shared;
  throw error;
}

/** Refuses a value of a field, or an item of its list: what the executor is given in its place. */
export function refuseValue(denial: Denial, info: GraphQLResolveInfo): Promise<never> | null {
  const { error, shared } = raise(denial, info, 'value');
  if (shared === undefined) return rejectHandled(error);
  return isNullable(info.returnType) ? null : shared;
}

/** Refuses an object by its type, which the executor asks about where the object stands. */
export function refuseObject(denial: Denial, info: GraphQLResolveInfo): Promise<never> {
  const { error, shared } = raise(denial, info, 'value');
  if (shared === undefined) return rejectHandled(error);
  if (isNullable(info.returnType)) throw error;
  return shared;
}

function raise(denial: Denial, info: GraphQLResolveInfo, at: 'field' | 'value'): RaisedError {
  return executionOf(info)?.refuse(denial, info, at) ?? raiseRefusal(denial.missing, info, at);
}

/** Whether the values of a field, or the items of its lists, can be null. */
function isNullable(type: GraphQLOutputType): boolean {
  if (isListType(type)) return isNullable(type.ofType);
  if (!isNonNullType(type)) return true;
  const { ofType } = type;
  return isListType(ofType) && isNullable(ofType.ofType);
}
