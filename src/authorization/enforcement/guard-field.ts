import { defaultFieldResolver } from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import { examineFieldRule } from '../operation/examine-field.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import { valuesOf } from '../operation/variable-values.ts';
import type { PolicyResult } from '../rules/policy-evaluator.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { refuseField } from './refuse.ts';

/**
 * The second line of defense: wraps a resolver to run only for viewers who are allowed its field.
 *
 * @param usePreflight Whether an approval before execution counts. False if the source is an event of a
 *   subscription: then policies get something else.
 */
export function guardResolver(
  guard: Guard,
  field: FieldRule,
  resolve: Resolver = defaultFieldResolver,
  usePreflight = true,
): Resolver {
  const { coordinate, rule, policies, inputs, anyOf } = field;
  const { rules } = guard;

  if (policies.length === 0 && inputs.size === 0 && anyOf.length === 0) {
    const checkRule = guard.compile(rule);
    const guarded: Resolver = (source, args, context, info) => {
      const viewer = viewerOf(context);
      const unmet = checkRule(viewer);
      if (unmet) return refuseField(guard, { unmet, coordinate, rule }, viewer, info);
      return resolve(source, args, context, info);
    };
    const original = resolve === defaultFieldResolver ? undefined : resolve;
    guard.resolvers.set(guarded, { check: checkRule, original });
    return guarded;
  }

  return function guarded(source, args, context, info) {
    const viewer = viewerOf(context);
    const execution = executionOf(info);
    const variables =
      execution?.variablesFor(valuesOf(info.variableValues)) ?? guard.coercedVariables(info);
    const [node] = info.fieldNodes;
    const unmetRule = node && examineFieldRule(guard, field, node, variables, viewer);
    if (unmetRule) return refuseField(guard, unmetRule, viewer, info);

    const applied =
      node && inputs.size > 0 ? findSuppliedInputs(rules, field, node, variables) : field;
    if (applied.policies.length === 0) return resolve(source, args, context, info);
    const refuse = (unmet: UnmetRequirement): Promise<never> | null =>
      refuseField(guard, { unmet, coordinate, rule: applied.rule }, viewer, info);
    if (viewer.kind !== 'authenticated') return refuse({ kind: 'authentication' });

    if (node && usePreflight && info.path.prev === undefined && execution?.takeApproval(node)) {
      return resolve(source, args, context, info);
    }
    const input = { viewer, source, args, context, info };
    const settle = (result: PolicyResult): unknown =>
      result === true ? resolve(source, args, context, info) : refuse(result);
    const result = guard.evaluatePolicies(applied.policies, input, applied.rule, execution);
    return isThenable(result) ? markHandled(result).then(settle) : settle(result);
  };
}
