import type { GraphQLObjectType, GraphQLResolveInfo, GraphQLTypeResolver } from 'graphql';
import { isObject, isThenable } from '../../shared/type-guards.ts';
import { type PolicyTerm, policiesOf, type Rule } from '../directives/requirement.ts';
import type { Guard, IsTypeOf } from '../operation/guard.ts';
import type { FilterUse } from '../rules/filter-policies.ts';
import { PendingResult, type PolicyOutcome, type PolicyResult } from '../rules/policy-decider.ts';
import { hiddenRefusal } from '../rules/refusal.ts';
import type { RefusalForm } from '../rules/refusal-form.ts';
import type { RuleCheck, UnmetRequirement } from '../rules/unmet.ts';
import { executionOf, viewerOf } from './execution.ts';
import { findAnswers, findFilters } from './filter-answers.ts';
import { ignoreRejection, markHandled } from './handled-promise.ts';
import { isNullable, refuseObject } from './refuse.ts';
import { Undecided } from './undecided.ts';

type PossibleType = Pick<GraphQLObjectType, 'name' | 'isTypeOf'>;

/** Checks an object against the rule of its type. Rejects with a refusal, which the executor reports at the path of the object. */
type CheckObject = (
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
) => true | Promise<true>;

type CallObjectCheck = (
  ...given: Parameters<CheckObject>
) => ReturnType<CheckObject> | Undecided<true>;

/** The rule of one type, which its objects are checked against. */
export class ObjectGuard {
  readonly typeName: string;
  readonly rule: Rule;
  /** What takes the place of an object that its policies deny. */
  readonly form: RefusalForm;
  /** Checks everything but the policies. */
  readonly checkRule: RuleCheck;
  readonly policies: readonly PolicyTerm[];
  readonly #guard: Guard;
  readonly #hasFilters: boolean;
  /** The allowed objects, by what decisions belong to. */
  readonly #allowed = new WeakMap<object, WeakSet<object>>();

  constructor(guard: Guard, typeName: string) {
    this.#guard = guard;
    this.typeName = typeName;
    this.rule = guard.rules.type(typeName);
    this.policies = policiesOf(this.rule);
    this.#hasFilters = findFilters(guard, this.policies).length > 0;
    this.form = guard.forms.of(this.policies);
    this.checkRule = guard.compile(this.rule);
  }

  /** Evaluates the policies of the type about an object. */
  evaluate(source: unknown, context: unknown, info: GraphQLResolveInfo): PolicyOutcome {
    if (this.policies.length === 0) return true;
    const viewer = viewerOf(context);
    if (viewer.kind !== 'authenticated') return { kind: 'authentication' };
    const execution = executionOf(info);
    const input = { viewer, source, args: {}, context, info };
    const filters: FilterUse | undefined = this.#hasFilters
      ? { of: 'object', answers: findAnswers(this.#guard, input, execution) }
      : undefined;
    return this.#guard.evaluatePolicies(this.policies, input, this.rule, execution, filters);
  }

  /** Records that the policies allow an object, so that `check` does not evaluate them again. */
  remember(source: unknown, info: GraphQLResolveInfo): void {
    if (this.policies.length === 0 || !isObject(source)) return;
    const key = keyOf(info);
    const known = this.#allowed.get(key);
    if (known) known.add(source);
    else this.#allowed.set(key, new WeakSet([source]));
  }

  /** Checks an object. Rejects with a refusal, which the executor reports at the path of the object. */
  readonly check: CheckObject = (source, context, info) => {
    const checked = this.call(source, context, info);
    return checked instanceof Undecided ? checked.toPromise() : checked;
  };

  /** The same for compiled operations. */
  readonly call: CallObjectCheck = (source, context, info) => {
    const viewer = viewerOf(context);
    const { typeName: coordinate, rule } = this;
    const refuse = (unmet: UnmetRequirement): Promise<never> =>
      refuseObject(this.#guard, { unmet, coordinate, rule }, viewer, info);
    const settle = (result: PolicyResult): true | Promise<true> =>
      result === true || refuse(this.form.isHidden ? hiddenRefusal : result);
    const unmet = this.checkRule(viewer);
    if (unmet) return refuse(unmet);
    if (this.policies.length === 0 || this.#isRemembered(source, info)) return true;
    const result = this.evaluate(source, context, info);
    const isHandled = !isNullable(info.returnType);
    if (result instanceof PendingResult) return new Undecided(result, settle, isHandled);
    if (!isThenable(result)) return settle(result);
    return (isHandled ? markHandled(result) : result).then(settle);
  };

  #isRemembered(source: unknown, info: GraphQLResolveInfo): boolean {
    return isObject(source) && (this.#allowed.get(keyOf(info))?.has(source) ?? false);
  }
}

/** An object that no two executions share, nor what changes decisions. The variables are coerced for each one. */
function keyOf(info: GraphQLResolveInfo): object {
  return executionOf(info)?.decisionsOf(info) ?? info.variableValues;
}

/**
 * Wraps `isTypeOf` to check the rule of the type. The executor calls it once for every object that it
 * completes, however it was reached: no other function is called for all of them.
 */
export function guardIsTypeOf<Checked extends ReturnType<CallObjectCheck>>(
  check: (...given: Parameters<CheckObject>) => Checked,
  isTypeOf: IsTypeOf | null | undefined,
): (...given: Parameters<IsTypeOf>) => Checked | boolean | Promise<boolean> {
  if (!isTypeOf) return check;
  return function guardedIsTypeOf(value, context, info) {
    // Matches the executor's behavior: any truthy value counts, and it awaits anything with a `then`.
    const is: unknown = isTypeOf(value, context, info);
    if (!isThenable(is)) return is ? check(value, context, info) : false;
    return markHandled(is).then((later) => (later ? check(value, context, info) : false));
  };
}

/** Finds runtime types with the original `isTypeOf` functions: the guarded ones also refuse. */
export function createTypeResolver(
  possibleTypes: readonly PossibleType[],
): GraphQLTypeResolver<unknown, unknown> {
  return (value, context, info) => findRuntimeType(possibleTypes, value, context, info);
}

/**
 * Finds the runtime type as the executor does by default (`defaultTypeResolver`), but leaves no rejection
 * unhandled: once a type claims the value at once, the promises of others are not awaited.
 */
export function findRuntimeType(
  possibleTypes: readonly PossibleType[],
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): string | undefined | Promise<string | undefined> {
  if (
    typeof value === 'object' &&
    value !== null &&
    '__typename' in value &&
    typeof value.__typename === 'string'
  ) {
    return value.__typename;
  }
  const pending: { readonly name: string; readonly is: PromiseLike<unknown> }[] = [];
  for (const type of possibleTypes) {
    const is: unknown = type.isTypeOf?.(value, context, info);
    if (isThenable(is)) {
      ignoreRejection(is);
      pending.push({ name: type.name, is });
    } else if (is) return type.name;
  }
  if (pending.length === 0) return undefined;
  return Promise.all(pending.map(({ is }) => is)).then(
    (results) => pending.find((_, index) => results[index])?.name,
  );
}
