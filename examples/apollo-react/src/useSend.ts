import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useApolloClient } from '@apollo/client/react';
import { useCallback } from 'react';
import { isMutation, type Send } from '../../shared/result.ts';

/** Returns a function that sends an operation to the API. It bypasses the cache: the page keeps the list. */
export function useSend(): Send {
  const client = useApolloClient();
  return useCallback<Send>(
    async (document, variables) => {
      const options = { variables, errorPolicy: 'all', fetchPolicy: 'no-cache' } as const;
      const { data, error } = await (isMutation(document)
        ? client.mutate({ mutation: document, ...options })
        : client.query({ query: document, ...options }));
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
