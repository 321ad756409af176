import type { GateObserver, GateStep } from '../../gate/observer.ts';
import { outcomeName, type StepOutcome } from '../../gate/step-outcome.ts';
import type { MetricFactory } from './metric-factory.ts';

/** Counts how authentications, operations and streams end, and measures how long steps take. */
export function countSteps(factory: MetricFactory): Required<GateObserver>['onStep'] {
  const durations = factory.histogram({
    name: 'step_duration_seconds',
    help: 'How long the steps of a request take: authenticate, authorize, execute, subscribe.',
    labels: ['step'],
  });
  const authentications = factory.counter({
    name: 'authentications_total',
    help: 'Authentications of requests and connections.',
    labels: ['outcome'],
  });
  const operations = factory.counter({
    name: 'operations_total',
    help: 'Operations by their type and how they ended. Partial: with errors, and with data.',
    labels: ['type', 'outcome'],
  });
  const openStreams = factory.gauge({
    name: 'streams_open',
    help: 'Open streams: subscriptions, and results of incremental delivery.',
  });
  const endedStreams = factory.counter({
    name: 'streams_ended_total',
    help: 'Streams that ended, and why.',
    labels: ['reason'],
  });
  openStreams.set(0);

  function count(step: GateStep, outcome: StepOutcome): void {
    switch (step.kind) {
      case 'authenticate':
        authentications.inc({ outcome: authenticationOutcome(outcome) });
        break;
      case 'stream':
        openStreams.dec();
        endedStreams.inc({ reason: outcome.kind === 'ended' ? outcome.reason : outcome.kind });
        break;
      default: {
        // What is allowed is executed, and counted then.
        if (outcome.kind === 'allowed') return;
        operations.inc({
          type: step.operation.type ?? 'unknown',
          outcome: outcomeName(outcome),
        });
      }
    }
  }

  return (step) => {
    const start = performance.now();
    if (step.kind === 'stream') openStreams.inc();
    return (outcome) => {
      if (step.kind !== 'stream') {
        durations.observe({ step: step.kind }, (performance.now() - start) / 1_000);
      }
      count(step, outcome);
    };
  };
}

function authenticationOutcome(outcome: StepOutcome): string {
  return outcome.kind === 'authenticated' ? outcome.viewer.kind : outcome.kind;
}
