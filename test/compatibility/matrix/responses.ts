import { send, type WireRequest } from '../../support/http.ts';

/** What is compared between servers. */
export interface ComparedResponse {
  readonly status: number;
  /** Without parameters. */
  readonly mediaType: string | undefined;
  readonly challenge: string | undefined;
  /** Whether `Cache-Control` has `no-store`. */
  readonly isNoStore: boolean;
  /** Whether these headers are there, and valid. */
  readonly hasNonce: boolean;
  readonly hasRetryAfter: boolean;
  /** The result, or the text if it is not JSON. */
  readonly body: unknown;
}

/** Sends an operation as JSON, or a request of any other kind. */
export async function post(
  endpoint: string,
  query: string,
  headers: readonly string[] = [],
  variables?: Readonly<Record<string, unknown>>,
): Promise<ComparedResponse> {
  return request(endpoint, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...headers],
    body: JSON.stringify({ query, ...(variables ? { variables } : {}) }),
  });
}

export async function get(
  endpoint: string,
  query: string,
  headers: readonly string[] = [],
): Promise<ComparedResponse> {
  return request(`${endpoint}?${new URLSearchParams({ query })}`, {
    headers: ['Accept', 'application/json', 'Apollo-Require-Preflight', 'true', ...headers],
  });
}

export async function request(url: string, options: WireRequest): Promise<ComparedResponse> {
  const { status, headers, text } = await withinSeconds(10, send(url, options));
  return {
    status,
    mediaType: headers['content-type']?.split(';')[0],
    challenge: headers['www-authenticate'],
    isNoStore: (headers['cache-control'] ?? '').includes('no-store'),
    hasNonce: (headers['dpop-nonce'] ?? '') !== '',
    hasRetryAfter: Number(headers['retry-after']) > 0,
    body: readBody(text),
  };
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The nonce of the `DPoP-Nonce` header. */
export async function nonceOf(endpoint: string, headers: readonly string[]): Promise<string> {
  const { headers: received } = await send(endpoint, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', ...headers],
    body: '{"query":"{ private }"}',
  });
  return received['dpop-nonce'] ?? '';
}

async function withinSeconds<T>(seconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The server does not respond.')), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
