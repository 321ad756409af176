import { useQuery } from 'urql';
import type { Answer } from './answer.ts';
import type { Greetings, Question } from './questions.ts';

/** Asks the API a question. */
export function useAnswer(question: Question): Answer {
  const [{ data, error, fetching, stale }, ask] = useQuery<Greetings>({
    query: question.query,
    requestPolicy: 'network-only',
  });
  // urql keeps data beside errors: a refused field does not take the others along.
  return {
    isLoading: fetching || stale,
    data: data ?? undefined,
    errors: error?.graphQLErrors ?? [],
    failure: error?.networkError,
    askAgain: () => ask({ requestPolicy: 'network-only' }),
  };
}
