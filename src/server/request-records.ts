import type { ServerResponse } from 'node:http';
import type { Viewer } from '../authentication/viewer.ts';
import type { EndStep, GateObserver, GateStep } from '../gate/observer.ts';
import type { StepOutcome } from '../gate/step-outcome.ts';
import { isObject } from '../shared/type-guards.ts';
import { requestIdOf } from './http/request-id.ts';
import {
  type IdentifiedRequest,
  RecordedRequest,
  type RequestEnd,
  RequestRecord,
  type RequestRoute,
} from './request-record.ts';

/** Runs what serves a request to the GraphQL endpoint, such as within a span. */
type RunWithin = <Result>(record: RequestRecord, serve: () => Result) => Result;

/** Called with requests. */
export interface RequestObserver {
  /** Calls `serve` once, immediately, and returns what it returns. */
  readonly within?: RunWithin;
  readonly onEnd?: (record: RequestRecord, end: RequestEnd) => void;
}

/** What is read of the request that opened a connection. */
interface Upgrade {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * The records of the requests in progress. They are found by Node's request, which authentication and the
 * contexts of operations have; over WebSocket, by the parameters of the operation. The steps of the gate
 * fill them in, whichever way a request takes.
 */
export class RequestRecords {
  readonly #byParams = new WeakMap<object, RequestRecord>();
  /** Of connections, by their upgraded requests. */
  readonly #viewers = new WeakMap<object, Viewer>();
  readonly #onEnd: readonly Required<RequestObserver>['onEnd'][];
  /** Runs what serves a request, as the observers want. Undefined if none of them does. */
  readonly run: RunWithin | undefined;
  readonly #now: () => number;

  constructor(observers: readonly RequestObserver[], now: () => number = () => performance.now()) {
    this.#onEnd = observers.flatMap(({ onEnd }) => onEnd ?? []);
    this.#now = now;
    this.run = observers.flatMap(({ within }) => within ?? []).reduce(nest, undefined);
  }

  /** Begins the record of an HTTP request, which ends with its response. */
  begin(request: RecordedRequest, response: ServerResponse): RequestRecord {
    const record = new RequestRecord('http', request, this.#now());
    request.record = record;
    if (this.#onEnd.length > 0) {
      response.on('close', () => {
        const sent = response.headersSent ? response.statusCode : undefined;
        const isAborted = record.rawStatus === undefined && !response.writableFinished;
        this.#end(record, record.rawStatus ?? sent, isAborted);
      });
    }
    return record;
  }

  /**
   * Records a request that was rejected before there was anything to serve.
   *
   * @param status Undefined if the client went away.
   */
  reject(request: IdentifiedRequest, route: RequestRoute, status: number | undefined): void {
    const record = new RequestRecord('http', request, this.#now());
    record.route = route;
    this.#end(record, status, status === undefined);
  }

  /**
   * Begins the record of an operation over WebSocket.
   *
   * @param params What its context has as `params`.
   * @param upgrade The request of its connection.
   * @returns Ends it, with the outcome of what refused it before the gate did.
   */
  beginOperation(params: object, upgrade: Upgrade): (refused?: StepOutcome) => void {
    const { headers } = upgrade;
    const { traceparent } = headers;
    const request = {
      method: 'subscribe',
      id: requestIdOf(headers),
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    };
    const record = new RequestRecord('websocket', request, this.#now());
    this.#byParams.set(params, record);
    record.route = 'graphql';
    record.viewer = this.#viewers.get(upgrade);
    return (refused) => {
      record.outcome ??= refused;
      this.#end(record, statusOf(record.outcome), false);
    };
  }

  /**
   * Finds the record of what observers get: an `AuthenticationRequest`, the context of an operation, or
   * the key itself.
   */
  of(origin: unknown): RequestRecord | undefined {
    if (!isObject(origin)) return undefined;
    const { raw, req, params } = origin;
    return this.#get(raw) ?? this.#get(req) ?? this.#get(params) ?? this.#get(origin);
  }

  /** Finds the id of the request, which one that only opens a connection has too. */
  idOf(origin: unknown): string | undefined {
    return origin instanceof RecordedRequest ? origin.id : this.of(origin)?.id;
  }

  #get(key: unknown): RequestRecord | undefined {
    if (key instanceof RecordedRequest) return key.record;
    return isObject(key) ? this.#byParams.get(key) : undefined;
  }

  /** Finds the record of a step. */
  ofStep(step: GateStep): RequestRecord | undefined {
    return this.of(step.kind === 'authenticate' ? step.request : step.operation.args.contextValue);
  }

  /** Fills in the records. */
  readonly observer: GateObserver = {
    onStep: (step) => {
      const record = this.ofStep(step);
      if (record === undefined) return this.#observeConnection(step);
      // Resolvers can execute further operations in the same context.
      if (step.kind !== 'authenticate') record.operation ??= step.operation;
      return (outcome) => {
        if ('viewer' in outcome) record.viewer = outcome.viewer;
        record.outcome = outcome;
      };
    },
  };

  #observeConnection(step: GateStep): EndStep | undefined {
    const raw = step.kind === 'authenticate' ? step.request.raw : undefined;
    if (raw === undefined) return undefined;
    return (outcome) => {
      if (outcome.kind === 'authenticated') this.#viewers.set(raw, outcome.viewer);
    };
  }

  #end(record: RequestRecord, status: number | undefined, isAborted: boolean): void {
    if (this.#onEnd.length === 0) return;
    const end = { status, isAborted, durationMs: this.#now() - record.start };
    for (const onEnd of this.#onEnd) onEnd(record, end);
  }
}

function nest(outer: RunWithin | undefined, inner: RunWithin): RunWithin {
  return outer ? (record, serve) => outer(record, () => inner(record, serve)) : inner;
}

/** The status that the outcome of an operation over WebSocket would have. */
function statusOf(outcome: StepOutcome | undefined): number {
  switch (outcome?.kind) {
    case undefined:
    // Nothing was valid enough to be authorized.
    case 'rejected':
      return 400;
    case 'refused':
      return outcome.status;
    case 'failed':
      return 500;
    default:
      return 200;
  }
}
