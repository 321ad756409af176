import type { OperationVerdicts } from '../../access/explain-request.ts';
import type { Account } from '../session.ts';

/** An account, or the Authorization header of the Headers tab; undefined if signed out. */
type Asker = Account | string | undefined;

/** What the server said about an operation. */
export interface Verdicts {
  /** The document that `said` is about. */
  readonly query: string;
  /** Who asked: verdicts of one account are never shown to another. */
  readonly viewer: Asker;
  readonly said: OperationVerdicts;
  /** Why there are no verdicts on what the document has become since. */
  readonly problem?: Problem;
}

/** The document is not valid, or the server did not say what is allowed. */
interface Problem {
  readonly kind: 'invalid' | 'failed';
  readonly message: string;
}

/** What the server said, or what prevented that. */
export type Explained =
  | { readonly kind: 'said'; readonly said: OperationVerdicts }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * The verdicts to show after a request for them. While a user types, most documents are not valid: the last
 * verdicts stay until there are new ones, unless they were for another document or viewer.
 */
export function nextVerdicts(
  last: Verdicts | undefined,
  { query, viewer }: { readonly query: string; readonly viewer: Asker },
  explained: Explained,
): Verdicts {
  const none = { selections: [], operationName: null };
  if (explained.kind === 'failed') return { query, viewer, said: none, problem: explained };
  const { said } = explained;
  if (said.problem === undefined || said.selections.length > 0) return { query, viewer, said };
  const problem: Problem = { kind: 'invalid', message: said.problem.message };
  return last && last.viewer === viewer
    ? { query: last.query, viewer, said: last.said, problem }
    : { query, viewer, said: none, problem };
}

/** The Authorization header of the Headers tab. */
export function readAuthorization(headers: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'authorization');
  const value = name === undefined ? undefined : headers[name];
  return typeof value === 'string' ? value : undefined;
}
