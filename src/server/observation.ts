import type { GateObserver } from '../gate/observer.ts';
import { type RequestObserver, RequestRecords } from './request-records.ts';

/** What the server observes of its requests: everything of the log, of metrics and of traces begins here. */
export interface ServerObservation {
  readonly requests: RequestRecords;
  /** For each gate. Those that read records come after the one that fills them in. */
  readonly observers: readonly GateObserver[];
}

/** An observer of requests, which may also observe the gate. */
export interface ServerObserver extends RequestObserver {
  /** @param requests The records that it is called with, to find that of a step or a refusal. */
  readonly observeGate?: (requests: RequestRecords) => GateObserver;
}

/** Joins the observers of a server. Without any, nothing observes the gate, and records have the id only. */
export function createObservation(all: readonly ServerObserver[]): ServerObservation {
  const requests = new RequestRecords(all);
  if (all.length === 0) return { requests, observers: [] };
  const others = all.flatMap(({ observeGate }) => (observeGate ? [observeGate(requests)] : []));
  return { requests, observers: [requests.observer, ...others] };
}
