import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { viewerOf } from '../authorization/enforcement/execution.ts';
import type { CompiledOperations } from '../execution/compiled-operations.ts';
import type { ErrorBehavior } from '../shared/error-behavior.ts';
import { isThenable } from '../shared/type-guards.ts';
import { mapResults } from '../streams/map-results.ts';
import type { StreamEndReason } from '../streams/stream-error.ts';
import { isStream, type Streams } from '../streams/streams.ts';
import type { AllowedExecution, FinishedExecution, Gate } from './gate.ts';
import type { Observation } from './join-observers.ts';
import { toResult } from './refusal-response.ts';
import { completedStep, refusedStep, type StepOutcome } from './step-outcome.ts';

/** The outcome of an operation. */
export type OperationOutcome =
  | FinishedExecution
  | { readonly kind: 'stream'; readonly results: AsyncIterable<ExecutionResult> };

/** Executes an operation, or subscribes: GraphQL.js, Yoga's executor or one like them. */
export type Executor = (
  args: ExecutionArgs,
) =>
  | Promise<ExecutionResult | AsyncIterable<ExecutionResult>>
  | ExecutionResult
  | AsyncIterable<ExecutionResult>;

/** Options for an `OperationRunner`. */
export interface OperationRunnerOptions {
  readonly gate: Gate;
  readonly streams: Streams;
  /** The observers of the gate. */
  readonly observation: Pick<Observation, 'beginStep' | 'runStep' | 'describe'>;
  /** Executes what it can in place of the executor. */
  readonly compiled?: CompiledOperations | undefined;
}

/**
 * Passes operations through the gate and executes them. Adapters use it in place of their executor.
 * Streams end with the viewer's token.
 */
export class OperationRunner {
  readonly #gate: Gate;
  readonly #streams: Streams;
  readonly #observation: OperationRunnerOptions['observation'];
  readonly #compiled: CompiledOperations | undefined;

  constructor({ gate, streams, observation, compiled }: OperationRunnerOptions) {
    this.#gate = gate;
    this.#streams = streams;
    this.#observation = observation;
    this.#compiled = compiled;
  }

  /**
   * Runs a query or mutation. Incremental delivery makes a stream of it.
   *
   * @param isOrdinary Whether the executor is the one that compiled operations behave like.
   * @param onError What field errors do. `NULL` requires compiled operations: all others are rejected.
   */
  async execute(
    args: ExecutionArgs,
    execute: Executor,
    isOrdinary: boolean,
    onError: ErrorBehavior = 'PROPAGATE',
  ): Promise<OperationOutcome> {
    const authorized = this.#gate.authorize(args, onError);
    const execution = isThenable(authorized) ? await authorized : authorized;
    if (execution.kind === 'refused') return execution;
    const { runStep, describe } = this.#observation;
    const run = () => this.#execute(args, execution, execute, isOrdinary, onError);
    // Returned without `await`, a promise takes three turns.
    return await (runStep
      ? runStep({ kind: 'execute', operation: describe(args) }, run, executionOutcome)
      : run());
  }

  async #execute(
    args: ExecutionArgs,
    execution: AllowedExecution,
    execute: Executor,
    isOrdinary: boolean,
    onError: ErrorBehavior,
  ): Promise<OperationOutcome> {
    const compiled = isOrdinary
      ? this.#compiled?.execute(args.document, execution.args, onError)
      : undefined;
    if (compiled === undefined && onError !== 'PROPAGATE') return rejectErrorBehavior(onError);
    const running = compiled ?? execute(execution.args);
    const result = isThenable(running) ? await running : running;
    if (!isStream(result)) return execution.finish(result);
    const parts = mapResults(result, (part) => {
      const finished = execution.finish(part);
      return finished.kind === 'completed'
        ? { result: finished.result }
        : { result: { ...toResult(finished), ...lastPart }, isLast: true };
    });
    const viewer = viewerOf(args.contextValue);
    const observed = this.#observeStream(args);
    const options = { origin: args.contextValue, rest: lastPart, onEnd: observed?.onEnd };
    const results = this.#streams.watch(observed?.count(parts) ?? parts, viewer, options);
    return { kind: 'stream', results };
  }

  /**
   * Runs a subscription.
   *
   * @param reject Called after authorization, before the source is started: gives the result to
   *   respond with instead, if the stream cannot be sent.
   * @param onError What field errors do. Subscriptions are rejected with `NULL`.
   */
  async subscribe(
    args: ExecutionArgs,
    subscribe: Executor,
    reject: () => ExecutionResult | undefined,
    onError: ErrorBehavior = 'PROPAGATE',
  ): Promise<OperationOutcome> {
    const execution = await this.#gate.authorize(args, onError);
    if (execution.kind === 'refused') return execution;
    if (onError !== 'PROPAGATE') return rejectErrorBehavior(onError);
    const rejected = reject();
    if (rejected !== undefined) return { kind: 'completed', result: rejected };
    const { runStep, describe } = this.#observation;
    const run = () => this.#subscribe(args, execution, subscribe);
    if (runStep === undefined) return run();
    return runStep({ kind: 'subscribe', operation: describe(args) }, run, executionOutcome);
  }

  async #subscribe(
    args: ExecutionArgs,
    execution: AllowedExecution,
    subscribe: Executor,
  ): Promise<OperationOutcome> {
    let observed: ObservedStream | undefined;
    const start = async () => {
      const result = await subscribe(execution.args);
      if (!isStream(result)) return execution.finish(result);
      const events = mapResults(result, (event) => {
        const finished = execution.finish(event);
        return { result: finished.kind === 'completed' ? finished.result : toResult(finished) };
      });
      observed = this.#observeStream(args);
      return observed?.count(events) ?? events;
    };
    const outcome = await this.#streams.open(viewerOf(args.contextValue), start, {
      origin: args.contextValue,
      onEnd: (reason) => observed?.onEnd(reason),
    });
    if (isStream(outcome)) return { kind: 'stream', results: outcome };
    return outcome.kind === 'rejected' ? { ...outcome, kind: 'refused' } : outcome;
  }

  /** Begins the step of a stream. Undefined if nothing observes it. */
  #observeStream(args: ExecutionArgs): ObservedStream | undefined {
    const { beginStep, describe } = this.#observation;
    const end = beginStep?.({ kind: 'stream', operation: describe(args) });
    if (end === undefined) return undefined;
    let results = 0;
    return {
      count: (source) =>
        mapResults(
          source,
          (result) => {
            results += 1;
            return { result };
          },
          (error) => end({ kind: 'failed', error }),
        ),
      onEnd: (reason) => end({ kind: 'ended', results, reason }),
    };
  }
}

/** A stream whose results are counted for observers. */
interface ObservedStream {
  count(source: AsyncIterable<ExecutionResult>): AsyncIterable<ExecutionResult>;
  onEnd(reason: 'complete' | StreamEndReason): void;
}

/** How observers see the outcome of an execution. */
export function executionOutcome(outcome: OperationOutcome): StepOutcome {
  switch (outcome.kind) {
    case 'completed':
      return completedStep(outcome.result);
    case 'refused':
      return refusedStep(outcome);
    case 'stream':
      return { kind: 'stream' };
  }
}

/** The outcome of an operation that would propagate errors against the client's will. */
function rejectErrorBehavior(onError: ErrorBehavior): OperationOutcome {
  const error = new GraphQLError(
    `This operation cannot be executed with "onError": "${onError}": remove it, or use neither subscriptions nor @defer and @stream.`,
    { extensions: { code: 'BAD_REQUEST' } },
  );
  return {
    kind: 'completed',
    result: { errors: [error], extensions: { http: { status: 400 } } },
  };
}

/** What the last part of a result has besides its errors. */
const lastPart = { hasNext: false };
