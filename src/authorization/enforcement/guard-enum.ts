import {
  type GraphQLEnumType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
} from 'graphql';
import { isAsyncIterable, isIterable, isThenable } from '../../shared/type-guards.ts';
import { policiesOf } from '../directives/requirement.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import type { PolicyInput } from '../rules/policies.ts';
import type { PolicyResult } from '../rules/policy-evaluator.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { refuseValue } from './refuse.ts';

/**
 * Wraps a resolver to check the enum values that it returns. A refused value is replaced by a rejection,
 * which the executor turns into null at its path. Undefined if no value has a rule.
 */
export function guardEnumValues(
  guard: Guard,
  type: GraphQLOutputType,
  resolve: Resolver,
): Resolver | undefined {
  const named = getNamedType(type);
  const values = isEnumType(named) ? guard.rules.enumValues(named) : undefined;
  if (!isEnumType(named) || values === undefined) return undefined;
  const guardedValues = new Map(
    [...values].map(([name, rule]) => [
      name,
      {
        rule,
        coordinate: `${named.name}.${name}`,
        checkRule: guard.compile(rule),
        policies: policiesOf(rule),
      },
    ]),
  );

  return function guardedEnum(source, args, context, info) {
    const viewer = viewerOf(context);
    // The enum that completes the value: a tool may have replaced it by one with other internal values.
    const current = getNamedType(info.returnType);
    const enumType = isEnumType(current) ? current : named;
    const check = (value: unknown): unknown => {
      const name = nameOf(enumType, value);
      const guarded = name === undefined ? undefined : guardedValues.get(name);
      if (guarded === undefined) return value;
      const { rule, coordinate, policies } = guarded;
      const refuse = (missing: UnmetRequirement): unknown => {
        const refused = refuseValue(guard, { unmet: missing, coordinate, rule }, viewer, info);
        return guard.observe ? value : refused;
      };
      const unmet = guarded.checkRule(viewer);
      if (unmet) return refuse(unmet);
      if (policies.length === 0) return value;
      if (viewer.kind !== 'authenticated') {
        return refuse({ kind: 'authentication' });
      }
      const input: PolicyInput = { viewer, source, args, context, info };
      const settle = (result: PolicyResult): unknown => (result === true ? value : refuse(result));
      const result = guard.evaluatePolicies(policies, input, rule, executionOf(info));
      return isThenable(result) ? markHandled(result).then(settle) : settle(result);
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
    // Not a value of this enum: the executor reports that.
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
      // A rejection would end the list. As a value, it is an error at its own path.
      yield error;
    }
  }
}
