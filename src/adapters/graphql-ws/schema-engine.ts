import {
  type ExecutionResult,
  execute,
  type GraphQLError,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { anonymous } from '../../authentication/viewer.ts';
import { contextDefaults } from '../../authorization/enforcement/filter-context.ts';
import { connectionViewer } from '../../gate/connection-viewer.ts';
import { createGate } from '../../gate/gate.ts';
import { joinObservers } from '../../gate/join-observers.ts';
import { type OperationOutcome, OperationRunner } from '../../gate/operation-runner.ts';
import { toResult } from '../../gate/refusal-response.ts';
import type { Clock } from '../../shared/clock.ts';
import { resolveLimits } from '../../streams/concurrency-limiter.ts';
import { mapResults } from '../../streams/map-results.ts';
import { Streams } from '../../streams/streams.ts';
import type { EnvelopedYoga } from './web-socket-operations.ts';
import type { SchemaWebSocketOptions } from './web-socket-options.ts';

/** What runs operations, and how to end its subscriptions. */
export interface Engine {
  readonly yoga: EnvelopedYoga;
  stop(): void;
}

/** Options of the engine besides those of `webSocketOptions`. */
interface EngineSettings {
  readonly clock: Clock;
  readonly reportError: (...parts: unknown[]) => void;
  /** Also logs what it replaces. */
  readonly mask: (error: unknown) => GraphQLError;
}

/**
 * Creates what runs operations without Yoga: parsing, validation and execution of graphql, within the
 * gate. As with Yoga, errors of results are masked. Subscriptions end with the token of their viewer.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 */
export function createSchemaEngine({
  schema,
  authenticator,
  clock,
  context,
  reportError,
  mask,
  ...options
}: SchemaWebSocketOptions & EngineSettings): Engine {
  const gate = createGate({
    authenticator,
    ...(options.refuse ? { refuse: options.refuse } : {}),
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.onRefusal ? { onRefusal: options.onRefusal } : {}),
    ...(options.observers ? { observers: options.observers } : {}),
    onPolicyError: (error, policy) =>
      reportError(`Policy "${policy}" threw; access denied:`, error),
  });
  gate.prepare(schema);
  const observation = joinObservers(options);
  const streams = new Streams(
    clock,
    resolveLimits(),
    observation.refusals?.stream,
    authenticator.checkRevocation,
  );
  const runner = new OperationRunner({ gate, streams, observation });

  return {
    yoga: {
      getEnveloped: (initial) => ({
        schema,
        parse,
        validate,
        async contextFactory() {
          const own =
            'request' in initial && initial.request instanceof Request
              ? await context?.(initial.request)
              : undefined;
          return { ...contextDefaults, ...own, viewer: connectionViewer(initial) ?? anonymous };
        },
        execute: async (args) => toExecuted(await runner.execute(args, execute, false), mask),
        subscribe: async (args) =>
          toExecuted(await runner.subscribe(args, subscribe, () => undefined), mask),
      }),
    },
    stop: () => streams.stop(),
  };
}

function toExecuted(
  outcome: OperationOutcome,
  mask: EngineSettings['mask'],
): ExecutionResult | AsyncIterable<ExecutionResult> {
  const maskResult = (result: ExecutionResult): ExecutionResult =>
    result.errors ? { ...result, errors: result.errors.map(mask) } : result;
  switch (outcome.kind) {
    case 'refused':
      return maskResult(toResult(outcome));
    case 'stream':
      return mapResults(
        outcome.results,
        (result) => ({ result: maskResult(result) }),
        (error) => {
          throw mask(error);
        },
      );
    case 'completed':
      return maskResult(outcome.result);
  }
}
