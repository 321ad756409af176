import type { DocumentNode } from '@0no-co/graphql.web';
import type { TadaDocumentNode } from 'gql.tada';

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
export interface QueryResult<Data> extends ApiResponse<Data> {
  readonly isLoading: boolean;
  /** Sends the query again. */
  readonly refetch: () => void;
}

/** Sends a query or a mutation to the API. */
export type Send = <Data, Variables extends Record<string, unknown>>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<ApiResponse<Data>>;

/** Whether an operation is sent as a mutation. */
export function isMutation({ definitions }: DocumentNode): boolean {
  return definitions.some((one) => 'operation' in one && one.operation === 'mutation');
}

/** Whether one of the errors has this code. */
export function hasCode(errors: readonly GraphqlError[], code: string): boolean {
  return errors.some(({ extensions }) => extensions?.['code'] === code);
}

/** Whether the API did all that it was sent. */
export function isDone({ errors, failure }: ApiResponse<unknown>): boolean {
  return failure === undefined && errors.length === 0;
}
