import type { SchemaAccessReport } from '../access/schema-access-report.ts';
import type { Verdicts } from './access/verdicts.ts';
import type { Credentials } from './authorized-fetch.ts';
import type { Message } from './messages.ts';
import type { Account, Scheme } from './session.ts';

/** An operation that was sent. */
export interface OperationRequest {
  readonly query: string;
  readonly variables: unknown;
  readonly operationName: string | undefined;
}

/** An operation and its response, as they went over the wire. It holds no credentials. */
export interface Exchange {
  readonly request: OperationRequest;
  readonly credentials: Credentials;
  /** Whose token was sent, if it is that of the session. */
  readonly account: Account | undefined;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Whether it is a stream of results. */
  readonly isStream: boolean;
  /** Milliseconds until the response was complete; of a stream, until its headers arrived. */
  readonly durationMs: number;
  /** Of the body, decompressed; undefined for a stream. */
  readonly bytes: number | undefined;
}

/** What the parts of the page share. */
export interface PageState {
  /** The current account. */
  readonly account: Account | undefined;
  /** All accounts that have signed in in this tab. */
  readonly accounts: readonly Account[];
  /** How tokens are sent after the next sign-in. */
  readonly scheme: Scheme;
  /** The message of the bar. */
  readonly message: Message | undefined;
  /** Cancels the sign-in whose window is open; undefined if there is none. */
  readonly cancelSignIn: (() => void) | undefined;
  /** The last operation, apart from GraphiQL's own introspection. */
  readonly exchange: Exchange | undefined;
  /** The operation to run next, if it is still in the editor. */
  readonly runAgain: OperationRequest | undefined;
  /** What the server says about the operation in the editor, before it runs. */
  readonly verdicts: Verdicts | undefined;
  /** The rules of the schema, as far as the account may see them. */
  readonly rules: SchemaAccessReport | undefined;
}

/** Holds the state of the page, and notifies of changes. For React, see `usePageState`. */
export class PageStore {
  #state: PageState = {
    account: undefined,
    accounts: [],
    scheme: 'Bearer',
    message: undefined,
    cancelSignIn: undefined,
    exchange: undefined,
    runAgain: undefined,
    verdicts: undefined,
    rules: undefined,
  };
  readonly #listeners = new Set<() => void>();

  readonly get = (): PageState => this.#state;

  set(changes: Partial<PageState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const notify of this.#listeners) notify();
  }

  /** @returns What ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
