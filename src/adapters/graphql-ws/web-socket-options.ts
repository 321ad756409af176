import { GraphQLError } from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { maskError } from 'graphql-yoga';
import type { Authenticator } from '../../authentication/authenticator.ts';
import { formatErrors, formatResult } from '../../gate/format-result.ts';
import { createRefusalReporter, type ReportRefusal } from '../../gate/refusal-events.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import {
  type ConcurrencyLimits,
  type PlaceLimits,
  resolveLimits,
} from '../../streams/concurrency-limiter.ts';
import { streamError } from '../../streams/stream-error.ts';
import { badMessage } from './web-socket-close.ts';
import type { WebSocketExtra } from './web-socket-connection.ts';
import { WebSocketConnections } from './web-socket-connections.ts';
import {
  type EnvelopedYoga,
  type MaskError,
  WebSocketOperations,
} from './web-socket-operations.ts';

/** How GraphQL over WebSocket is authenticated and bounded. */
export interface WebSocketOptions {
  /** A Yoga with `useAuth` among its plugins. */
  readonly yoga: EnvelopedYoga;
  /** The one that `useAuth` has. */
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  /**
   * How many connections may be open at once, of one viewer and in all; and how many operations may
   * run at once on each, as many as connections of one viewer. Default: 100 and 10,000.
   */
  readonly connections?: Partial<ConcurrencyLimits & PlaceLimits>;
  /** The clock by which connections end with their tokens. Default: the system's. */
  readonly clock?: Clock;
  /**
   * What clients are sent for an error that is not a GraphQL error and arises before an operation
   * executes. Give it what Yoga's `maskedErrors` has. Default: Yoga's own `maskError`.
   */
  readonly maskError?: MaskError;
  /**
   * Called once for each refused connection, and for each operation that a limit of its connection
   * prevents. Everything else is reported by `useAuth({ onRefusal })`: pass the same function to
   * both. Default: not reported.
   */
  readonly onRefusal?: ReportRefusal;
}

/** What `webSocketOptions` makes: options of graphql-ws, and a way to stop. */
export interface WebSocketServerOptions
  extends ServerOptions<Record<string, unknown>, WebSocketExtra> {
  /**
   * Begins no more operations and no more connections, and closes each connection with 1001 as soon
   * as its operations have been answered. Subscriptions are ended by `yoga.dispose()`.
   */
  stop(): void;
}

/** Bytes that a client may leave unread. Beyond them its connection is ended. */
const maxUnreadBytes = 8 * 1024 * 1024;
/** Characters of the id of an operation, which is kept as long as it runs. */
export const maxIdLength = 256;

/**
 * The options by which graphql-ws runs operations over WebSocket as `useAuth` has them run over
 * HTTP: one verification for each connection, at `connection_init`; the same refusals before
 * anything executes; the same guards, the same masking of errors.
 *
 * The credentials are those of the request that was upgraded, or members of the payload of
 * `connection_init`, which is not kept. A DPoP proof is for that request: `GET`, and its URL. When
 * the token ends, so do the subscriptions, each with one last error, and then the connection, with
 * 4403.
 *
 * Anonymous viewers have half of all connections at most, and an anonymous connection without an
 * operation is closed after a minute. A connection that leaves more than 8 MiB unread is ended.
 *
 * Not checked: the `Origin` of the request, and the size of messages. Check the one before the
 * upgrade, and set `maxPayload` of `ws` for the other: its default is 100 MiB.
 */
export function webSocketOptions(options: WebSocketOptions): WebSocketServerOptions {
  const { yoga, authenticator, clock = systemClock } = options;
  const limits = resolveLimits(options.connections);
  const reporter = createRefusalReporter(options.onRefusal);
  const reportError = (error: unknown): void => yoga.logger?.error(error);
  const connections = new WebSocketConnections({
    authenticator,
    limits,
    clock,
    reportError,
    reporter,
  });
  const operations = new WebSocketOperations(yoga, options.maskError ?? maskError);

  return {
    onConnect: (context) => connections.open(context),

    onClose: (context) => connections.close(context),

    onPing: ({ extra }) => endUnread(extra),

    async onSubscribe(context, id, payload) {
      const connection = connections.of(context);
      if (id.length > maxIdLength) {
        context.extra.socket.close(
          badMessage,
          `The id of an operation must not exceed ${maxIdLength} characters.`,
        );
        return [new GraphQLError('The id of the operation is too long.')];
      }
      if (connection === undefined) return [streamError('stopping')];
      const rejection = connection.begin();
      if (rejection !== undefined) {
        if (rejection !== 'stopping') reporter?.stream(rejection, connection.viewer);
        return [streamError(rejection)];
      }
      const outcome = await operations.run(connection, payload);
      if (Array.isArray(outcome)) connection.finish();
      return outcome;
    },

    execute: (args) => operations.resultOf(args),
    subscribe: (args) => operations.resultOf(args),

    onNext({ extra }, _id, _payload, _args, result) {
      endUnread(extra);
      return formatResult(result);
    },

    onError({ extra }, _id, _payload, errors) {
      endUnread(extra);
      return formatErrors(errors, false);
    },

    onComplete(context) {
      connections.of(context)?.finish();
    },

    stop: () => connections.stop(),
  };
}

/** Before something is sent: ends a connection whose client has stopped reading. */
function endUnread({ socket }: WebSocketExtra): void {
  if ((socket.bufferedAmount ?? 0) > maxUnreadBytes) socket.terminate?.();
}
