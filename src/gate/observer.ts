import type { AuthenticationRequest } from '../authentication/authenticator.ts';
import type { ReportPolicyError } from '../authorization/rules/policies.ts';
import type { Decision } from './decision.ts';
import type { ObservedOperation } from './observed-operation.ts';
import type { ReportRefusal } from './refusal-events.ts';
import type { StepOutcome } from './step-outcome.ts';

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

/** The options of observers, which all adapters have. */
export interface ObserverOptions {
  readonly onRefusal?: ReportRefusal | undefined;
  readonly onPolicyError?: ReportPolicyError | undefined;
  readonly observers?: readonly GateObserver[] | undefined;
}
