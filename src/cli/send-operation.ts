import { CommandError } from './command.ts';

/** Creates a DPoP proof for a POST (RFC 9449 §4.2). */
export type ProveRequest = (
  htu: string,
  nonce: string | undefined,
  token: string,
) => Promise<string>;

/** An operation to send. */
export interface OutgoingOperation {
  readonly endpoint: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** Sent as Bearer, or as DPoP with a proof. */
  readonly token?: string;
  /** Creates the proof of one request, with the key that the token is bound to. */
  readonly prove?: ProveRequest;
}

/** Whether fetch accepts a URL. It rejects one with a password, and prints it in its error. */
export function isEndpointUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && !url.username && !url.password;
}

/** The response headers that tell a client what to do next, in the order of printing. */
const shownHeaders = [
  'content-type',
  'www-authenticate',
  'retry-after',
  'dpop-nonce',
  'cache-control',
];

/**
 * Posts an operation (GraphQL over HTTP). With a token that is bound to a key, each request has its own
 * DPoP proof, and is retried once if the API requires a nonce (RFC 9449 §9).
 *
 * @throws CommandError if the API cannot be reached.
 */
export async function sendOperation(operation: OutgoingOperation): Promise<Response> {
  const response = await post(operation);
  const nonce = response.headers.get('dpop-nonce');
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (operation.prove && nonce && / error="use_dpop_nonce"/.test(challenge)) {
    await response.body?.cancel();
    return post(operation, nonce);
  }
  return response;
}

async function post(
  { endpoint, query, variables, operationName, ...credentials }: OutgoingOperation,
  nonce?: string,
): Promise<Response> {
  const authorization = await authorizationFor({ endpoint, ...credentials }, nonce);
  try {
    return await fetch(endpoint, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        ...authorization,
      },
      body: JSON.stringify({ query, variables, operationName }),
    });
  } catch (cause) {
    throw new CommandError(`Cannot reach the API at ${endpoint}. Start it, or pass --endpoint.`, {
      cause,
    });
  }
}

async function authorizationFor(
  { endpoint, token, prove }: Pick<OutgoingOperation, 'endpoint' | 'token' | 'prove'>,
  nonce: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (token === undefined) return {};
  if (prove === undefined) return { authorization: `Bearer ${token}` };
  const { origin, pathname } = new URL(endpoint);
  const proof = await prove(`${origin}${pathname}`, nonce, token);
  return { authorization: `DPoP ${token}`, dpop: proof };
}

/** A response as text: the status line, the relevant headers and the body. */
export async function formatResponse(response: Response): Promise<string> {
  const headers = shownHeaders.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  const status = `${response.status} ${response.statusText}`.trim();
  return `${[status, ...headers, '', formatBody(await readResponseText(response))].join('\n')}\n`;
}

async function readResponseText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new CommandError('The connection closed before the response was complete.', { cause });
  }
}

function formatBody(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
