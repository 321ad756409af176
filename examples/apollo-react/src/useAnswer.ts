import { gql } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useQuery } from '@apollo/client/react';
import type { Answer } from './answer.ts';
import type { Greetings, Question } from './questions.ts';

/** Asks the API a question. */
export function useAnswer(question: Question): Answer {
  const { data, error, loading, refetch } = useQuery<Greetings>(gql(question.query), {
    // Data is kept beside errors: a refused field does not take the others along.
    errorPolicy: 'all',
    fetchPolicy: 'network-only',
    notifyOnNetworkStatusChange: true,
  });
  const isAnswered = CombinedGraphQLErrors.is(error);
  return {
    isLoading: loading,
    data: data as Greetings | undefined,
    errors: isAnswered ? error.errors : [],
    failure: isAnswered ? undefined : error,
    // What goes wrong is in the state; the promise says it a second time.
    askAgain: () => void refetch().catch(() => undefined),
  };
}
