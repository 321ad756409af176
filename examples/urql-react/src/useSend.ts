import { useCallback } from 'react';
import { useClient } from 'urql';
import { isMutation, type Send } from '../../shared/result.ts';

/** Returns a function that sends an operation to the API. It bypasses the cache: the page keeps the list. */
export function useSend(): Send {
  const client = useClient();
  return useCallback<Send>(
    async (document, variables) => {
      const { data, error } = await (isMutation(document)
        ? client.mutation(document, variables)
        : client.query(document, variables, { requestPolicy: 'network-only' }));
      return { data, errors: error?.graphQLErrors ?? [], failure: error?.networkError };
    },
    [client],
  );
}
