import { type GraphQLEnumType, type GraphQLOutputType, getNamedType, isEnumType } from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import { policiesOf } from '../directives/requirement.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import type { PolicyInput } from '../rules/policies.ts';
import type { PolicyResult } from '../rules/policy-decider.ts';
import { hiddenRefusal } from '../rules/refusal.ts';
import { asError, formAt, type RefusalForm } from '../rules/refusal-form.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { mapValues } from './map-values.ts';
import { refuseAs, refuseValue } from './refuse.ts';

/**
 * Wraps a resolver to check the enum values that it returns. A refused value is replaced by what the form
 * of its policies says; if that is an error, by a rejection, which the executor turns into null at its
 * path.
 *
 * @param canLeaveOut Whether a refused value can be left out.
 * @returns A resolver that returns `omitted` for a value that is left out and is not in a list. Undefined
 *   if no value has a rule.
 */
export function guardEnumValues(
  guard: Guard,
  type: GraphQLOutputType,
  canLeaveOut: boolean,
  resolve: Resolver,
): Resolver | undefined {
  const named = getNamedType(type);
  const values = isEnumType(named) ? guard.rules.enumValues(named) : undefined;
  if (!isEnumType(named) || values === undefined) return undefined;
  const guardedValues = new Map(
    [...values].map(([name, rule]) => {
      const policies = policiesOf(rule);
      const form = formAt(guard.forms.of(policies), canLeaveOut);
      const coordinate = `${named.name}.${name}`;
      return [name, { rule, coordinate, checkRule: guard.compile(rule), policies, form }];
    }),
  );
  const all = [...guardedValues.values()];
  const canOmit = all.some(({ form }) => form.refusedAs === 'omitted');
  const missing = all.find(({ form }) => form.isHidden && form.refusedAs === 'error');

  return function guardedEnum(source, args, context, info) {
    const viewer = viewerOf(context);
    // The enum that completes the value: a tool may have replaced it by one with other internal values.
    const current = getNamedType(info.returnType);
    const enumType = isEnumType(current) ? current : named;
    const check = (value: unknown): unknown => {
      const name = nameOf(enumType, value);
      const isMissing = value === null || value === undefined;
      const guarded = isMissing
        ? missing
        : name === undefined
          ? undefined
          : guardedValues.get(name);
      if (guarded === undefined) return value;
      const { rule, coordinate, policies, form } = guarded;
      const refuse = (unmet: UnmetRequirement, as: RefusalForm): unknown => {
        const refused = refuseAs(as, refuseValue, guard, { unmet, coordinate, rule }, viewer, info);
        return guard.observe ? value : refused;
      };
      if (isMissing) return refuse(hiddenRefusal, form);
      // An error about a value that is hidden would name it.
      const unmet = guarded.checkRule(viewer);
      if (unmet) return refuse(unmet, form.isHidden ? form : asError);
      if (policies.length === 0) return value;
      if (viewer.kind !== 'authenticated') return refuse({ kind: 'authentication' }, asError);
      const input: PolicyInput = { viewer, source, args, context, info };
      const settle = (result: PolicyResult): unknown =>
        result === true ? value : refuse(result, form);
      const result = guard.evaluatePolicies(policies, input, rule, executionOf(info));
      return isThenable(result) ? markHandled(result).then(settle) : settle(result);
    };
    return mapValues(info.returnType, resolve(source, args, context, info), check, canOmit);
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
