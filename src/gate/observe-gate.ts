import { decisionOn } from './decision.ts';
import type { AllowedExecution, Authenticated, Gate } from './gate.ts';
import { type Observation, refusedStep, runStep, type StepOutcome } from './observer.ts';
import type { RefusalResponse } from './refusal-response.ts';

/** Reports the steps of a gate and its decisions. The gate itself if nothing observes them. */
export function observeGate(gate: Gate, { beginStep, decide, describe }: Observation): Gate {
  if (beginStep === undefined && decide === undefined) return gate;
  return {
    ...gate,

    async authenticate(request) {
      const end = beginStep?.({ kind: 'authenticate', request });
      return end === undefined
        ? gate.authenticate(request)
        : runStep(end, () => gate.authenticate(request), outcomeOf);
    },

    authorize(args, onError) {
      const operation = describe(args);
      decide?.(decisionOn(operation));
      const end = beginStep?.({ kind: 'authorize', operation });
      return end === undefined
        ? gate.authorize(args, onError)
        : runStep(end, () => gate.authorize(args, onError), outcomeOf);
    },
  };
}

/** How observers see what the gate returns. */
function outcomeOf(outcome: Authenticated | AllowedExecution | RefusalResponse): StepOutcome {
  switch (outcome.kind) {
    case 'authenticated':
      return outcome;
    case 'allowed':
      return { kind: 'allowed' };
    case 'refused':
      return refusedStep(outcome);
  }
}
