import * as dpop from 'dpop';
import { CommandError } from './command-error.ts';

/** An operation and where it goes. */
export interface OutgoingOperation {
  readonly endpoint: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** Sent as Bearer, or as DPoP where a key goes with it. */
  readonly token?: string;
  /** The key to which the token is bound. */
  readonly keyPair?: dpop.KeyPair;
}

/** Whether fetch can go there. It refuses a URL with a password, and repeats it in its error. */
export function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && !url.username && !url.password;
}

/** The headers of an answer that tell a client what to do next, in this order. */
const headersThatMatter = [
  'content-type',
  'www-authenticate',
  'retry-after',
  'dpop-nonce',
  'cache-control',
];

/**
 * Posts an operation (GraphQL over HTTP). With a key, each request has a proof of its own, and one
 * that the API refuses for want of its nonce is sent again with it (RFC 9449 §9).
 *
 * @throws CommandError when nothing answers.
 */
export async function sendOperation(operation: OutgoingOperation): Promise<Response> {
  const response = await post(operation);
  const nonce = response.headers.get('dpop-nonce');
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (operation.keyPair && nonce && / error="use_dpop_nonce"/.test(challenge)) {
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
    throw new CommandError(`The API does not answer at ${endpoint}. Start it with npm start.`, {
      cause,
    });
  }
}

async function authorizationFor(
  { endpoint, token, keyPair }: Pick<OutgoingOperation, 'endpoint' | 'token' | 'keyPair'>,
  nonce: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (token === undefined) return {};
  if (keyPair === undefined) return { authorization: `Bearer ${token}` };
  const { origin, pathname } = new URL(endpoint);
  const proof = await dpop.generateProof(keyPair, `${origin}${pathname}`, 'POST', nonce, token);
  return { authorization: `DPoP ${token}`, dpop: proof };
}

/** An answer as people read it: the status line, the headers that matter, the body. */
export async function formatAnswer(response: Response): Promise<string> {
  const headers = headersThatMatter.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  const status = `${response.status} ${response.statusText}`.trim();
  return `${[status, ...headers, '', formatBody(await readBody(response))].join('\n')}\n`;
}

async function readBody(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new CommandError('The API broke off in the middle of its answer.', { cause });
  }
}

function formatBody(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
