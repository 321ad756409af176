import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CloseCode } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Clock } from '../shared/clock.ts';
import { admitMessage } from './admit-message.ts';
import { takenFrom } from './connections.ts';
import type { UnreadBytes } from './unread-bytes.ts';

/** What the sockets of a server share. */
export interface SocketServer {
  readonly clock: Clock;
  readonly unread: UnreadBytes;
  /** Called when a connection breaks. It closes by itself. */
  readonly reportBreak: (error: unknown) => void;
}

/** Milliseconds after which a connection that sends no `connection_init` is closed. */
const initPatience = 3000;
/** Milliseconds between two pings. */
const heartbeat = 12_000;
/** Bytes of a message before the connection is acknowledged: room for a token and a proof. */
const mostBeforeInit = 16_384;
/** Bytes that wait for a client before no more messages are read from it. */
const mostWaiting = 16_384;
/** The close code of messages that are too large (RFC 6455 §7.4.1). */
const tooLarge = 1009;

type Data = Parameters<WebSocket['send']>[0];
type Callback = (error?: Error) => void;
type SendOptions = Parameters<WebSocket['send']>[1];

/**
 * One WebSocket, as graphql-ws is given it. It is pinged; it passes on only messages that graphql-ws
 * can answer without closing the connection for its own mistake; and while its client does not read,
 * nothing is read from it. A client that reads nothing for two pings is ended; a slow one is not.
 */
export class ApiSocket extends WebSocket {
  #server: SocketServer | undefined;
  #isInitialized = false;
  #unanswered = 0;
  #challenge = Buffer.alloc(0);
  #taken = '';

  /** Begins to watch the connection. Call it before the first message can come. */
  attend(server: SocketServer, connection: Socket): void {
    this.#server = server;
    const { clock } = server;
    const cancelWait = clock.setTimer(initPatience, () => {
      if (this.#isInitialized) return;
      this.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    });
    let cancelBeat = (): void => {};
    const beat = (): void => {
      this.#beat(takenFrom(connection));
      cancelBeat = clock.setTimer(heartbeat, beat);
    };
    cancelBeat = clock.setTimer(heartbeat, beat);
    this.once('close', () => {
      cancelWait();
      cancelBeat();
    });
  }

  /** The client has sent `connection_init`. */
  initialize(): void {
    this.#isInitialized = true;
  }

  override emit(event: string | symbol, ...details: unknown[]): boolean {
    switch (event) {
      case 'message':
        return this.#receive(details[0]);
      case 'pong':
        this.#hear(details[0]);
        break;
      case 'error':
        this.#server?.reportBreak(details[0]);
        return true;
    }
    return super.emit(event, ...details);
  }

  override send(data: Data, options?: SendOptions | Callback, callback?: Callback): void {
    const done = typeof options === 'function' ? options : callback;
    if (this.readyState !== WebSocket.OPEN) {
      done?.();
      return;
    }
    const before = this.bufferedAmount;
    super.send(data, typeof options === 'object' ? options : {}, () => {
      if (waiting > 0) this.#drain(waiting);
      // Where the client has gone, `close` says so: for graphql-ws it is no error of the server.
      done?.();
    });
    const waiting = this.bufferedAmount - before;
    if (waiting > 0) this.#server?.unread.add(this, waiting);
    if (this.bufferedAmount > mostWaiting) this.pause();
  }

  #receive(data: unknown): boolean {
    if (this.readyState !== WebSocket.OPEN) return false;
    try {
      return this.#pass(String(data));
    } catch (error) {
      // It would leave the parser of the connection, and end the process.
      this.#server?.reportBreak(error);
      this.close(CloseCode.BadRequest, 'Invalid message received');
      return false;
    }
  }

  /** Gives graphql-ws what it is to see of a message. */
  #pass(text: string): boolean {
    if (!this.#isInitialized && Buffer.byteLength(text) > mostBeforeInit) {
      this.close(tooLarge, 'A connection begins with less than 16 KiB.');
      return false;
    }
    const admitted = admitMessage(text);
    if (admitted !== undefined) return super.emit('message', admitted, false);
    this.close(CloseCode.BadRequest, 'Invalid message received');
    return false;
  }

  /** What was waiting is sent, or never will be. */
  #drain(bytes: number): void {
    this.#server?.unread.remove(this, bytes);
    if (this.isPaused && this.bufferedAmount <= mostWaiting) this.resume();
  }

  /** @param taken How far the client has come in taking what it was sent. */
  #beat(taken: string): void {
    if (this.readyState !== WebSocket.OPEN) return;
    // Where something waits, the last ping waits behind it.
    if (this.bufferedAmount > 0 && taken !== this.#taken) this.#unanswered = 0;
    this.#taken = taken;
    if (this.#unanswered >= (this.bufferedAmount > 0 ? 2 : 1)) {
      this.terminate();
      return;
    }
    this.#unanswered += 1;
    this.#challenge = randomBytes(4);
    this.ping(this.#challenge);
  }

  /** Only a client that reads knows what it is asked. */
  #hear(answer: unknown): void {
    if (Buffer.isBuffer(answer) && answer.equals(this.#challenge)) this.#unanswered = 0;
  }
}
