import { context, type Span, type Tracer, trace } from '@opentelemetry/api';
import type { GateObserver, GateStep } from '../../gate/observer.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import { describeOperation, recordOutcome } from './span-attributes.ts';

/** Options for `createTracing`. */
export interface TracingOptions {
  /** Creates the spans. Default: the one that your setup of OpenTelemetry registers for this package. */
  readonly tracer?: Tracer;
}

/** The name of the instrumentation. */
const scope = 'graphql-resource-server';

/**
 * Creates an observer that traces the steps of a gate: `authenticate`, `authorize`, then `execute` or
 * `subscribe`, and `stream` as long as a subscription lasts. Each is a span, a child of the one that is
 * active, which your HTTP instrumentation starts, and is itself active while the step runs: spans that your
 * resolvers create are children of `execute`. Not with Apollo Server and Mercurius, which execute by themselves.
 *
 * Spans have type, name (100 characters at most) and hash of the operation, and how the step ended: the
 * outcome, and of a refusal the stable code and reason. They have no token, claim, variable or document.
 * The status of a span is an error only for what the server causes, such as 503.
 *
 * Not done: setting up OpenTelemetry, and sampling. If no SDK is registered, nothing is recorded.
 *
 * @throws {TypeError} If an option is wrong or unknown.
 *
 * @example
 * ```ts
 * const yoga = createYoga<object, AuthContext>({
 *   schema,
 *   plugins: [useAuth({ authenticator, observers: [createTracing()] })],
 * });
 * ```
 */
export function createTracing(options: TracingOptions = {}): GateObserver {
  const problems = [...findUnknownOptions(options, ['tracer'])];
  const { tracer = trace.getTracer(scope) } = options;
  if (typeof tracer?.startSpan !== 'function') {
    problems.push('tracer must be a tracer of OpenTelemetry.');
  }
  if (problems.length > 0) throw new TypeError(`createTracing: ${problems.join(' ')}`);

  const spans = new WeakMap<GateStep, Span>();
  return {
    onStep(step) {
      const span = tracer.startSpan(step.kind);
      if (!span.isRecording()) return undefined;
      spans.set(step, span);
      if (step.kind !== 'authenticate') span.setAttributes(describeOperation(step.operation));
      return (outcome) => {
        recordOutcome(span, outcome);
        span.end();
      };
    },
    withinStep(step, run) {
      const span = spans.get(step);
      if (span === undefined) run();
      else context.with(trace.setSpan(context.active(), span), run);
    },
  };
}
