import { defaultFieldResolver, type GraphQLResolveInfo, isNonNullType } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { isThenable } from '../../shared/type-guards.ts';
import type { Rule } from '../directives/requirement.ts';
import { examineFieldRule } from '../operation/examine-field.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import { valuesOf } from '../operation/variable-values.ts';
import type { FilterAnswers } from '../rules/filter-policies.ts';
import type { PolicyInput } from '../rules/policies.ts';
import { PendingResult, type PolicyResult } from '../rules/policy-decider.ts';
import { hiddenRefusal } from '../rules/refusal.ts';
import { formAt, isOrdinary, type RefusalForm } from '../rules/refusal-form.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { type Execution, executionOf, viewerOf } from './execution.ts';
import { findAnswers, findFilters } from './filter-answers.ts';
import { callWithFilters, type ResolvedPart } from './filtered-resolver.ts';
import { markHandled } from './handled-promise.ts';
import { refuseAs, refuseField } from './refuse.ts';
import { Undecided } from './undecided.ts';

/**
 * The second line of defense: wraps a resolver to run only for viewers who are allowed its field.
 *
 * @returns A resolver that returns `omitted` for an event that is left out.
 */
export function guardResolver(
  guard: Guard,
  field: FieldRule,
  resolve: Resolver = defaultFieldResolver,
  part: ResolvedPart = 'field',
): Resolver {
  const { coordinate, rule, policies, inputs, anyOf } = field;
  const { rules, forms } = guard;
  const filters = findFilters(guard, policies);

  if (policies.length === 0 && inputs.size === 0 && anyOf.length === 0) {
    const checkRule = guard.compile(rule);
    const guarded: Resolver = (source, args, context, info) => {
      const viewer = viewerOf(context);
      const unmet = checkRule(viewer);
      if (unmet) return refuseField(guard, { unmet, coordinate, rule }, viewer, info);
      return resolve(source, args, context, info);
    };
    const original = resolve === defaultFieldResolver ? undefined : resolve;
    guard.resolvers.set(guarded, { kind: 'viewer', check: checkRule, original });
    return guarded;
  }

  const call: Resolver = (source, args, context, info) => {
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
    const form = formOf(part, forms.of(applied.policies));
    if (viewer.kind !== 'authenticated') {
      return refuse(applied.rule, form, { kind: 'authentication' }, viewer, info);
    }

    const input = { viewer, source, args, context, info };
    const answers = filters.length > 0 ? findAnswers(guard, input, execution) : undefined;
    // What policies get of an event is something else than what was approved.
    const isRoot = info.path.prev === undefined;
    const isApproved = node && part !== 'event' && isRoot && execution?.takeApproval(node);
    if (isApproved && answers?.has(filters) !== false) return proceed(input, answers, execution);
    const settle = (result: PolicyResult): unknown => {
      if (result !== true) return refuse(applied.rule, form, result, viewer, info);
      const value = proceed(input, answers, execution);
      const hidesMissing = form.isHidden && form.refusedAs === 'error' && part !== 'stream';
      if (!hidesMissing) return value;
      const refuseMissing = (found: unknown): unknown =>
        found ?? refuse(applied.rule, form, hiddenRefusal, viewer, info);
      return isThenable(value) ? markHandled(value).then(refuseMissing) : refuseMissing(value);
    };
    const result = guard.evaluatePolicies(
      applied.policies,
      input,
      applied.rule,
      execution,
      answers && { of: 'field', answers },
    );
    // Where null stays at the field, the executor handles its rejection at once.
    const isHandled = isNonNullType(info.returnType);
    if (result instanceof PendingResult) return new Undecided(result, settle, isHandled);
    if (!isThenable(result)) return settle(result);
    return (isHandled ? markHandled(result) : result).then(settle);
  };
  const guarded: Resolver = (source, args, context, info) => {
    const result = call(source, args, context, info);
    return result instanceof Undecided ? result.toPromise() : result;
  };
  guard.resolvers.set(guarded, { kind: 'policies', call });
  return guarded;

  function refuse(
    ruleOfField: Rule,
    form: RefusalForm,
    unmet: UnmetRequirement,
    viewer: Viewer,
    info: GraphQLResolveInfo,
  ): unknown {
    return refuseAs(
      form,
      refuseField,
      guard,
      { unmet, coordinate, rule: ruleOfField },
      viewer,
      info,
    );
  }

  function proceed(
    input: PolicyInput,
    answers: FilterAnswers | undefined,
    execution: Execution | undefined,
  ): unknown {
    const { source, args, context, info } = input;
    if (answers === undefined) return resolve(source, args, context, info);
    const report = execution?.reportPolicyError;
    const call = { guard, coordinate, part, answers: answers.select(filters), report };
    return callWithFilters(call, resolve, input);
  }
}

/**
 * The form of a refusal of a whole field. A stream cannot be null, and null would hide that a mutation did
 * not run, unless it must look like one that found nothing.
 */
function formOf(part: ResolvedPart, form: RefusalForm): RefusalForm {
  if (isOrdinary(form)) return form;
  if (part === 'stream' || (part === 'mutation' && !form.isHidden)) {
    return { ...form, refusedAs: 'error' };
  }
  return formAt(form, part === 'event');
}
