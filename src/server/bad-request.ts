import { GraphQLError } from 'graphql';

/** A request that GraphQL over HTTP cannot take: one clear sentence, with its status. */
export function badRequest(
  message: string,
  status = 400,
  headers: Readonly<Record<string, string>> = {},
): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'BAD_REQUEST', http: { status, headers } },
  });
}
