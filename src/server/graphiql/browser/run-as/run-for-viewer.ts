import { createAuthorizedFetch, isJson } from '../authorized-fetch.ts';
import type { Page } from '../page.ts';
import type { OperationRequest } from '../page-state.ts';

/** Who runs an operation that is compared. */
export interface ComparedViewer {
  readonly name: string;
  /** Undefined if signed out. */
  readonly subject: string | undefined;
}

/** A query, and the headers of the Headers tab. */
export interface ComparedQuery extends OperationRequest {
  readonly headers: Readonly<Record<string, string>>;
}

/** How it ended for a viewer. */
export type ViewerResult =
  | {
      readonly kind: 'response';
      readonly status: string;
      readonly isAccepted: boolean;
      readonly durationMs: number;
      readonly body: unknown;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** Runs a query as a viewer, whichever account is current. Nothing of it is stored. */
export async function runForViewer(
  { session, settings }: Pick<Page, 'session' | 'settings'>,
  { subject }: ComparedViewer,
  { headers, ...operation }: ComparedQuery,
  signal: AbortSignal,
): Promise<ViewerResult> {
  const tokens = subject === undefined ? undefined : session?.tokensOf(subject);
  const send = createAuthorizedFetch({ fetch: window.fetch.bind(window), tokens });
  const started = performance.now();
  try {
    const { response, credentials } = await send(
      new Request(new URL(settings.endpoint).pathname, {
        method: 'POST',
        headers: {
          ...headers,
          'Content-Type': 'application/json',
          Accept: 'application/graphql-response+json, application/json',
        },
        body: JSON.stringify(operation),
        signal,
      }),
    );
    if (subject !== undefined && credentials !== 'session') {
      return { kind: 'failed', reason: 'The session has expired.' };
    }
    const status = `${response.status} ${response.statusText}`.trim();
    if (!isJson(response)) return { kind: 'failed', reason: `The response is not JSON: ${status}` };
    const body: unknown = await response.json();
    return {
      kind: 'response',
      status,
      isAccepted: response.ok,
      durationMs: performance.now() - started,
      body,
    };
  } catch {
    return { kind: 'failed', reason: 'There was no response from the API.' };
  }
}
