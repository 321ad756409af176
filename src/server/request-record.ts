import type { ServerResponse } from 'node:http';
import type { Viewer } from '../authentication/viewer.ts';
import type { ObservedOperation } from '../gate/observed-operation.ts';
import type { EndStep, GateObserver, GateStep, StepOutcome } from '../gate/observer.ts';
import { isObject } from '../shared/type-guards.ts';
import { ApiRequest } from './http/upgrade.ts';
import { requestIdOf } from './request-id.ts';

/** Where a request was sent. A closed set: paths can contain anything. */
export type RequestRoute =
  | 'graphql'
  | 'health'
  | 'metadata'
  | 'logout'
  /** GraphiQL and its files, and what is not found or not acceptable. */
  | 'other';

/** How a request ended. */
export interface RequestEnd {
  /** The HTTP status that was sent, undefined if none was; over WebSocket, the one that it would be. */
  readonly status: number | undefined;
  /** Whether the client went away before the response was complete. */
  readonly isAborted: boolean;
  /** From the headers of the request to the last byte of its response, in milliseconds. */
  readonly durationMs: number;
}

/** What is read of a request. */
interface SentRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What is known about one HTTP request, or one operation over WebSocket. */
export class RequestRecord {
  readonly protocol: 'http' | 'websocket';
  /** The method of HTTP; `subscribe` over WebSocket. */
  readonly method: string;
  /** Milliseconds, as `performance.now()` has them. */
  readonly start: number;
  route: RequestRoute = 'other';
  viewer: Viewer | undefined;
  /** Undefined until an operation is valid. */
  operation: ObservedOperation | undefined;
  /** How the last step ended. */
  outcome: StepOutcome | undefined;
  /** The trace that the request belongs to, in hexadecimal. Undefined if there are no traces. */
  traceId: string | undefined;
  readonly #headers: SentRequest['headers'];
  #id: string | undefined;

  constructor(
    protocol: RequestRecord['protocol'],
    { method = '', headers }: SentRequest,
    start: number,
  ) {
    this.protocol = protocol;
    this.method = method;
    this.start = start;
    this.#headers = headers;
  }

  /** The id of the request in logs: that of the client or proxy if it is well-formed, or a random one. */
  get id(): string {
    this.#id ??= requestIdOf(this.#headers);
    return this.#id;
  }

  /** The header `traceparent`, as it was sent. */
  get traceparent(): string | undefined {
    const sent = this.#headers['traceparent'];
    return typeof sent === 'string' ? sent : undefined;
  }
}

/** A request that has its record: in a WeakMap, it would cost the garbage collector a third of an operation. */
export class RecordedRequest extends ApiRequest {
  record: RequestRecord | undefined;
}

/** Runs what serves a request to the GraphQL endpoint, such as within a span. */
type RunWithin = <Result>(record: RequestRecord, serve: () => Result) => Result;

/** Called with requests. */
export interface RequestObserver {
  /** Calls `serve` once, immediately, and returns what it returns. */
  readonly within?: RunWithin;
  readonly onEnd?: (record: RequestRecord, end: RequestEnd) => void;
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
  readonly #observers: readonly RequestObserver[];
  /** Runs what serves a request, as the observers want. Undefined if none of them does. */
  readonly run: RunWithin | undefined;
  readonly #now: () => number;

  constructor(observers: readonly RequestObserver[], now: () => number = () => performance.now()) {
    this.#observers = observers;
    this.#now = now;
    this.run = observers.flatMap(({ within }) => within ?? []).reduce(nest, undefined);
  }

  /** Begins the record of an HTTP request, which ends with its response. */
  begin(request: RecordedRequest, response: ServerResponse): RequestRecord {
    const record = new RequestRecord('http', request, this.#now());
    request.record = record;
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : undefined;
      this.#end(record, status, !response.writableFinished);
    });
    return record;
  }

  /**
   * Begins the record of an operation over WebSocket.
   *
   * @param params What its context has as `params`.
   * @param upgrade The request of its connection.
   * @returns Ends it, with the outcome of what refused it before the gate did.
   */
  beginOperation(params: object, upgrade: SentRequest): (refused?: StepOutcome) => void {
    const request = { method: 'subscribe', headers: upgrade.headers };
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
    const end = { status, isAborted, durationMs: this.#now() - record.start };
    for (const { onEnd } of this.#observers) onEnd?.(record, end);
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
