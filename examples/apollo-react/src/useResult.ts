import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useQuery } from '@apollo/client/react';
import type { Greetings, SampleQuery } from '../../shared/queries.ts';
import type { QueryResult } from '../../shared/result.ts';

/** Sends the query to the API. */
export function useResult({ document }: SampleQuery): QueryResult<Greetings> {
  const { data, error, loading, refetch } = useQuery(document, {
    // Keeps data beside errors: a field that is not allowed does not discard the others.
    errorPolicy: 'all',
    fetchPolicy: 'network-only',
    notifyOnNetworkStatusChange: true,
  });
  const hasResponse = CombinedGraphQLErrors.is(error);
  return {
    isLoading: loading,
    data,
    errors: hasResponse ? error.errors : [],
    failure: hasResponse ? undefined : error,
    // The error is in the state above as well; ignore the rejected promise.
    refetch: () => void refetch().catch(() => undefined),
  };
}
