import type { Viewer } from '../authentication/viewer.ts';
import type { ObservedOperation } from '../gate/observed-operation.ts';
import type { StepOutcome } from '../gate/step-outcome.ts';
import { requestIdOf } from './http/request-id.ts';
import { ApiRequest } from './http/upgrade.ts';

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

/** What is known of a request when it begins. */
export interface IdentifiedRequest {
  /** The method of HTTP, undefined if it could not be read; `subscribe` over WebSocket. */
  readonly method?: string | undefined;
  /** The id of the request, in the log and in its response. */
  readonly id: string;
  /** The header `traceparent`, as it was sent. */
  readonly traceparent?: string | undefined;
}

/** What is known about one HTTP request, or one operation over WebSocket. */
export class RequestRecord implements IdentifiedRequest {
  readonly protocol: 'http' | 'websocket';
  readonly method: string | undefined;
  readonly id: string;
  readonly traceparent: string | undefined;
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
  /** The status of a response that was sent without Node's: to what could not be parsed. */
  rawStatus: number | undefined;

  constructor(protocol: RequestRecord['protocol'], request: IdentifiedRequest, start: number) {
    this.protocol = protocol;
    this.method = request.method;
    this.id = request.id;
    this.traceparent = request.traceparent;
    this.start = start;
  }
}

/** A request that has its record: in a WeakMap, it would cost the garbage collector a third of an operation. */
export class RecordedRequest extends ApiRequest {
  record: RequestRecord | undefined;
  #id: string | undefined;

  /** That of the client or proxy if it is well-formed, or a random one. */
  get id(): string {
    this.#id ??= requestIdOf(this.headers);
    return this.#id;
  }

  get traceparent(): string | undefined {
    const sent = this.headers['traceparent'];
    return typeof sent === 'string' ? sent : undefined;
  }
}
