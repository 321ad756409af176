import { type GraphQLOutputType, getNamedType } from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import { hiddenRefusal } from '../rules/refusal.ts';
import { formAt, isOrdinary, quietest, type RefusalForm } from '../rules/refusal-form.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { viewerOf } from './execution.ts';
import type { ObjectGuard } from './guard-type.ts';
import { markHandled } from './handled-promise.ts';
import { mapValues, omitted } from './map-values.ts';
import type { ObjectTypes } from './object-types.ts';
import { refuseAs, refuseValue } from './refuse.ts';

/**
 * Wraps a resolver to decide about the objects that it returns before the executor gets them: to replace
 * them by null, leave them out, or respond as if they did not exist, which executors cannot do later.
 * `isTypeOf` does not evaluate their policies again.
 *
 * @param canLeaveOut Whether a refused object can be left out.
 * @returns A resolver that returns `omitted` for an object that is left out and is not in a list.
 *   Undefined if every refusal of the type is an ordinary error.
 */
export function guardObjects(
  guard: Guard,
  types: ObjectTypes,
  type: GraphQLOutputType,
  canLeaveOut: boolean,
  resolve: Resolver,
): Resolver | undefined {
  if (guard.forms.areOrdinary) return undefined;
  const named = getNamedType(type);
  const decided = new Map(
    [...types.guardsOf(named)].map(([name, guards]) => {
      const form = formAt(quietest(guards.map((one) => one.form)), canLeaveOut);
      return [name, { guards, form, own: types.guardOf(name) }];
    }),
  );
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
    ): unknown =>
      refuseAs(form, refuseValue, guard, { unmet, coordinate: typeName, rule }, viewer, info);

    const decide = (value: unknown, typeName: string): unknown => {
      const type = decided.get(typeName);
      if (type === undefined || isOrdinary(type.form)) return value;
      const { guards, form, own } = type;
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
        return missing ? refuse(missing.own, hiddenRefusal, missing.form) : value;
      }
      if (value === omitted || value instanceof Error) return value;
      return settle(types.findTypeName(named, value, context, info), (name) =>
        name === undefined ? value : decide(value, name),
      );
    };
    return mapValues(type, resolve(source, args, context, info), check, canOmit);
  };
}

/** Continues with a result, at once unless it is a promise. */
function settle<Result>(
  result: Result | PromiseLike<Result>,
  next: (result: Result) => unknown,
): unknown {
  return isThenable(result) ? markHandled(result).then(next) : next(result);
}
