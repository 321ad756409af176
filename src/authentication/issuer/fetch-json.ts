import { unrefTimer } from '../../shared/clock.ts';
import { isLoopbackHostname } from '../../shared/loopback.ts';

/** The part of `fetch` that is used. The global function matches. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/** Milliseconds after which a request fails. */
export const timeoutMs = 5_000;

/** Bytes of a response body. */
const maxLength = 512 * 1024;

const jsonType = /^application\/(?:[\w.-]+\+)?json[ \t]*(?:;|$)/i;

/**
 * Whether keys may be fetched from an absolute URL: `https`, or `http` on a loopback host, where the
 * request does not leave the machine.
 */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHostname(hostname));
}

/**
 * Fetches a JSON document of an issuer: status 200, a JSON media type or none, no redirects, at most
 * 512 KiB within 5 seconds. The timeout covers reading the body as well. It does not keep the process
 * alive.
 *
 * @throws {Error} with a message that names the URL and the problem
 */
export async function fetchJson(url: string, fetch: FetchFunction): Promise<unknown> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A race, because aborting does not end the reading of every stalled body.
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${url} did not respond within ${timeoutMs / 1000} seconds.`));
      abort.abort();
    }, timeoutMs);
    unrefTimer(timer);
  });
  try {
    return await Promise.race([requestJson(url, fetch, abort.signal), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

async function requestJson(
  url: string,
  fetch: FetchFunction,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal,
  });
  const problem = findProblem(response);
  if (problem !== undefined) {
    // An unread body would hold its connection.
    response.body?.cancel().catch(() => {});
    throw new Error(`${url} ${problem}`);
  }
  const body = await readBody(response, url, signal);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Error(`${url} responded with a body that is not valid JSON.`, { cause });
  }
}

function findProblem(response: Response): string | undefined {
  if (response.redirected || response.type === 'opaqueredirect')
    return 'responded with a redirect.';
  if (response.status !== 200) return `responded with status ${response.status}.`;
  const type = response.headers.get('content-type');
  if (type !== null && !jsonType.test(type)) {
    return 'responded with a content type that is not JSON.';
  }
  return undefined;
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
