import type { ExecutionArgs } from 'graphql';
import type { ReportPolicyError } from '../authorization/rules/policies.ts';
import { isThenable } from '../shared/type-guards.ts';
import type { Decision } from './decision.ts';
import { DocumentHashes, type ObservedOperation, observeOperation } from './observed-operation.ts';
import type { EndStep, GateObserver, GateStep, ObserverOptions } from './observer.ts';
import { createRefusalReporter, type RefusalReporter } from './refusal-events.ts';
import type { StepOutcome } from './step-outcome.ts';

/** The observers of a gate, as one. What none of them wants is undefined, and costs nothing. */
export interface Observation {
  readonly refusals: RefusalReporter | undefined;
  readonly policyErrors: ReportPolicyError | undefined;
  readonly beginStep: ((step: GateStep) => EndStep) | undefined;
  readonly runStep: RunStep | undefined;
  readonly decide: ((decision: Decision) => void) | undefined;
  /** Describes an operation for a step. Its hash is computed once for each document. */
  describe(args: ExecutionArgs): ObservedOperation;
}

/** Runs a step, from its begin to its end with the outcome of what it gives back. */
type RunStep = <Result>(
  step: GateStep,
  run: () => Result | Promise<Result>,
  outcomeOf: (result: Result) => StepOutcome,
) => Result | Promise<Result>;

/** Joins the observers of a gate, and `onRefusal` and `onPolicyError`, which are short for one. */
export function joinObservers(options: ObserverOptions): Observation {
  const { onRefusal, onPolicyError, observers = [] } = options;
  const all: readonly GateObserver[] = [
    ...(onRefusal ? [{ onRefusal }] : []),
    ...(onPolicyError ? [{ onPolicyError }] : []),
    ...observers,
  ];
  const refusal = all.flatMap((one) => (one.onRefusal ? [one.onRefusal.bind(one)] : []));
  const policyError = all.flatMap((one) =>
    one.onPolicyError ? [one.onPolicyError.bind(one)] : [],
  );
  const step = all.flatMap((one) => (one.onStep ? [one.onStep.bind(one)] : []));
  const within = all.flatMap((one) => (one.withinStep ? [one.withinStep.bind(one)] : []));
  const decision = all.flatMap((one) => (one.onDecision ? [one.onDecision.bind(one)] : []));
  const hashes = new DocumentHashes();
  const begin = (begun: GateStep): EndStep => beginSteps(step, begun);
  const isObserved = step.length + within.length > 0;
  return {
    refusals:
      refusal.length === 0
        ? undefined
        : createRefusalReporter((event, origin) => {
            for (const report of refusal) callSafely(report, event, origin);
          }),
    policyErrors:
      policyError.length === 0
        ? undefined
        : (error, policy, origin) => {
            for (const report of policyError) callSafely(report, error, policy, origin);
          },
    beginStep: isObserved ? begin : undefined,
    runStep: isObserved
      ? (begun, run, outcomeOf) => {
          const end = begin(begun);
          if (within.length === 0) return runUntilEnd(end, run, outcomeOf);
          const runInside = within.reduce<typeof run>(
            (inner, one) => () => runWithin(one, begun, inner),
            run,
          );
          return runUntilEnd(end, runInside, outcomeOf);
        }
      : undefined,
    decide:
      decision.length === 0
        ? undefined
        : (made) => {
            for (const report of decision) callSafely(report, made);
          },
    describe: (args) => observeOperation(args, hashes),
  };
}

function beginSteps(
  observers: readonly ((step: GateStep) => EndStep | undefined)[],
  step: GateStep,
): EndStep {
  let ends: EndStep[] | undefined = [];
  for (const begin of observers) {
    const end = callSafely(begin, step);
    if (typeof end === 'function') ends.push(end);
  }
  return (outcome) => {
    const open = ends;
    // Each is called once.
    ends = undefined;
    if (open !== undefined) for (const end of open) callSafely(end, outcome);
  };
}

/** What an observer throws must not change what is responded. */
function callSafely<Details extends readonly unknown[], Result>(
  observe: (...details: Details) => Result,
  ...details: Details
): Result | undefined {
  try {
    const returned = observe(...details);
    if (isThenable(returned)) Promise.resolve(returned).catch(() => {});
    return returned;
  } catch {
    return undefined;
  }
}

/** Runs something within what an observer adds, whatever the observer does. */
function runWithin<Result>(
  within: Required<GateObserver>['withinStep'],
  step: GateStep,
  run: () => Result,
): Result {
  let ran: (() => Result) | undefined;
  const runOnce = (): void => {
    ran ??= settle(run);
  };
  callSafely(within, step, runOnce);
  runOnce();
  return (ran ?? run)();
}

/** Runs something once. The function that is returned repeats its outcome: the result, or the error. */
function settle<Result>(run: () => Result): () => Result {
  try {
    const result = run();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Runs a step that has begun, and ends it with the outcome of what it gives back. */
function runUntilEnd<Result>(
  end: EndStep,
  run: () => Result | Promise<Result>,
  outcomeOf: (result: Result) => StepOutcome,
): Result | Promise<Result> {
  let running: Result | Promise<Result>;
  try {
    running = run();
  } catch (error) {
    end({ kind: 'failed', error });
    throw error;
  }
  if (isThenable(running)) return endWith(end, running, outcomeOf);
  end(outcomeOf(running));
  return running;
}

async function endWith<Result>(
  end: EndStep,
  running: Promise<Result>,
  outcomeOf: (result: Result) => StepOutcome,
): Promise<Result> {
  let result: Result;
  try {
    result = await running;
  } catch (error) {
    end({ kind: 'failed', error });
    throw error;
  }
  end(outcomeOf(result));
  return result;
}
