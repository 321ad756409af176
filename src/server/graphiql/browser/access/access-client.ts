import type { OperationVerdicts } from '../../access/explain-request.ts';
import type { SchemaAccessReport } from '../../access/schema-access-report.ts';
import type { AuthorizedFetch } from '../authorized-fetch.ts';
import { isObject } from '../is-object.ts';

/** The operation of the editor, and the credentials that it would be sent with. */
export interface AskedOperation {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** The Authorization header of the Headers tab, which takes the place of the session. */
  readonly authorization: string | undefined;
}

/** The API refused to say what is allowed, for the reason in the message. */
export class NotExplainedError extends Error {
  override name = 'NotExplainedError';
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
    if (!response.ok) throw new NotExplainedError(await reasonOf(response));
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

/** The message of the API, such as that its token has expired. */
async function reasonOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const [error]: readonly unknown[] =
    isObject(body) && Array.isArray(body['errors']) ? body['errors'] : [];
  return isObject(error) && typeof error['message'] === 'string'
    ? error['message']
    : `HTTP ${response.status} ${response.statusText}`;
}
