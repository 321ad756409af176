import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Authenticator } from '../../authentication/authenticator.ts';
import { formatErrors, formatResult } from '../../gate/format-result.ts';
import { checkGateOptions, type GateOptions } from '../../gate/gate-options.ts';
import { joinObservers } from '../../gate/join-observers.ts';
import { maskUnexpectedErrors } from '../../gate/mask-errors.ts';
import type { GateObserver } from '../../gate/observer.ts';
import { RateChecker, type RateLimiter } from '../../gate/rate-limit.ts';
import type { ReportRefusal } from '../../gate/refusal-events.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import {
  type ConcurrencyLimits,
  findConcurrencyProblems,
  type PlaceLimits,
  resolveLimits,
} from '../../streams/concurrency-limiter.ts';
import { streamError } from '../../streams/stream-error.ts';
import { connectionCredentials } from './connection-credentials.ts';
import { createSchemaEngine, type Engine } from './schema-engine.ts';
import { badMessage } from './web-socket-close.ts';
import type { WebSocketExtra } from './web-socket-connection.ts';
import { WebSocketConnections } from './web-socket-connections.ts';
import {
  type EnvelopedYoga,
  type MaskError,
  WebSocketOperations,
} from './web-socket-operations.ts';

/** Options for `webSocketOptions` with each server. */
export interface CommonWebSocketOptions {
  /** The authenticator of the server. */
  readonly authenticator: Pick<Authenticator, 'authenticate' | 'checkRevocation'>;
  /**
   * How many connections can be open at the same time: 100 for one viewer, 10,000 in total by
   * default. `perViewer` also limits the operations that run at the same time on one connection.
   */
  readonly connections?: Partial<ConcurrencyLimits & PlaceLimits>;
  /** The clock by which connections end with their tokens. Default: the system's. */
  readonly clock?: Clock;
  /**
   * Masks unexpected errors that arise before an operation executes. With a schema, it is also called with
   * each error of a result, and with what the source of a subscription throws, and returns those that clients
   * may see as they are. What it replaces is logged. With Yoga, pass the one of its `maskedErrors`. Default:
   * `maskUnexpectedErrors`, with the ids in the log.
   */
  readonly maskError?: MaskError;
  /**
   * Called once for each refused connection, and for each operation that a limit of its connection
   * prevents. With a schema, also for each refusal of rules, and of subscriptions. With Yoga, these are
   * reported by `useAuth({ onRefusal })`: pass the same function to both. Default: not reported.
   */
  readonly onRefusal?: ReportRefusal;
  /**
   * Counts each connection, and each operation of it, like an HTTP request: pass the same object as to the
   * server. A connection beyond a limit is closed with 1013, an operation gets the error `RATE_LIMITED`.
   * Default: no limits.
   */
  readonly rateLimit?: RateLimiter;
  /**
   * Called with the authentication of each connection and, with a schema, with the steps of each operation.
   * With Yoga, pass the same observers to `useAuth`. Default: none.
   */
  readonly observers?: readonly GateObserver[];
}

/** Options for `webSocketOptions` beside Yoga. */
export interface YogaWebSocketOptions extends CommonWebSocketOptions {
  /** A Yoga with `useAuth` among its plugins. */
  readonly yoga: EnvelopedYoga;
}

/** Options for `webSocketOptions` beside any other server. */
export interface SchemaWebSocketOptions
  extends CommonWebSocketOptions,
    Pick<GateOptions, 'refuse' | 'limits'> {
  /** The result of `guardSchema`. */
  readonly schema: GraphQLSchema;
  /**
   * Creates the context of an operation. Its own members are copied, and `viewer` is added. The request
   * has the headers of the one that was upgraded. Default: `viewer` only.
   */
  readonly context?: (request: Request) => Promise<object> | object;
  /** Gets unexpected errors, and those that policies throw. Default: `console`. */
  readonly logger?: { error(...parts: unknown[]): void };
}

/** Options for `webSocketOptions`. */
export type WebSocketOptions = YogaWebSocketOptions | SchemaWebSocketOptions;

/** The result of `webSocketOptions`: options for graphql-ws, and `stop`. */
export interface WebSocketServerOptions
  extends ServerOptions<Record<string, unknown>, WebSocketExtra> {
  /**
   * Accepts no more connections and operations, and closes each connection with 1001 when its
   * running operations have finished. Ends subscriptions; those of Yoga are ended by `yoga.dispose()`.
   */
  stop(): void;
}

/** Bytes that a client can leave unread before its connection is terminated. */
const maxUnreadBytes = 8 * 1024 * 1024;
/** Characters of the id of an operation, which is kept while it runs. */
export const maxIdLength = 256;

/**
 * Creates options for graphql-ws, so that operations over WebSocket follow the same rules as over
 * HTTP. They are run by a Yoga with `useAuth`, or by graphql with a guarded schema, beside any server.
 * Each connection is authenticated once, at `connection_init`; each operation
 * is checked before it executes.
 *
 * The credentials are those of the upgraded request, where `tokenFrom` reads them, or members of the payload of
 * `connection_init`, which is not kept. A DPoP proof is made for the upgraded request: its method
 * is `GET`. When the token expires or is revoked, subscriptions end with a final error, and the
 * connection is closed with 4403.
 *
 * Anonymous viewers share half of all connections. An anonymous connection without operations is
 * closed after a minute, and one whose client leaves more than 8 MiB unread is terminated.
 *
 * Not checked: the size of messages, for which you set `maxPayload` of `ws`, 100 MiB by default; and the
 * `Origin` of the request, unless its token is in a cookie or a header of its own: check it before the
 * upgrade.
 *
 * @throws {TypeError} If an option is wrong or unknown, or if `schema` is not the result of `guardSchema`.
 *
 * @example
 * ```ts
 * import { useServer } from 'graphql-ws/use/ws';
 * import { WebSocketServer } from 'ws';
 *
 * const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: 100_000 });
 * useServer(webSocketOptions({ schema: guardSchema(schema), authenticator }), sockets);
 * ```
 */
export function webSocketOptions(options: WebSocketOptions): WebSocketServerOptions {
  return createWebSocketOptions(options);
}

/**
 * Creates what `webSocketOptions` returns.
 *
 * @param prepare Called with the payload of each operation that has been counted, before it runs: changes
 *   it, or returns the error of one that must not run.
 */
export function createWebSocketOptions(
  options: WebSocketOptions,
  prepare: (payload: SubscribePayload) => GraphQLError | undefined = () => undefined,
): WebSocketServerOptions {
  checkOptions(options);
  const { authenticator, clock = systemClock } = options;
  const logger = 'yoga' in options ? options.yoga.logger : (options.logger ?? console);
  const reportError = (...parts: unknown[]): void => logger?.error(...parts);
  const mask = createMask(options.maskError, reportError);
  const { yoga, stop }: Engine =
    'yoga' in options
      ? { yoga: options.yoga, stop() {} }
      : createSchemaEngine({ ...options, clock, reportError, mask });
  const limits = resolveLimits(options.connections);
  const { refusals: reporter, beginStep } = joinObservers(options);
  const rates = options.rateLimit && new RateChecker(options.rateLimit, reporter);
  const connections = new WebSocketConnections({
    authenticator,
    limits,
    clock,
    reportError,
    reporter,
    rates,
    beginStep,
  });
  const operations = new WebSocketOperations(yoga, mask);

  return {
    onConnect: (context) => connections.open(context),

    onClose: (context) => connections.close(context),

    onPing: ({ extra }) => terminateIfUnread(extra),

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
        if (rejection !== 'stopping') reporter?.stream(rejection, connection.viewer, payload);
        return [streamError(rejection)];
      }
      const outcome = await operations.run(connection, payload, async () => {
        const credentials = connectionCredentials(context.extra.request);
        const limited = await rates?.checkOperation(credentials, connection.viewer, payload);
        return limited ?? prepare(payload);
      });
      if (Array.isArray(outcome)) connection.finish();
      return outcome;
    },

    execute: (args) => operations.resultOf(args),
    subscribe: (args) => operations.resultOf(args),

    onNext({ extra }, _id, _payload, _args, result) {
      terminateIfUnread(extra);
      return formatResult(result);
    },

    onError({ extra }, _id, _payload, errors) {
      terminateIfUnread(extra);
      return formatErrors(errors, false);
    },

    onComplete(context) {
      connections.of(context)?.finish();
    },

    stop() {
      connections.stop();
      stop();
    },
  };
}

/** Creates what masks errors and logs those that it replaces, by default with the ids that clients get. */
function createMask(
  maskError: MaskError | undefined,
  log: (...parts: unknown[]) => void,
): (error: unknown) => GraphQLError {
  const maskByDefault = maskUnexpectedErrors({
    report: (error, id) => log(`Unexpected error ${id}:`, error),
  });
  return (error) => {
    const masked = maskError?.(error, 'Unexpected error.') ?? maskByDefault(error);
    if (maskError !== undefined && masked !== error) log(error);
    if (masked instanceof GraphQLError) return masked;
    const path = error instanceof GraphQLError ? error.path : undefined;
    return new GraphQLError(masked.message, { path });
  };
}

/** Called before each message: terminates a connection whose client has stopped reading. */
function terminateIfUnread({ socket }: WebSocketExtra): void {
  if ((socket.bufferedAmount ?? 0) > maxUnreadBytes) socket.terminate?.();
}

const common: Readonly<Record<keyof CommonWebSocketOptions, true>> = {
  authenticator: true,
  connections: true,
  clock: true,
  maskError: true,
  onRefusal: true,
  rateLimit: true,
  observers: true,
};

const own: Readonly<Record<Exclude<keyof SchemaWebSocketOptions, keyof typeof common>, true>> = {
  schema: true,
  context: true,
  logger: true,
  refuse: true,
  limits: true,
};

/** @throws {TypeError} */
function checkOptions(options: WebSocketOptions): void {
  const others = 'yoga' in options ? ['yoga'] : Object.keys(own);
  const names = [...Object.keys(common), ...others];
  const problems = findConcurrencyProblems('connections', options.connections);
  checkGateOptions('webSocketOptions', options, names, problems);
}
