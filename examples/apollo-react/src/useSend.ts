import { gql, type OperationVariables, type TypedDocumentNode } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useApolloClient } from '@apollo/client/react';
import { useCallback } from 'react';
import type { Operation, Send } from '../../shared/messages/operations.ts';

/** Returns a function that sends an operation to the API. It bypasses the cache: the page keeps the list. */
export function useSend(): Send {
  const client = useApolloClient();
  return useCallback(
    async <Data, Variables extends OperationVariables>(
      { kind, text }: Operation<Data, Variables>,
      variables: Variables,
    ) => {
      const document: TypedDocumentNode<Data, Variables> = gql(text);
      const options = { variables, errorPolicy: 'all', fetchPolicy: 'no-cache' } as const;
      const { data, error } = await (kind === 'query'
        ? client.query<Data>({ query: document, ...options })
        : client.mutate<Data>({ mutation: document, ...options }));
      const hasResponse = CombinedGraphQLErrors.is(error);
      return {
        data,
        errors: hasResponse ? error.errors : [],
        failure: hasResponse ? undefined : error,
      };
    },
    [client],
  );
}
