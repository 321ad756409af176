import { GraphQLError } from 'graphql';

/**
 * A request error without the "Did you mean" that GraphQL.js ends its messages with: it names
 * whatever the schema has, whoever asks, and what it finds for one viewer is kept for the next.
 */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ Did you mean [^?]*\?(?= |$)/, '');
  if (message === error.message) return error;
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions: error.extensions,
  });
}
