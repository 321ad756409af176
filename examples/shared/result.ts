import type { Greetings } from './queries.ts';

/** The parts of a GraphQL error that this app uses. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** The result of a query, the same for both GraphQL clients. */
export interface QueryResult {
  readonly isLoading: boolean;
  /** What is allowed; can come together with errors. */
  readonly data: Greetings | undefined;
  readonly errors: readonly GraphqlError[];
  /** Why there is no GraphQL response: the API or the issuer is unreachable, for example. */
  readonly failure: unknown;
  /** Sends the query again. */
  readonly refetch: () => void;
}

/** The scopes that these errors require: each once, separated by spaces. */
export function missingScope(errors: readonly GraphqlError[]): string {
  const scopes = errors.flatMap(({ extensions }) => {
    const scope = extensions?.['scope'];
    return typeof scope === 'string' ? scope.split(' ') : [];
  });
  return [...new Set(scopes)].join(' ');
}
