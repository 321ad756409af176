import { safeReport } from '../../shared/safe-report.ts';
import { connectToRedis, type RedisOptions } from './redis-client.ts';

/** Options for `createRedisEventTarget`. */
export interface RedisEventTargetOptions extends RedisOptions {
  /** The prefix of channels; the type of the event follows. Default `events:`. */
  readonly prefix?: string;
  /**
   * Bytes of the largest event, as JSON. Larger ones are not dispatched at all, and larger messages of
   * others are dropped. Default 262,144 (256 KiB).
   */
  readonly maxEventBytes?: number;
  /**
   * Called with what a listener throws, and with the reason why an event was not published. Default:
   * does nothing.
   */
  readonly onError?: (error: unknown) => void;
}

/** An event target that several instances share. */
export interface RedisEventTarget extends EventTarget {
  /** Dispatches an event with a `detail`, here and at all other instances. */
  dispatchEvent(event: Event & { readonly detail?: unknown }): boolean;
  /**
   * Resolves once events of this type that other instances dispatch from now on arrive here, given
   * that there is a listener. Resolves as well if Redis is unreachable, or does not reply within `timeout`.
   */
  listening(type: string): Promise<void>;
  /** The number of events that were dispatched here and could not be published. For metrics. */
  readonly unpublished: number;
  /** Closes the connection. */
  close(): void;
}

type Listener = Parameters<EventTarget['addEventListener']>[1] & {};

/** Bytes that wait for Redis to take them. Further events are not published. */
const maxPendingBytes = 16 * 1024 * 1024;

/**
 * Creates an event target for Yoga's `createPubSub` that several instances share through Redis (6.0 or
 * newer): listeners of all instances get each event once. The detail of an event must survive JSON.
 *
 * Listeners of this instance get an event immediately, whether or not Redis is available. All others get
 * it if they are connected at that time: Redis Pub/Sub stores nothing. So let clients load what they may
 * have missed when they subscribe again.
 *
 * One connection publishes and listens. The returned promise does not wait for it: it is opened in the
 * background, and reopened whenever it is lost or silent for 15 seconds. A channel is subscribed to while
 * there are listeners.
 *
 * Not checked: who publishes. Every client of this Redis can publish events.
 *
 * @throws {Error} If the package `redis` is not installed.
 *
 * @example
 * ```ts
 * const eventTarget = await createRedisEventTarget({
 *   url: 'rediss://user:password@redis.example.com',
 *   onConnectionError: (error) => console.warn(error),
 * });
 * const events = createPubSub<{ news: [{ text: string }] }>({ eventTarget });
 * ```
 */
export async function createRedisEventTarget(
  options: RedisEventTargetOptions,
): Promise<RedisEventTarget> {
  const { prefix = 'events:', maxEventBytes = 262_144, onConnection = () => {} } = options;
  const report = safeReport(options.onError);
  /** Tells our own messages, which listeners have got already, from those of others. */
  const origin = crypto.randomUUID();
  const listeners = new Map<string, Set<Listener>>();
  /** The types whose channels Redis has confirmed. The client subscribes to them again by itself. */
  const confirmed = new Set<string>();
  let pendingBytes = 0;
  let unpublished = 0;

  const { client, receive, close } = await connectToRedis('createRedisEventTarget', {
    ...options,
    heartbeatMs: 5_000,
    onConnection() {
      for (const type of new Set([...listeners.keys(), ...confirmed])) void subscribeAsNeeded(type);
      onConnection();
    },
  });

  /** Subscribes to the channel of a type while it has listeners. Done again with each connection. */
  async function subscribeAsNeeded(type: string): Promise<void> {
    if (!client.isReady) return;
    try {
      if (listeners.has(type)) {
        await receive(client.subscribe(prefix + type, onMessage));
        confirmed.add(type);
      } else {
        await receive(client.unsubscribe(prefix + type, onMessage));
        confirmed.delete(type);
      }
    } catch {
      // The connection is lost, or will be found silent. The next one begins with this again.
    }
  }

  function onMessage(message: string, channel: string): void {
    // A character is at least one byte.
    if (message.length > maxEventBytes + origin.length + 5) return;
    const event = parseMessage(message);
    if (event === undefined || event.origin === origin) return;
    callListeners(new CustomEvent(channel.slice(prefix.length), { detail: event.detail }));
  }

  function callListeners(event: Event): void {
    for (const listener of [...(listeners.get(event.type) ?? [])]) {
      try {
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      } catch (error) {
        report(error);
      }
    }
  }

  function publish(type: string, detail: string): void {
    const bytes = Buffer.byteLength(detail);
    if (!client.isReady || pendingBytes + bytes > maxPendingBytes) {
      unpublished += 1;
      return;
    }
    pendingBytes += bytes;
    client
      .publish(prefix + type, `["${origin}",${detail}]`)
      .catch((error: unknown) => {
        unpublished += 1;
        report(error);
      })
      .finally(() => {
        pendingBytes -= bytes;
      });
  }

  return {
    addEventListener(type, listener) {
      if (listener === null) return;
      const ofType = listeners.get(type);
      if (ofType) {
        ofType.add(listener);
        return;
      }
      listeners.set(type, new Set([listener]));
      void subscribeAsNeeded(type);
    },
    removeEventListener(type, listener) {
      const ofType = listeners.get(type);
      if (listener === null || !ofType?.delete(listener) || ofType.size > 0) return;
      listeners.delete(type);
      void subscribeAsNeeded(type);
    },
    dispatchEvent(event) {
      const detail = JSON.stringify(event.detail ?? null);
      if (Buffer.byteLength(detail) > maxEventBytes) {
        unpublished += 1;
        report(new RangeError(`An event "${event.type}" is larger than ${maxEventBytes} bytes.`));
        return true;
      }
      callListeners(event);
      publish(event.type, detail);
      return true;
    },
    listening: (type) => (confirmed.has(type) ? Promise.resolve() : subscribeAsNeeded(type)),
    get unpublished() {
      return unpublished;
    },
    close,
  };
}

/** Undefined if it is malformed: anyone who can connect to this Redis can publish. */
function parseMessage(text: string): { origin: string; detail: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [origin, detail]: readonly unknown[] = value;
    return typeof origin === 'string' ? { origin, detail } : undefined;
  } catch {
    return undefined;
  }
}
