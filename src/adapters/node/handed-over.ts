import type { IncomingMessage } from 'node:http';
import type { Authenticated } from '../../gate/gate.ts';
import type { OperationOutcome } from '../../gate/operation-runner.ts';
import type { RefusalResponse } from '../../gate/refusal-response.ts';
import { isObject } from '../../shared/type-guards.ts';
import { isDirectContext } from './direct-context.ts';

/** What was already done for a request. Rejected promises are errors that arose in doing it. */
export interface RequestProgress {
  /** The body, once it has been read. */
  body?: string;
  authentication?: Promise<Authenticated | RefusalResponse>;
  /** What `createContext` added to the context. */
  added?: Promise<object>;
  outcome?: Promise<OperationOutcome>;
}

/**
 * The requests that the direct listener hands over to Yoga, with what it has already done for them:
 * a proof is accepted once, a body can be read once, and a mutation must run once.
 */
export class HandedOverRequests {
  readonly #progress = new WeakMap<object, RequestProgress>();

  add(request: IncomingMessage, progress: RequestProgress): void {
    this.#progress.set(request, progress);
  }

  /**
   * Takes one step of the request in Yoga's context. Undefined if it was not done. Once only, and not in
   * the context that the step itself had: resolvers, some of which can still be running, can have Yoga
   * execute other operations in it.
   */
  take<Step extends keyof RequestProgress>(
    context: unknown,
    step: Step,
  ): RequestProgress[Step] | undefined {
    if (!isObject(context) || !isObject(context['req']) || isDirectContext(context))
      return undefined;
    const progress = this.#progress.get(context['req']);
    const done = progress?.[step];
    if (progress !== undefined) delete progress[step];
    return done;
  }
}
