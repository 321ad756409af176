import { decisionOn } from './decision.ts';
import type { AllowedExecution, Authenticated, Gate } from './gate.ts';
import type { Observation } from './join-observers.ts';
import type { RefusalResponse } from './refusal-response.ts';
import { refusedStep, type StepOutcome } from './step-outcome.ts';

/** Reports the steps of a gate and its decisions. The gate itself if nothing observes them. */
export function observeGate(gate: Gate, { runStep, decide, describe }: Observation): Gate {
  if (runStep === undefined && decide === undefined) return gate;
  return {
    ...gate,

    async authenticate(request) {
      const authenticate = () => gate.authenticate(request);
      // Returned without `await`, a promise takes three turns.
      return await (runStep
        ? runStep({ kind: 'authenticate', request }, authenticate, outcomeOf)
        : authenticate());
    },

    authorize(args, onError) {
      const operation = describe(args);
      decide?.(decisionOn(operation));
      const authorize = () => gate.authorize(args, onError);
      return runStep
        ? runStep({ kind: 'authorize', operation }, authorize, outcomeOf)
        : authorize();
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
