import { type ExecutionResult, GraphQLError } from 'graphql';

/** The answer to whoever asks for a stream and takes no media type that can hold one. */
export function unacceptableStream(): ExecutionResult {
  const error = new GraphQLError(
    'The result comes in parts: send Accept: text/event-stream, or use WebSocket.',
    { extensions: { code: 'BAD_REQUEST' } },
  );
  return { errors: [error], extensions: { http: { status: 406 } } };
}
