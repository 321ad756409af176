import { AuthError } from '../authentication/auth-error.ts';
import type { Viewer } from '../authentication/viewer.ts';
import { type Clock, runAt } from './clock.ts';
import type { UpgradeRequest } from './connection-credentials.ts';
import { closeCodeOf, closeReason } from './web-socket-close.ts';

/** What graphql-ws is to know of each connection. Its `useServer` for `ws` gives it. */
export interface WebSocketExtra {
  readonly socket: { close(code: number, reason: string): void };
  readonly request: UpgradeRequest;
}

/** Milliseconds that operations have to finish once the token of their connection has ended. */
const patience = 5000;

/** A connection whose viewer is known. */
export class WebSocketConnection {
  readonly viewer: Viewer;
  /**
   * What contexts have as their request: the headers of the one that was upgraded, as a POST, since
   * operations over WebSocket are no GETs.
   */
  readonly request: Request;
  /** How many operations are. */
  running = 0;

  readonly #socket: WebSocketExtra['socket'];
  readonly #clock: Clock;
  readonly #leavePlace: () => void;
  #isOver = false;
  #cancel: () => void = () => {};

  constructor(
    { socket, request }: WebSocketExtra,
    viewer: Viewer,
    clock: Clock,
    leavePlace: () => void,
  ) {
    this.viewer = viewer;
    this.request = requestOf(request);
    this.#socket = socket;
    this.#clock = clock;
    this.#leavePlace = leavePlace;
    if (viewer.kind === 'authenticated') {
      this.#cancel = runAt(viewer.expiresAt, () => this.#end(), clock);
    }
  }

  /** Whether the token has ended. */
  isOver(): boolean {
    const { viewer } = this;
    return (
      this.#isOver || (viewer.kind === 'authenticated' && this.#clock.now() >= viewer.expiresAt)
    );
  }

  /** An operation has ended. */
  finish(): void {
    this.running -= 1;
    // What tells the client so is yet to be sent.
    if (this.#isOver && this.running === 0) setImmediate(() => this.#close());
  }

  /** The socket is closed. */
  leave(): void {
    this.#cancel();
    this.#leavePlace();
  }

  #end(): void {
    this.#isOver = true;
    if (this.running === 0) this.#close();
    else this.#cancel = this.#clock.after(patience, () => this.#close());
  }

  #close(): void {
    const error = new AuthError('token_expired');
    this.#socket.close(closeCodeOf[error.code], closeReason(error));
  }
}

function requestOf({ url, rawHeaders }: UpgradeRequest): Request {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  const base = 'http://localhost';
  const target = URL.canParse(url ?? '/', base) ? new URL(url ?? '/', base) : base;
  return new Request(target, { method: 'POST', headers });
}
