import { useQuery } from 'urql';
import type { Greetings, SampleQuery } from '../../shared/queries.ts';
import type { QueryResult } from '../../shared/result.ts';

/** Sends the query to the API. */
export function useResult({ document }: SampleQuery): QueryResult<Greetings> {
  const [{ data, error, fetching, stale }, execute] = useQuery({
    query: document,
    variables: {},
    requestPolicy: 'network-only',
  });
  // urql keeps data beside errors: a field that is not allowed does not discard the others.
  return {
    isLoading: fetching || stale,
    data: data ?? undefined,
    errors: error?.graphQLErrors ?? [],
    failure: error?.networkError,
    refetch: () => execute({ requestPolicy: 'network-only' }),
  };
}
