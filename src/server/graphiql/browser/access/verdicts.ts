import type { OperationVerdicts } from '../../access/explain-request.ts';

/** What the server said about an operation. */
export interface Verdicts {
  /** The document that `said` is about. */
  readonly query: string;
  /** Who asked: verdicts of one account are never shown to another. */
  readonly viewer: unknown;
  readonly said: OperationVerdicts;
  /** Why there are no verdicts on what the document has become since, such as a syntax error. */
  readonly problem?: string;
}

/** The answer of the server, or what prevented one. */
export type Answer =
  | { readonly kind: 'said'; readonly said: OperationVerdicts }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * The verdicts to show after an answer. While a user types, most documents are not valid: the last
 * verdicts stay until there are new ones, unless they were for another document or viewer.
 */
export function nextVerdicts(
  last: Verdicts | undefined,
  { query, viewer }: { readonly query: string; readonly viewer: unknown },
  answer: Answer,
): Verdicts {
  const problem = answer.kind === 'said' ? answer.said.problem?.message : answer.message;
  if (answer.kind === 'said' && (problem === undefined || answer.said.selections.length > 0)) {
    return { query, viewer, said: answer.said };
  }
  const isSame = answer.kind === 'said' && last?.viewer === viewer;
  return {
    query: isSame && last ? last.query : query,
    viewer,
    said: isSame && last ? last.said : { selections: [], operationName: null },
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The Authorization header of the Headers tab. */
export function readAuthorization(headers: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'authorization');
  const value = name === undefined ? undefined : headers[name];
  return typeof value === 'string' ? value : undefined;
}
