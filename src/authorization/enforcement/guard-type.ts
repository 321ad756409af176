import type {
  GraphQLIsTypeOfFn,
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLTypeResolver,
} from 'graphql';
import { isThenable } from '../../shared/thenable.ts';
import type { Guard } from '../operation/guard.ts';
import { policyNames } from '../rules/schema-rules.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { refuseObject } from './refuse.ts';

type IsTypeOf = GraphQLIsTypeOfFn<unknown, unknown>;

/** Checks one object against the rule of its type. Rejects with a refusal, which the executor puts at the object's own path. */
type CheckObject = (
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
) => true | Promise<true>;

export function objectChecker(guard: Guard, typeName: string): CheckObject {
  const rule = guard.rules.type(typeName);
  const names = policyNames(rule);
  const checkRule = guard.compile(rule);
  const refuse = (missing: UnmetRequirement, info: GraphQLResolveInfo): Promise<never> =>
    refuseObject({ missing, coordinate: typeName, rule }, info);
  return function checkObject(source, context, info) {
    const settle = (agrees: boolean): true | Promise<true> =>
      agrees || refuse({ kind: 'policy' }, info);
    const viewer = viewerOf(context);
    const missing = checkRule(viewer);
    if (missing) return refuse(missing, info);
    if (names.length === 0) return true;
    if (viewer.kind !== 'authenticated') {
      return refuse({ kind: 'authentication' }, info);
    }
    const question = { viewer, source, args: {}, context, info };
    const agrees = guard.evaluatePolicies(names, question, executionOf(info)?.reportPolicyError);
    return typeof agrees === 'boolean' ? settle(agrees) : markHandled(agrees).then(settle);
  };
}

/**
 * The executor asks `isTypeOf` once for every object that it completes, whichever way the object
 * was reached: the one place where the rule of a runtime type can be checked on all of them.
 */
export function guardIsTypeOf(check: CheckObject, isTypeOf: IsTypeOf | null | undefined): IsTypeOf {
  if (!isTypeOf) return check;
  return function guardedIsTypeOf(value, context, info) {
    // As the executor takes the answer: any truthy value, and whatever has a `then`.
    const is: unknown = isTypeOf(value, context, info);
    if (!isThenable(is)) return is ? check(value, context, info) : false;
    return markHandled(is).then((later) => (later ? check(value, context, info) : false));
  };
}

/**
 * Finds the runtime type as the executor does by default (GraphQL.js `defaultTypeResolver`), but
 * by the types' own `isTypeOf` functions: the guarded ones answer another question.
 */
export function typeResolver(
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
