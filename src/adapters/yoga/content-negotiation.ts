import { type ExecutionResult, GraphQLError } from 'graphql';
import { connectionViewer } from '../../gate/connection-viewer.ts';
import { acceptedTypes } from '../../shared/accept.ts';

/** Media types for incremental delivery; subscriptions use the first one only. */
export const streamTypes = ['text/event-stream', 'multipart/mixed'] as const;

/**
 * Whether the client of an operation accepts one of these media types (RFC 9110 §12.5.1). WebSocket
 * connections have no media types, and accept every stream.
 */
export function acceptsStream(
  context: { readonly request?: Request },
  types: readonly string[],
): boolean {
  if (connectionViewer(context) !== undefined) return true;
  return acceptedTypes(context.request?.headers.get('accept'), types).length > 0;
}

/** The response to clients that accept no media type for a stream. */
export function streamNotAcceptable(): ExecutionResult {
  return notAcceptable(
    'This operation returns a stream. Send Accept: text/event-stream or use WebSocket.',
  );
}

/** The response to clients that accept no media type for a GraphQL response. */
export function jsonNotAcceptable(): ExecutionResult {
  return notAcceptable('The response is JSON. Send Accept: application/json.');
}

function notAcceptable(message: string): ExecutionResult {
  const error = new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
  return { errors: [error], extensions: { http: { status: 406 } } };
}
