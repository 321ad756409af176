import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { OperationResult, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { YogaServerInstance } from 'graphql-yoga';
import { AuthError } from '../authentication/auth-error.ts';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { Viewer } from '../authentication/viewer.ts';
import { formatErrors, formatResult } from '../gate/format-result.ts';
import { type Clock, systemClock } from './clock.ts';
import { connectionCredentials } from './connection-credentials.ts';
import { connectionContext } from './connection-viewer.ts';
import { type PlaceLimits, Places } from './places.ts';
import { streamError } from './stream-error.ts';
import { defaultStreamLimits } from './stream-limits.ts';
import { isStream } from './streams.ts';
import type { AuthContext } from './use-auth.ts';
import { closeCodeOf, closeReason, tryAgainLater } from './web-socket-close.ts';
import { WebSocketConnection, type WebSocketExtra } from './web-socket-connection.ts';

/** What Yoga has for each operation. */
type Enveloped = ReturnType<YogaServerInstance<object, AuthContext>['getEnveloped']>;

/** How GraphQL over WebSocket is authenticated and bounded. */
export interface WebSocketOptions {
  /** A Yoga with `useAuth` among its plugins. */
  readonly yoga: { getEnveloped(context: object): Enveloped };
  /** The one that `useAuth` has. */
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  /**
   * How many connections may be open at once, of one viewer and in all; and how many operations may
   * run at once on each, as many as connections of one viewer. Default: 100 and 10,000.
   */
  readonly connections?: Partial<PlaceLimits>;
  /** The clock by which connections end with their tokens. Default: the system's. */
  readonly clock?: Clock;
}

/**
 * The options by which graphql-ws runs operations over WebSocket as `useAuth` has them run over
 * HTTP: one verification for each connection, at `connection_init`; the same refusals before
 * anything executes; the same guards, the same masking of errors.
 *
 * The credentials are those of the request that was upgraded, or members of the payload of
 * `connection_init`. A DPoP proof is for that request: `GET`, and its URL. When the token ends, so
 * do the subscriptions, each with one last error, and then the connection, with 4403.
 *
 * Not checked: the `Origin` of the request. Check it before the upgrade.
 */
export function webSocketOptions(
  options: WebSocketOptions,
): ServerOptions<Record<string, unknown>, WebSocketExtra> {
  const { yoga, authenticator, clock = systemClock } = options;
  const limits = { ...defaultStreamLimits, ...options.connections };
  const places = new Places(limits);
  const connections = new WeakMap<object, WebSocketConnection>();
  const closed = new WeakSet<object>();
  const results = new WeakMap<ExecutionArgs, OperationResult>();
  const resultOf = (args: ExecutionArgs): OperationResult =>
    results.get(args) ?? { errors: [new GraphQLError('The operation was not run.')] };

  return {
    async onConnect(context) {
      const { socket, request } = context.extra;
      let viewer: Viewer;
      try {
        viewer = await authenticator.authenticate(
          connectionCredentials(request, context.connectionParams),
        );
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        socket.close(closeCodeOf[error.code], closeReason(error));
        return false;
      }
      const place = places.take(viewer);
      if (place.kind === 'full') {
        socket.close(tryAgainLater, 'Too many connections are open: close one first.');
        return false;
      }
      const connection = new WebSocketConnection(context.extra, viewer, clock, place.leave);
      if (closed.has(context)) connection.leave();
      else connections.set(context, connection);
      return true;
    },

    onClose(context) {
      closed.add(context);
      connections.get(context)?.leave();
    },

    async onSubscribe(context, _id, payload) {
      const connection = connections.get(context);
      if (connection === undefined) return [streamError('stopping')];
      if (connection.isOver()) return [streamError('token_expired')];
      if (connection.running >= limits.perViewer) return [streamError('too_many_of_viewer')];
      connection.running += 1;
      const outcome = await run(connection, payload).catch((error: unknown) => {
        connection.finish();
        throw error;
      });
      if (Array.isArray(outcome)) connection.finish();
      return outcome;
    },

    execute: resultOf,
    subscribe: resultOf,

    onNext: (_context, _id, _payload, _args, result) => formatResult(result),

    onError: (_context, _id, _payload, errors) => formatErrors(errors, false),

    onComplete(context) {
      connections.get(context)?.finish();
    },
  };

  /** Runs an operation as Yoga does. What is refused before it begins comes as errors. */
  async function run(
    { viewer, request }: WebSocketConnection,
    { query, operationName, variables }: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped({
      ...connectionContext(viewer),
      request,
      params: { query, operationName, variables },
    });
    try {
      const document = parse(query);
      const faults: readonly GraphQLError[] = validate(schema, document);
      if (faults.length > 0) return [...faults];
      const operation = getOperationAST(document, operationName);
      if (!operation) return [new GraphQLError('The document has no such operation.')];
      const args: ExecutionArgs = {
        schema,
        document,
        operationName: operationName ?? null,
        variableValues: variables ?? {},
        contextValue: await contextFactory(),
      };
      const isSubscription = operation.operation === 'subscription';
      const result: ExecutionResult | AsyncIterable<ExecutionResult> = await (isSubscription
        ? subscribe(args)
        : execute(args));
      if (!isStream(result) && result.data === undefined && result.errors) {
        return [...result.errors];
      }
      results.set(args, result);
      return args;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }
}
