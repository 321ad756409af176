import { AuthError } from '../../authentication/auth-error.ts';
import type { Viewer } from '../../authentication/viewer.ts';
import { type Clock, scheduleAt } from '../../shared/clock.ts';
import type { RevocationSweep } from '../../streams/revocation-sweep.ts';
import type { StreamEndReason, TokenEndReason } from '../../streams/stream-error.ts';
import type { UpgradeRequest } from './connection-credentials.ts';
import { closeCodeOf, closeReason, goingAway, normalClosure } from './web-socket-close.ts';

/** The `extra` of a connection of graphql-ws, as its `useServer` for `ws` supplies it. */
export interface WebSocketExtra {
  readonly socket: {
    close(code: number, reason: string): void;
    /** Closes the connection without a handshake. */
    terminate?(): void;
    /** Bytes that have not been sent yet. */
    readonly bufferedAmount?: number;
    once?(event: 'close', listener: () => void): unknown;
  };
  readonly request: UpgradeRequest;
}

/** How long running operations may take to finish after the token has expired, or was revoked. */
const graceMs: Readonly<Record<TokenEndReason, number>> = {
  token_expired: 5000,
  token_revoked: 1000,
  revocation_unavailable: 1000,
};
/** How long an anonymous connection without operations stays open. */
const anonymousIdleMs = 60_000;

/** How a connection is closed once its operations have finished. */
interface PendingClose {
  readonly reason: TokenEndReason | 'stopping';
  readonly close: () => void;
}

/** Options of a connection besides its viewer. */
interface ConnectionSettings {
  readonly clock: Clock;
  readonly revocations: RevocationSweep;
  /** How many operations can run at the same time. */
  readonly maxOperations: number;
  /** Called when the socket is closed. */
  readonly releaseSlot: () => void;
}

/** A WebSocket connection whose viewer has been authenticated. */
export class WebSocketConnection {
  readonly viewer: Viewer;
  /**
   * The `request` of every context: the headers of the upgraded request, as a POST, because
   * operations over WebSocket are not limited to queries.
   */
  readonly request: Request;

  readonly #socket: WebSocketExtra['socket'];
  readonly #clock: Clock;
  readonly #maxOperations: number;
  readonly #releaseSlot: () => void;
  #running = 0;
  #pendingClose: PendingClose | undefined;
  #cancelExpiry: () => void = () => {};
  #cancelIdle: () => void = () => {};
  #unwatch: () => void = () => {};

  constructor(
    { socket, request }: WebSocketExtra,
    viewer: Viewer,
    { clock, revocations, maxOperations, releaseSlot }: ConnectionSettings,
  ) {
    this.viewer = viewer;
    this.request = requestOf(request);
    this.#socket = socket;
    this.#clock = clock;
    this.#maxOperations = maxOperations;
    this.#releaseSlot = releaseSlot;
    this.#startIdleTimer();
    if (viewer.kind === 'authenticated') {
      this.#cancelExpiry = scheduleAt(viewer.expiresAt, () => this.#end('token_expired'), clock);
    }
    this.#unwatch = revocations.watch(viewer, (reason) => this.#end(reason));
  }

  /** Counts an operation as running, or returns why it must not start. */
  begin(): StreamEndReason | undefined {
    if (this.#pendingClose) return this.#pendingClose.reason;
    const { viewer } = this;
    if (viewer.kind === 'authenticated' && this.#clock.now() >= viewer.expiresAt) {
      return 'token_expired';
    }
    if (this.#running >= this.#maxOperations) return 'too_many_of_viewer';
    this.#running += 1;
    this.#cancelIdle();
    return undefined;
  }

  /** Counts an operation as finished. */
  finish(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    // The message of its completion is sent after this call.
    if (this.#pendingClose) setImmediate(this.#pendingClose.close);
    else this.#startIdleTimer();
  }

  /** Starts no more operations, and closes the connection when the running ones have finished. */
  stop(): void {
    this.#closeWhenIdle('stopping', () =>
      this.#socket.close(goingAway, 'The server is shutting down.'),
    );
  }

  /** Releases everything when the socket is closed. Can be called more than once. */
  release(): void {
    this.#releaseSlot();
    this.#cancelExpiry();
    this.#cancelIdle();
    this.#unwatch();
  }

  #end(reason: TokenEndReason): void {
    this.#unwatch();
    this.#cancelExpiry();
    const error = new AuthError(reason);
    const close = (): void => this.#socket.close(closeCodeOf[error.code], closeReason(error));
    this.#closeWhenIdle(reason, close);
    if (this.#running > 0) this.#cancelExpiry = this.#clock.setTimer(graceMs[reason], close);
  }

  #closeWhenIdle(reason: PendingClose['reason'], close: () => void): void {
    this.#pendingClose = { reason, close };
    this.#cancelIdle();
    if (this.#running === 0) close();
  }

  #startIdleTimer(): void {
    if (this.viewer.kind === 'authenticated') return;
    this.#cancelIdle = this.#clock.setTimer(anonymousIdleMs, () =>
      this.#socket.close(normalClosure, 'Idle for a minute. Connect again when needed.'),
    );
  }
}

/** Clients choose the path and the query of the target, and nothing else. */
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
