import { useCallback } from 'react';
import { useClient } from 'urql';
import type { Send } from '../../shared/messages/operations.ts';

/** Returns a function that sends an operation to the API. It bypasses the cache: the page keeps the list. */
export function useSend(): Send {
  const client = useClient();
  return useCallback<Send>(
    async ({ kind, text }, variables) => {
      const { data, error } = await (kind === 'query'
        ? client.query(text, variables, { requestPolicy: 'network-only' })
        : client.mutation(text, variables));
      return { data, errors: error?.graphQLErrors ?? [], failure: error?.networkError };
    },
    [client],
  );
}
