import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CloseCode } from 'graphql-ws';
import { WebSocket } from 'ws';
import { maxIdLength } from '../adapters/graphql-ws/web-socket-options.ts';
import type { Clock } from '../shared/clock.ts';
import { isJsonObject } from '../shared/type-guards.ts';
import { sendProgress } from './http/connections.ts';
import type { UnreadBytes } from './http/unread-bytes.ts';

/** State that the sockets of a server share. */
export interface SocketServer {
  readonly clock: Clock;
  readonly unread: UnreadBytes;
  /** Maximum bytes of a message before `connection_init`: room for a token and a proof. */
  readonly maxCredentialBytes: number;
  /** Called when a connection fails. It closes itself. */
  readonly reportError: (error: unknown) => void;
}

/** Milliseconds in which a client must send `connection_init`. */
const initTimeoutMs = 3000;
/** Milliseconds between two pings. */
const pingIntervalMs = 12_000;
/** Buffered bytes above which no more messages are read from a client. */
const highWaterMark = 16_384;
/** The close code for a message that is too large (RFC 6455 §7.4.1). */
const messageTooBig = 1009;

type Data = Parameters<WebSocket['send']>[0];
type Callback = (error?: Error) => void;
type SendOptions = Parameters<WebSocket['send']>[1];

/**
 * A WebSocket of the API. It sends pings, passes to graphql-ws only messages that it handles without
 * an internal error, and reads nothing from a client that does not read. A client that reads nothing
 * for two pings is terminated; a slow one is not.
 */
export class ApiSocket extends WebSocket {
  #server: SocketServer | undefined;
  #maxBytesBeforeInit = 0;
  #isInitialized = false;
  #pendingPings = 0;
  #pingPayload = Buffer.alloc(0);
  #progress = '';

  /** Starts to watch the connection. Call it before the first message can arrive. */
  watch(server: SocketServer, connection: Socket): void {
    this.#server = server;
    this.#maxBytesBeforeInit = server.maxCredentialBytes;
    const { clock } = server;
    const cancelInitTimeout = clock.setTimer(initTimeoutMs, () => {
      if (this.#isInitialized) return;
      this.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    });
    let cancelPing = (): void => {};
    const ping = (): void => {
      this.#pingOrTerminate(sendProgress(connection));
      cancelPing = clock.setTimer(pingIntervalMs, ping);
    };
    cancelPing = clock.setTimer(pingIntervalMs, ping);
    this.once('close', () => {
      cancelInitTimeout();
      cancelPing();
    });
  }

  /** Call it when the client has sent `connection_init`. */
  markInitialized(): void {
    this.#isInitialized = true;
  }

  override emit(event: string | symbol, ...details: unknown[]): boolean {
    switch (event) {
      case 'message':
        return this.#receive(details[0]);
      case 'pong':
        this.#receivePong(details[0]);
        break;
      case 'error':
        this.#server?.reportError(details[0]);
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
      if (added > 0) this.#drain(added);
      // If the client has gone, `close` is emitted: graphql-ws must not report it as a server error.
      done?.();
    });
    const added = this.bufferedAmount - before;
    if (added > 0) this.#server?.unread.add(this, added);
    if (this.bufferedAmount > highWaterMark) this.pause();
  }

  #receive(data: unknown): boolean {
    if (this.readyState !== WebSocket.OPEN) return false;
    try {
      return this.#forward(String(data));
    } catch (error) {
      // Thrown from the parser of the connection, it would end the process.
      this.#server?.reportError(error);
      this.close(CloseCode.BadRequest, 'Invalid message received');
      return false;
    }
  }

  /** Passes a message to graphql-ws. */
  #forward(text: string): boolean {
    if (!this.#isInitialized && Buffer.byteLength(text) > this.#maxBytesBeforeInit) {
      const maxKiB = Math.floor(this.#maxBytesBeforeInit / 1024);
      this.close(messageTooBig, `The first message must not exceed ${maxKiB} KiB.`);
      return false;
    }
    const sanitized = sanitizeMessage(text);
    if (sanitized !== undefined) return super.emit('message', sanitized, false);
    this.close(CloseCode.BadRequest, 'Invalid message received');
    return false;
  }

  /** Called when buffered bytes have been sent or discarded. */
  #drain(bytes: number): void {
    this.#server?.unread.remove(this, bytes);
    if (this.isPaused && this.bufferedAmount <= highWaterMark) this.resume();
  }

  /** @param progress Changes when the client reads. */
  #pingOrTerminate(progress: string): void {
    if (this.readyState !== WebSocket.OPEN) return;
    // The last ping is buffered behind other data: reading counts as a pong.
    if (this.bufferedAmount > 0 && progress !== this.#progress) this.#pendingPings = 0;
    this.#progress = progress;
    if (this.#pendingPings >= (this.bufferedAmount > 0 ? 2 : 1)) {
      this.terminate();
      return;
    }
    this.#pendingPings += 1;
    this.#pingPayload = randomBytes(4);
    this.ping(this.#pingPayload);
  }

  /** The payload proves that the client has read the last ping. */
  #receivePong(payload: unknown): void {
    if (Buffer.isBuffer(payload) && payload.equals(this.#pingPayload)) this.#pendingPings = 0;
  }
}

/**
 * Prepares a message for graphql-ws; undefined if it violates the protocol in a way that graphql-ws
 * would report as an error of the server. A `subscribe` message with an invalid payload becomes one
 * without a query: it then gets an `error` message, where graphql-ws would close the connection.
 *
 * Nothing of unlimited size is serialized again, here or by graphql-ws: deeply nested values overflow
 * the stack of a serializer.
 */
function sanitizeMessage(text: string): string | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return text;
  }
  if (!isJsonObject(message)) return text;
  const { type, id } = message;
  if (typeof type === 'string' && serverMessages.has(type)) return undefined;
  // The pong repeats its payload.
  if (type === 'ping' && isDeeper(message['payload'], maxPingDepth)) return undefined;
  if (type !== 'subscribe') return text;
  if (typeof id !== 'string') return undefined;
  if (id.length > maxIdLength || isValidPayload(message['payload'])) return text;
  return JSON.stringify({ id, type, payload: { query: '' } });
}

/** Maximum nesting of the payload of a `ping` message. */
const maxPingDepth = 100;

/** Types of messages that only servers send. */
const serverMessages = new Set(['connection_ack', 'next', 'error']);

function isValidPayload(payload: unknown): boolean {
  return (
    isJsonObject(payload) &&
    typeof payload['query'] === 'string' &&
    (payload['operationName'] == null || typeof payload['operationName'] === 'string') &&
    (payload['variables'] == null || isJsonObject(payload['variables'])) &&
    (payload['extensions'] == null || isJsonObject(payload['extensions']))
  );
}

/** Whether a value is nested more than so many levels deep; does not look any deeper. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
