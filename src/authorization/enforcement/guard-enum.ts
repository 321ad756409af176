import {
  type GraphQLEnumType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
} from 'graphql';
import { isThenable } from '../../shared/thenable.ts';
import type { Guard } from '../operation/guard.ts';
import type { PolicyInput } from '../rules/policies.ts';
import { policyNames } from '../rules/schema-rules.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import type { Resolver } from './guard-field.ts';
import { markHandled } from './handled-promise.ts';
import { refuseValue } from './refuse.ts';

/**
 * A resolver whose enum values are checked as they come back: a refused one becomes a rejection in
 * its own place, which the executor turns into null there. Undefined where no value has a rule.
 */
export function guardEnumValues(
  guard: Guard,
  type: GraphQLOutputType,
  resolve: Resolver,
): Resolver | undefined {
  const named = getNamedType(type);
  const values = isEnumType(named) ? guard.rules.enumValues(named) : undefined;
  if (!isEnumType(named) || values === undefined) return undefined;

  return function guardedEnum(source, args, context, info) {
    const viewer = viewerOf(context);
    // The enum that completes the value: one with other internal values may have taken its place.
    const current = getNamedType(info.returnType);
    const check = (value: unknown): unknown => {
      const name = nameOf(isEnumType(current) ? current : named, value);
      const rule = name === undefined ? undefined : values.get(name);
      if (rule === undefined) return value;
      const refuse = (missing: UnmetRequirement): Promise<never> | null =>
        refuseValue({ missing, coordinate: `${named.name}.${name}`, rule }, info);
      const missing = guard.compile(rule)(viewer);
      if (missing) return refuse(missing);
      const names = policyNames(rule);
      if (names.length === 0) return value;
      if (viewer.kind !== 'authenticated') {
        return refuse({ kind: 'authentication' });
      }
      const question: PolicyInput = { viewer, source, args, context, info };
      const verdict = (agrees: boolean): unknown => (agrees ? value : refuse({ kind: 'policy' }));
      const agrees = guard.evaluatePolicies(names, question, executionOf(info)?.reportPolicyError);
      return typeof agrees === 'boolean' ? verdict(agrees) : markHandled(agrees).then(verdict);
    };
    return mapLeaves(info.returnType, resolve(source, args, context, info), check);
  };
}

function nameOf(type: GraphQLEnumType, value: unknown): string | undefined {
  if (value === null || value === undefined || value instanceof Error) return undefined;
  try {
    const name = type.serialize(value);
    return typeof name === 'string' ? name : undefined;
  } catch {
    // No value of this enum: the executor says so.
    return undefined;
  }
}

function mapLeaves(
  type: GraphQLOutputType,
  value: unknown,
  check: (value: unknown) => unknown,
): unknown {
  if (isThenable(value)) return markHandled(value).then((later) => mapLeaves(type, later, check));
  if (isNonNullType(type)) return mapLeaves(type.ofType, value, check);
  if (!isListType(type)) return check(value);
  const { ofType } = type;
  if (isAsyncIterable(value)) return mapAsync(value, (item) => mapLeaves(ofType, item, check));
  if (isIterable(value)) return Array.from(value, (item) => mapLeaves(ofType, item, check));
  return value;
}

async function* mapAsync(
  values: AsyncIterable<unknown>,
  map: (value: unknown) => unknown,
): AsyncGenerator<unknown> {
  for await (const value of values) {
    try {
      yield await map(value);
    } catch (error) {
      // A rejection would end the list: as a value, it is an error in its own place.
      yield error;
    }
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
