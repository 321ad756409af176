import { CommandError } from './command-error.ts';

/** An operation and where it goes. */
export interface OutgoingOperation {
  readonly endpoint: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** Sent as Bearer. */
  readonly token?: string;
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
 * Posts an operation (GraphQL over HTTP).
 *
 * @throws CommandError when nothing answers.
 */
export async function sendOperation({
  endpoint,
  query,
  variables,
  operationName,
  token,
}: OutgoingOperation): Promise<Response> {
  try {
    return await fetch(endpoint, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables, operationName }),
    });
  } catch (cause) {
    throw new CommandError(`The API does not answer at ${endpoint}. Start it with npm start.`, {
      cause,
    });
  }
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
