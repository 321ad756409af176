import { unrefTimer } from '../../shared/clock.ts';
import { isLoopbackHostname } from '../../shared/loopback.ts';

/** The part of `fetch` that is used. The global function matches. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/** Milliseconds after which a request fails. */
export const timeoutMs = 5_000;

/** Bytes of a response body. */
const maxLength = 512 * 1024;

/**
 * Whether keys may be fetched from an absolute URL: `https`, or `http` on a loopback host, where the
 * request does not leave the machine.
 */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHostname(hostname));
}

/** What a request is, other than its URL. */
type HttpRequest = Pick<RequestInit, 'method' | 'body'> & {
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Fetches a JSON document of an issuer: status 200, any media type, no redirects, at most 512 KiB
 * within 5 seconds. The timeout covers reading the body as well. It does not keep the process alive.
 *
 * @throws {Error} with a message that names the URL and the problem
 */
export async function fetchJson(url: string, fetch: FetchFunction): Promise<unknown> {
  const request = { headers: { accept: 'application/json' } };
  const { body } = await withTimeout(url, (signal) =>
    send(url, request, fetch, signal, findProblem),
  );
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Error(`${url} responded with a body that is not valid JSON.`, { cause });
  }
}

/** A form that is sent by POST. */
export interface FormRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** By name, or a list in which names can be repeated. */
  readonly parameters:
    | Readonly<Record<string, string>>
    | readonly (readonly [name: string, value: string])[];
}

/** The response to a form. */
export interface FormResponse {
  readonly status: number;
  readonly headers: Headers;
  /** At most 512 KiB. Not decoded. */
  readonly body: Uint8Array;
}

/**
 * Sends a form to an endpoint of an issuer, with the limits of `fetchJson`. A response with another
 * status than 200 is returned, not thrown: what it means differs.
 *
 * @throws {Error} with a message that names the URL and the problem, and contains nothing that was sent
 */
export async function postForm(
  url: string,
  { headers, parameters }: FormRequest,
  fetch: FetchFunction,
): Promise<FormResponse> {
  const request = {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: encodeForm(parameters),
  };
  const { response, body } = await withTimeout(url, (signal) =>
    send(url, request, fetch, signal, findRedirect),
  );
  return { status: response.status, headers: response.headers, body };
}

function encodeForm(parameters: FormRequest['parameters']): string {
  const form = new URLSearchParams();
  const list = isList(parameters) ? parameters : Object.entries(parameters);
  for (const [name, value] of list) form.append(name, value);
  return form.toString();
}

const isList = (
  parameters: FormRequest['parameters'],
): parameters is Extract<FormRequest['parameters'], readonly unknown[]> =>
  Array.isArray(parameters);

/** There was no response in time. The message names the URL. */
export class ResponseTimeoutError extends Error {}

async function withTimeout<Result>(
  url: string,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A race, because aborting does not end the reading of every stalled body.
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ResponseTimeoutError(`${url} did not respond within ${timeoutMs / 1000} seconds.`),
      );
      abort.abort();
    }, timeoutMs);
    unrefTimer(timer);
  });
  try {
    return await Promise.race([run(abort.signal), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  url: string,
  request: HttpRequest,
  fetch: FetchFunction,
  signal: AbortSignal,
  findResponseProblem: (response: Response) => string | undefined,
): Promise<{ readonly response: Response; readonly body: Uint8Array }> {
  const response = await fetch(url, { ...request, redirect: 'manual', signal });
  const problem = findResponseProblem(response);
  if (problem !== undefined) {
    // An unread body would hold its connection.
    response.body?.cancel().catch(() => {});
    const isAbsent = missingStatuses.has(response.status);
    throw new (isAbsent ? MissingDocumentError : Error)(`${url} ${problem}`);
  }
  return { response, body: await readBody(response, url, signal) };
}

/** There is no such document, as opposed to one that cannot be read now. */
class MissingDocumentError extends Error {}

const missingStatuses: ReadonlySet<number> = new Set([404, 405, 410]);

/** Whether the server of a document says that there is none. */
export const isMissing = (error: unknown): error is Error => error instanceof MissingDocumentError;

function findRedirect({ redirected, type, status }: Response): string | undefined {
  // Following one could send credentials elsewhere. Runtimes without opaque redirects show the status.
  const isRedirect = redirected || type === 'opaqueredirect' || (status >= 300 && status < 400);
  return isRedirect ? 'responded with a redirect.' : undefined;
}

function findProblem(response: Response): string | undefined {
  const redirect = findRedirect(response);
  if (redirect !== undefined) return redirect;
  return response.status === 200 ? undefined : `responded with status ${response.status}.`;
}

async function readBody(response: Response, url: string, signal: AbortSignal): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const cancel = () => {
    reader.cancel().catch(() => {});
  };
  signal.addEventListener('abort', cancel, { once: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const chunk: Uint8Array = part.value;
    length += chunk.byteLength;
    if (length > maxLength) {
      cancel();
      throw new Error(`${url} responded with more than ${maxLength / 1024} KiB.`);
    }
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
