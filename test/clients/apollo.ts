import {
  ApolloClient,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
  ServerError,
} from '@apollo/client';
import { type Ask, type Body, isMutation, type SeenError } from './client.ts';
import { openWire } from './wire.ts';

/** Errors are in `error`: with `errorPolicy: 'all'` beside the data, where there is some. */
export const askWithApollo: Ask = async (operation, { endpoint, credentials, method, accept }) => {
  const wire = openWire(credentials);
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({
      uri: endpoint,
      fetch: wire.fetch,
      headers: { accept },
      useGETForQueries: method === 'GET',
    }),
  });
  const document = gql(operation);
  const { data, error } = isMutation(operation)
    ? await client.mutate({ mutation: document, errorPolicy: 'all' })
    : await client.query({ query: document, errorPolicy: 'all' });
  client.stop();
  return {
    status: wire.answers.at(-1)?.response.status ?? 0,
    data,
    errors: error === undefined ? [] : errorsIn(error),
  };
};

function errorsIn(error: unknown): readonly SeenError[] {
  if (CombinedGraphQLErrors.is(error)) return error.errors;
  // A refusal as application/json: Apollo Client leaves reading the body to the app.
  if (ServerError.is(error)) {
    const { errors = [] }: Body = JSON.parse(error.bodyText);
    return errors;
  }
  throw error;
}
