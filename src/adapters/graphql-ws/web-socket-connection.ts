import { AuthError } from '../../authentication/auth-error.ts';
import type { Viewer } from '../../authentication/viewer.ts';
import { type Clock, scheduleAt } from '../../shared/clock.ts';
import type { StreamEndReason } from '../../streams/stream-error.ts';
import type { UpgradeRequest } from './connection-credentials.ts';
import { closeCodeOf, closeReason, goingAway, normalClosure } from './web-socket-close.ts';

/** What graphql-ws is to know of each connection. Its `useServer` for `ws` gives it. */
export interface WebSocketExtra {
  readonly socket: {
    close(code: number, reason: string): void;
    /** Ends the connection without a handshake. */
    terminate?(): void;
    /** Bytes that the client has not taken yet. */
    readonly bufferedAmount?: number;
    once?(event: 'close', listener: () => void): unknown;
  };
  readonly request: UpgradeRequest;
}

/** Milliseconds that operations have to finish once the token of their connection has ended. */
const expiryPatience = 5000;
/** Milliseconds after which an anonymous connection without operations is closed. */
const anonymousPatience = 60_000;

/** How a connection is ended once its operations have been answered. */
interface Ending {
  readonly reason: Extract<StreamEndReason, 'token_expired' | 'stopping'>;
  readonly close: () => void;
}

/** What a connection is given beside its viewer. */
interface ConnectionSettings {
  readonly clock: Clock;
  /** How many operations may run at once. */
  readonly mostOperations: number;
  /** Gives its place back. */
  readonly releaseSlot: () => void;
}

/** A connection whose viewer is known. */
export class WebSocketConnection {
  readonly viewer: Viewer;
  /**
   * What contexts have as their request: the headers of the one that was upgraded, as a POST, since
   * operations over WebSocket are no GETs.
   */
  readonly request: Request;

  readonly #socket: WebSocketExtra['socket'];
  readonly #clock: Clock;
  readonly #mostOperations: number;
  readonly #releaseSlot: () => void;
  #running = 0;
  #ending: Ending | undefined;
  #cancelExpiry: () => void = () => {};
  #cancelIdle: () => void = () => {};

  constructor(
    { socket, request }: WebSocketExtra,
    viewer: Viewer,
    { clock, mostOperations, releaseSlot }: ConnectionSettings,
  ) {
    this.viewer = viewer;
    this.request = requestOf(request);
    this.#socket = socket;
    this.#clock = clock;
    this.#mostOperations = mostOperations;
    this.#releaseSlot = releaseSlot;
    this.#waitForOperations();
    if (viewer.kind === 'authenticated') {
      this.#cancelExpiry = scheduleAt(viewer.expiresAt, () => this.#expire(), clock);
    }
  }

  /** Counts an operation that begins, or says why it must not. */
  begin(): StreamEndReason | undefined {
    if (this.#ending) return this.#ending.reason;
    const { viewer } = this;
    if (viewer.kind === 'authenticated' && this.#clock.now() >= viewer.expiresAt) {
      return 'token_expired';
    }
    if (this.#running >= this.#mostOperations) return 'too_many_of_viewer';
    this.#running += 1;
    this.#cancelIdle();
    return undefined;
  }

  /** An operation that was counted has ended. */
  finish(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    // The message that says so is sent after this.
    if (this.#ending) setImmediate(this.#ending.close);
    else this.#waitForOperations();
  }

  /** Closes the connection as soon as its operations have been answered, and begins no more. */
  stop(): void {
    this.#end('stopping', () => this.#socket.close(goingAway, 'The server is shutting down.'));
  }

  /** The socket is closed. Once more does no harm. */
  leave(): void {
    this.#releaseSlot();
    this.#cancelExpiry();
    this.#cancelIdle();
  }

  #expire(): void {
    const error = new AuthError('token_expired');
    const close = (): void => this.#socket.close(closeCodeOf[error.code], closeReason(error));
    this.#end('token_expired', close);
    if (this.#running > 0) this.#cancelExpiry = this.#clock.setTimer(expiryPatience, close);
  }

  #end(reason: Ending['reason'], close: () => void): void {
    this.#ending = { reason, close };
    this.#cancelIdle();
    if (this.#running === 0) close();
  }

  #waitForOperations(): void {
    if (this.viewer.kind === 'authenticated') return;
    this.#cancelIdle = this.#clock.setTimer(anonymousPatience, () =>
      this.#socket.close(normalClosure, 'Idle for a minute. Connect again when needed.'),
    );
  }
}

/** Only path and query of the target are the client's to choose. */
function requestOf({ url = '/', rawHeaders }: UpgradeRequest): Request {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  const target = new URL('http://localhost');
  if (URL.canParse(url, target)) {
    const { pathname, search } = new URL(url, target);
    target.pathname = pathname;
    target.search = search;
  }
  return new Request(target, { method: 'POST', headers });
}
