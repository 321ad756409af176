import type { OperationVerdicts } from '../../access/explain-request.ts';
import type { SchemaAccessReport } from '../../access/schema-access-report.ts';
import type { AuthorizedFetch } from '../authorized-fetch.ts';

/** The operation of the editor, and the credentials that it would be sent with. */
export interface AskedOperation {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** The Authorization header of the Headers tab, which takes the place of the session. */
  readonly authorization: string | undefined;
}

/** Asks the server what the rules allow. Both reject if it does not say. */
export interface AccessClient {
  explain(operation: AskedOperation, signal: AbortSignal): Promise<OperationVerdicts>;
  loadRules(signal: AbortSignal): Promise<SchemaAccessReport>;
}

export interface AccessClientOptions {
  readonly authorizedFetch: AuthorizedFetch;
  /** The URL of the page. */
  readonly base: string;
  /** The public URL of the API. */
  readonly endpoint: string;
}

export function createAccessClient({
  authorizedFetch,
  base,
  endpoint,
}: AccessClientOptions): AccessClient {
  async function load<Content>(path: string, init: RequestInit): Promise<Content> {
    const request = new Request(new URL(path, base), init);
    const { response } = await authorizedFetch(request, new URL(path, endpoint).href);
    if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`);
    return response.json();
  }
  return {
    explain: ({ authorization, ...operation }, signal) =>
      load('graphiql/access', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
        body: JSON.stringify(operation),
        signal,
      }),
    loadRules: (signal) => load('graphiql/rules', { signal }),
  };
}
