import {
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import type { UnmetRule } from '../operation/examine-field.ts';
import type { Guard } from '../operation/guard.ts';
import { hiddenRefusal } from '../rules/refusal.ts';
import type { RefusalForm } from '../rules/refusal-form.ts';
import { executionOf } from './execution.ts';
import { rejectHandled } from './handled-promise.ts';
import { omitted } from './map-values.ts';
import { type RaisedError, raiseRefusal } from './refusal-collector.ts';

/**
 * Refuses a field instead of calling its resolver. Throws if the null stays at this field, and rejects if
 * it would propagate. Clients choose how many refusals there are, so beyond the first hundred of an
 * execution, nullable fields are null, and others throw, or share one rejection if they could end a list.
 */
export function refuseField(
  guard: Guard,
  unmetRule: UnmetRule,
  viewer: Viewer,
  info: GraphQLResolveInfo,
): Promise<never> | null {
  const { error, shared } = raise(guard, unmetRule, viewer, info, 'field');
  if (!isNonNullType(info.returnType)) {
    if (shared !== undefined) return null;
    throw error;
  }
  if (shared === undefined) return rejectHandled(error);
  if (guard.endsList(info.parentType.name)) return shared;
  throw error;
}

/** Refuses a value of a field or an item of its list. Returns what the executor gets instead. */
export function refuseValue(
  guard: Guard,
  unmetRule: UnmetRule,
  viewer: Viewer,
  info: GraphQLResolveInfo,
): Promise<never> | null {
  const { error, shared } = raise(guard, unmetRule, viewer, info, 'value');
  if (shared === undefined) return rejectHandled(error);
  return isNullable(info.returnType) ? null : shared;
}

/** Refuses an object by its type, in `isTypeOf` or `resolveType`, where the executor knows its path. */
export function refuseObject(
  guard: Guard,
  unmetRule: UnmetRule,
  viewer: Viewer,
  info: GraphQLResolveInfo,
): Promise<never> {
  const { error, shared } = raise(guard, unmetRule, viewer, info, 'value');
  if (shared === undefined) return rejectHandled(error);
  if (isNullable(info.returnType)) throw error;
  return shared;
}

/**
 * Refuses a field or a value in the form of the policies that deny it. Returns what takes its place:
 * perhaps `omitted`, if the form at its place allows that.
 *
 * @param refuseAsError `refuseField` or `refuseValue`. The former can throw.
 */
export function refuseAs(
  form: RefusalForm,
  refuseAsError: typeof refuseField,
  guard: Guard,
  unmetRule: UnmetRule,
  viewer: Viewer,
  info: GraphQLResolveInfo,
): unknown {
  const { refusedAs, isHidden } = form;
  // A policy that cannot decide has not denied: null would say so. What is hidden stays hidden.
  const isError = refusedAs === 'error' || (unmetRule.unmet.kind === 'unavailable' && !isHidden);
  return isError
    ? refuseAsError(guard, asShown(form, unmetRule), viewer, info)
    : refuseQuietly(refusedAs, unmetRule, info);
}

function refuseQuietly(
  refusedAs: 'null' | 'omitted',
  unmetRule: UnmetRule,
  info: GraphQLResolveInfo,
): unknown {
  executionOf(info)?.refusals.record(unmetRule, info, refusedAs);
  return refusedAs === 'null' ? null : omitted;
}

function asShown({ isHidden }: RefusalForm, unmetRule: UnmetRule): UnmetRule {
  return isHidden ? { ...unmetRule, unmet: hiddenRefusal } : unmetRule;
}

function raise(
  guard: Guard,
  unmetRule: UnmetRule,
  viewer: Viewer,
  info: GraphQLResolveInfo,
  at: 'field' | 'value',
): RaisedError {
  if (guard.observe) {
    guard.observe(unmetRule, viewer, info);
    return raiseRefusal(unmetRule.unmet, info, at);
  }
  return (
    executionOf(info)?.refusals.refuse(unmetRule, info, at) ??
    raiseRefusal(unmetRule.unmet, info, at)
  );
}

/** Whether the value of a field, or the items of its lists, can be null. */
export function isNullable(type: GraphQLOutputType): boolean {
  if (isListType(type)) return isNullable(type.ofType);
  if (!isNonNullType(type)) return true;
  const { ofType } = type;
  return isListType(ofType) && isNullable(ofType.ofType);
}
