import type { Greetings } from './questions.ts';

/** An error of a GraphQL answer, as far as this app looks at it. */
export interface GraphqlFault {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** What a query brought, whichever client asked. */
export interface Answer {
  readonly isLoading: boolean;
  /** What came; also beside errors. */
  readonly data: Greetings | undefined;
  readonly errors: readonly GraphqlFault[];
  /** Why there is no answer at all. */
  readonly failure: unknown;
  /** Asks the API once more. */
  readonly askAgain: () => void;
}

/** The scopes that these errors ask for, each once, space-delimited. */
export function missingScope(errors: readonly GraphqlFault[]): string {
  const scopes = errors.flatMap(({ extensions }) => {
    const scope = extensions?.['scope'];
    return typeof scope === 'string' ? scope.split(' ') : [];
  });
  return [...new Set(scopes)].join(' ');
}
