import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { AuthenticationRequest } from '../authentication/authenticator.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { ReportPolicyError } from '../authorization/rules/policies.ts';
import { isThenable } from '../shared/type-guards.ts';
import type { StreamEndReason } from '../streams/stream-error.ts';
import type { Decision } from './decision.ts';
import { DocumentHashes, type ObservedOperation, observeOperation } from './observed-operation.ts';
import {
  createRefusalReporter,
  type RefusalReporter,
  type ReportRefusal,
} from './refusal-events.ts';
import type { RefusalResponse } from './refusal-response.ts';

/**
 * Called with what happens at the gate, for logs, metrics, traces and audits. Synchronously: what takes
 * time belongs elsewhere. What a function throws, or a promise of it rejects with, is ignored.
 *
 * @example
 * ```ts
 * const timing: GateObserver = {
 *   onStep({ kind }) {
 *     const start = performance.now();
 *     return (outcome) => console.info(kind, outcome.kind, performance.now() - start);
 *   },
 * };
 * const gate = createGate({ authenticator, observers: [timing] });
 * ```
 */
export interface GateObserver {
  /** Called once for each refusal. */
  readonly onRefusal?: ReportRefusal;
  /**
   * Called when a step begins. What it returns is called once when the step ends, however it ends; not
   * if the server framework gives up an execution without a result.
   */
  readonly onStep?: (step: GateStep) => EndStep | undefined;
  /**
   * Called after `onStep` with what runs the step, to run it within something, such as a span that is
   * active. Call it synchronously; if you do not, it runs nevertheless. Not called for streams, for the
   * authentication of a WebSocket, nor for executions by Apollo Server or Mercurius, which run by themselves.
   */
  readonly withinStep?: (step: GateStep, run: () => void) => void;
  /** Called with each error that a policy throws, which denies access, and the name of the policy. */
  readonly onPolicyError?: ReportPolicyError;
  /** Called once for each operation, with what the rules say about it before it is executed. */
  readonly onDecision?: (decision: Decision) => void;
}

/** Called when a step ends. */
export type EndStep = (outcome: StepOutcome) => void;

/**
 * A step of a request: its authentication, once for each HTTP request and WebSocket connection; the
 * authorization of an operation; its execution, until there is a result or a stream; and the stream, until
 * it ends.
 */
export type GateStep =
  | { readonly kind: 'authenticate'; readonly request: AuthenticationRequest }
  | {
      readonly kind: 'authorize' | 'execute' | 'subscribe' | 'stream';
      readonly operation: ObservedOperation;
    };

/** How a step ended. */
export type StepOutcome =
  | { readonly kind: 'authenticated'; readonly viewer: Viewer }
  /** An operation may be executed, at least in part. */
  | { readonly kind: 'allowed' }
  | RefusedStep
  /** An operation was not executed because of how it was sent: its variables do not fit, for example. */
  | { readonly kind: 'rejected'; readonly errors: number }
  /** The operation has a result. `isPartial`: it has errors, and data beside them. */
  | { readonly kind: 'completed'; readonly errors: number; readonly isPartial: boolean }
  /** The execution gave a stream, which is a step of its own. */
  | { readonly kind: 'stream' }
  /** A stream ended: by itself or by its client, or for another reason. `failed` if its source threw. */
  | {
      readonly kind: 'ended';
      readonly results: number;
      readonly reason: 'complete' | StreamEndReason;
    }
  /** Something threw: not a refusal, but an unexpected error. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** A step that ended with a refusal. */
export interface RefusedStep {
  readonly kind: 'refused';
  /** The HTTP status; over WebSocket, the one that it would be. */
  readonly status: number;
  /** As in `extensions.code` of the first error. */
  readonly code: string | undefined;
  /** As in `extensions.reason` of the first error. */
  readonly reason: string | undefined;
  /** Of an authentication: who sent the request, if it was a rate limit that refused it after that. */
  readonly viewer?: Viewer;
}

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

/** The options of observers, which all adapters have. */
export interface ObserverOptions {
  readonly onRefusal?: ReportRefusal | undefined;
  readonly onPolicyError?: ReportPolicyError | undefined;
  readonly observers?: readonly GateObserver[] | undefined;
}

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

/** Runs something. What it returned or threw can then be had as often as needed. */
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

/** The outcome of a step that was refused. */
export function refusedStep({ status, errors, viewer }: RefusalResponse): RefusedStep {
  const { code, reason } = errors[0]?.extensions ?? {};
  return {
    kind: 'refused',
    status,
    code: typeof code === 'string' ? code : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    ...(viewer === undefined ? {} : { viewer }),
  };
}

/** The outcome of an execution that has a result. */
export function completedStep({ data, errors = [] }: ExecutionResult): StepOutcome {
  // Request errors (GraphQL §7.1.2): there is no data, and no field that they belong to.
  if (data === undefined && errors.length > 0 && errors.every(({ path }) => path === undefined)) {
    return { kind: 'rejected', errors: errors.length };
  }
  return {
    kind: 'completed',
    errors: errors.length,
    isPartial: errors.length > 0 && data != null,
  };
}

/** An outcome in one word of a closed set, for logs, labels of metrics and attributes of spans. */
export function outcomeName<Outcome extends StepOutcome>(
  outcome: Outcome,
): Outcome['kind'] | 'partial' | 'errors' {
  if (outcome.kind !== 'completed' || outcome.errors === 0) return outcome.kind;
  return outcome.isPartial ? 'partial' : 'errors';
}
