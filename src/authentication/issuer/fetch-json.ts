/** The part of the `fetch` function that is used. The global one fits. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/** Milliseconds until an answer must have arrived whole. */
const timeout = 5_000;

/** The longest body that is read, in bytes. */
const maxLength = 512 * 1024;

const jsonType = /^application\/(?:[\w.-]+\+)?json[ \t]*(?:;|$)/i;

/**
 * Fetches one JSON document of an issuer. Status 200 only, JSON media types (or none) only, redirects
 * refused, at most 512 KiB, at most 5 s. The timer covers the body too: it is raced with the
 * reading, because aborting does not end every stalled body. It does not keep the process alive.
 *
 * @throws {Error} a message that names the URL and what was wrong
 */
export async function fetchJson(url: string, fetch: FetchFunction): Promise<unknown> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${url} did not answer within ${timeout / 1000} seconds.`));
      abort.abort();
    }, timeout);
    timer.unref();
  });
  try {
    return await Promise.race([requestJson(url, fetch, abort.signal), late]);
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
  const fault = faultOf(response);
  if (fault !== undefined) {
    // An unread body would hold its connection.
    response.body?.cancel().catch(() => {});
    throw new Error(`${url} ${fault}`);
  }
  const body = await readBody(response, url, signal);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Error(`${url} answered something that is not JSON.`, { cause });
  }
}

function faultOf(response: Response): string | undefined {
  if (response.redirected || response.type === 'opaqueredirect') return 'redirects elsewhere.';
  if (response.status !== 200) return `answered with status ${response.status}.`;
  const type = response.headers.get('content-type');
  if (type !== null && !jsonType.test(type)) {
    return 'answered with a content type that is not JSON.';
  }
  return undefined;
}

async function readBody(response: Response, url: string, signal: AbortSignal): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
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
      throw new Error(`${url} answered with more than ${maxLength / 1024} KiB.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
