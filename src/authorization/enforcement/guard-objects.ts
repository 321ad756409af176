import {
  type GraphQLAbstractType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLTypeResolver,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import { formAt, isOrdinary, quietest, type RefusalForm } from '../rules/refusal-form.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { viewerOf } from './execution.ts';
import type { ObjectGuard } from './guard-type.ts';
import { markHandled } from './handled-promise.ts';
import { mapValues, omitted } from './map-values.ts';
import { hiddenRefusal, refuseAs } from './refuse.ts';

/** What deciding about the objects that a field returns needs. */
export interface ReturnedObjects {
  readonly type: GraphQLOutputType;
  /** Whether a denied object can be left out. */
  readonly canLeaveOut: boolean;
  /** The guard of an object type, or of a union for its own policies. */
  guardOf(typeName: string): ObjectGuard;
  possibleTypes(type: GraphQLAbstractType): readonly { readonly name: string }[];
  /** Finds the type of an object as the executor does, without the guard. */
  findType: GraphQLTypeResolver<unknown, unknown>;
}

/** How to decide about the objects of one type in one field. */
interface DecidedType {
  /** The guards whose policies must allow them. The last one is that of their own type. */
  readonly guards: readonly ObjectGuard[];
  readonly own: ObjectGuard;
  readonly form: RefusalForm;
}

/**
 * Wraps a resolver to decide about the objects that it returns before the executor gets them: to replace
 * them by null, leave them out, or respond as if they did not exist, which executors cannot do later.
 * `isTypeOf` does not evaluate their policies again.
 *
 * @returns A resolver that returns `omitted` for an object that is left out and is not in a list.
 *   Undefined if every refusal of the type is an ordinary error.
 */
export function guardObjects(
  guard: Guard,
  returned: ReturnedObjects,
  resolve: Resolver,
): Resolver | undefined {
  const decided = decidedTypes(returned);
  const all = [...decided.values()];
  if (all.every(({ form }) => isOrdinary(form))) return undefined;
  const canOmit = all.some(({ form }) => form.refusedAs === 'omitted');
  const missing = all.find(({ form }) => form.isHidden && form.refusedAs === 'error');

  return function guardedObjects(source, args, context, info) {
    const viewer = viewerOf(context);
    const refuse = (
      { typeName, rule }: ObjectGuard,
      unmet: UnmetRequirement,
      form: RefusalForm,
    ): unknown => refuseAs(form, guard, { unmet, coordinate: typeName, rule }, viewer, info);

    const decide = (value: unknown, typeName: string): unknown => {
      const type = decided.get(typeName);
      if (type === undefined || isOrdinary(type.form)) return value;
      const { guards, own, form } = type;
      // Behind an interface or union, an error about the type of an object would say that it exists.
      const unmet = own.checkRule(viewer);
      if (unmet) return form.isHidden ? refuse(own, unmet, form) : value;
      const decideBy = ([next, ...rest]: readonly ObjectGuard[]): unknown =>
        next === undefined
          ? value
          : settle(next.evaluate(value, context, info), (result) => {
              if (result !== true) return refuse(next, result, form);
              next.remember(value, info);
              return decideBy(rest);
            });
      return decideBy(guards);
    };

    const check = (value: unknown): unknown => {
      if (value === null || value === undefined) {
        return missing !== undefined ? refuse(missing.own, hiddenRefusal, missing.form) : value;
      }
      if (value === omitted || value instanceof Error) return value;
      const name = findTypeName(returned, value, context, info);
      return settle(name, (found) => (found === undefined ? value : decide(value, found)));
    };
    return mapValues(info.returnType, resolve(source, args, context, info), check, canOmit);
  };
}

function decidedTypes(returned: ReturnedObjects): ReadonlyMap<string, DecidedType> {
  const decided = new Map<string, DecidedType>();
  const type = getNamedType(returned.type);
  const isAbstract = isAbstractType(type);
  if (!isAbstract && !isObjectType(type)) return decided;
  for (const { name } of isAbstract ? returned.possibleTypes(type) : [type]) {
    const own = returned.guardOf(name);
    const guards = isAbstract ? [returned.guardOf(type.name), own] : [own];
    const form = formAt(quietest(guards.map((one) => one.form)), returned.canLeaveOut);
    decided.set(name, { guards, own, form });
  }
  return decided;
}

/** Undefined if it cannot be found, which the executor reports. */
function findTypeName(
  { findType }: ReturnedObjects,
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): string | undefined | Promise<string | undefined> {
  const named = getNamedType(info.returnType);
  if (!isAbstractType(named)) return named.name;
  try {
    const name: unknown = findType(value, context, info, named);
    if (isThenable(name)) return markHandled(name).then(toName, () => undefined);
    return toName(name);
  } catch {
    return undefined;
  }
}

const toName = (name: unknown): string | undefined => (typeof name === 'string' ? name : undefined);

/** Continues with a result, at once unless it is a promise. */
function settle<Result>(
  result: Result | PromiseLike<Result>,
  next: (result: Result) => unknown,
): unknown {
  return isThenable(result) ? markHandled(result).then(next) : next(result);
}
