import type { Greetings } from './queries.ts';

/** The parts of a GraphQL error that this app uses. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** A response of the API, the same for both GraphQL clients. */
export interface ApiResponse<Data> {
  /** What is allowed; can come together with errors. */
  readonly data: Data | undefined;
  readonly errors: readonly GraphqlError[];
  /** Why there is no GraphQL response: the API or the issuer is unreachable, for example. */
  readonly failure: unknown;
}

/** The result of a query. */
export interface QueryResult extends ApiResponse<Greetings> {
  readonly isLoading: boolean;
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

/** Whether one of the errors has this code. */
export function hasCode(errors: readonly GraphqlError[], code: string): boolean {
  return errors.some(({ extensions }) => extensions?.['code'] === code);
}

/** Whether the API did all that it was sent. */
export function isDone({ errors, failure }: ApiResponse<unknown>): boolean {
  return failure === undefined && errors.length === 0;
}
