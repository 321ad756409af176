import type {
  GraphQLIsTypeOfFn,
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLTypeResolver,
} from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import { policiesOf } from '../directives/requirement.ts';
import type { Guard } from '../operation/guard.ts';
import type { PolicyResult } from '../rules/policy-evaluator.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { refuseObject } from './refuse.ts';

type IsTypeOf = GraphQLIsTypeOfFn<unknown, unknown>;

/** Checks an object against the rule of its type. Rejects with a refusal, which the executor reports at the path of the object. */
type CheckObject = (
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
) => true | Promise<true>;

/** Creates the check of the objects of one type. */
export function createObjectCheck(guard: Guard, typeName: string): CheckObject {
  const rule = guard.rules.type(typeName);
  const policies = policiesOf(rule);
  const checkRule = guard.compile(rule);
  return function checkObject(source, context, info) {
    const viewer = viewerOf(context);
    const refuse = (unmet: UnmetRequirement): Promise<never> =>
      refuseObject(guard, { unmet, coordinate: typeName, rule }, viewer, info);
    const settle = (result: PolicyResult): true | Promise<true> =>
      result === true || refuse(result);
    const unmet = checkRule(viewer);
    if (unmet) return refuse(unmet);
    if (policies.length === 0) return true;
    if (viewer.kind !== 'authenticated') return refuse({ kind: 'authentication' });
    const input = { viewer, source, args: {}, context, info };
    const result = guard.evaluatePolicies(policies, input, rule, executionOf(info));
    return isThenable(result) ? markHandled(result).then(settle) : settle(result);
  };
}

/**
 * Wraps `isTypeOf` to check the rule of the type. The executor calls it once for every object that it
 * completes, however it was reached: no other function is called for all of them.
 */
export function guardIsTypeOf(check: CheckObject, isTypeOf: IsTypeOf | null | undefined): IsTypeOf {
  if (!isTypeOf) return check;
  return function guardedIsTypeOf(value, context, info) {
    // Matches the executor's behavior: any truthy value counts, and it awaits anything with a `then`.
    const is: unknown = isTypeOf(value, context, info);
    if (!isThenable(is)) return is ? check(value, context, info) : false;
    return markHandled(is).then((later) => (later ? check(value, context, info) : false));
  };
}

/**
 * Finds the runtime type as the executor does by default (GraphQL.js `defaultTypeResolver`), but with the
 * original `isTypeOf` functions: the guarded ones also refuse.
 */
export function createTypeResolver(
  possibleTypes: readonly Pick<GraphQLObjectType, 'name' | 'isTypeOf'>[],
): GraphQLTypeResolver<unknown, unknown> {
  return function resolveType(value, context, info) {
    if (
      typeof value === 'object' &&
      value !== null &&
      '__typename' in value &&
      typeof value.__typename === 'string'
    ) {
      return value.__typename;
    }
    const pending: PromiseLike<string | undefined>[] = [];
    for (const { name, isTypeOf } of possibleTypes) {
      const is: unknown = isTypeOf?.(value, context, info);
      if (isThenable(is)) pending.push(is.then((later) => (later ? name : undefined)));
      else if (is) return name;
    }
    if (pending.length === 0) return undefined;
    return Promise.all(pending).then((names) => names.find((name) => name !== undefined));
  };
}
