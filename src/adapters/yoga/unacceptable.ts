import { type ExecutionResult, GraphQLError } from 'graphql';

/** The response to a client that takes no media type of those that can hold a stream. */
export function unacceptableStream(): ExecutionResult {
  return unacceptable(
    'This operation returns a stream. Send Accept: text/event-stream or use WebSocket.',
  );
}

/** The response to a client that takes no media type of GraphQL. */
export function unacceptableResult(): ExecutionResult {
  return unacceptable('The response is JSON. Send Accept: application/json.');
}

function unacceptable(message: string): ExecutionResult {
  const error = new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
  return { errors: [error], extensions: { http: { status: 406 } } };
}
