import type { AnonymousViewer } from '../authentication/viewer.ts';
import { isJsonObject, isObject } from '../shared/type-guards.ts';
import type { TestViewer } from './create-test-issuer.ts';
import { openServer, type TestableServer } from './open-server.ts';
import { parseChallenges, type TestChallenge } from './parse-challenges.ts';

/** An operation to be sent: its text, or with variables. */
export type TestOperation =
  | string
  | {
      readonly query: string;
      readonly variables?: Readonly<Record<string, unknown>>;
      readonly operationName?: string;
    };

/** Options for `askAs`. */
export interface AskOptions {
  /**
   * The URL of the endpoint as clients see it. DPoP proofs are for it. Default: the URL of the server
   * if that was passed, and `http://localhost/graphql` otherwise.
   */
  readonly url?: string;
  /** Additional headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The response to an operation. */
export interface TestResponse {
  readonly status: number;
  /** The first challenge of the `WWW-Authenticate` header, if there is one. */
  readonly challenge: TestChallenge | undefined;
  /** All of them: one for each scheme that the API accepts. */
  readonly challenges: readonly TestChallenge[];
  readonly body: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly errors?: readonly TestError[];
  };
  readonly headers: Headers;
}

/** An error in the body of a response. */
export interface TestError {
  readonly message: string;
  /** Of a field error: the response keys and indices from the root. */
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * Sends an operation to a server as a viewer, by POST, and returns what the client would get.
 *
 * The server is a fetch function, or an object with one, such as Yoga and Hono; a request listener or
 * server of Node, such as an Express app, which gets the request from a server of its own if it is not
 * listening; or the URL of a server. The viewer is `anonymous`, one of `TestIssuer.viewer`, or the text of an access
 * token, which is sent as Bearer.
 *
 * Not supported: streams, such as the results of a subscription.
 *
 * @throws {TypeError} if the server is none of these
 * @throws {Error} if the response is not a GraphQL response
 *
 * @example
 * ```ts
 * const issuer = createTestIssuer();
 * const manager = issuer.viewer({ scopes: ['read:messages'] });
 *
 * const { status, challenge, body } = await askAs(yoga, manager, '{ private { message } }');
 * ```
 */
export async function askAs(
  server: TestableServer,
  viewer: AnonymousViewer | TestViewer | string,
  operation: TestOperation,
  options: AskOptions = {},
): Promise<TestResponse> {
  const { send, url: ownUrl, close } = await openServer(server);
  try {
    const url = options.url ?? ownUrl ?? 'http://localhost/graphql';
    const response = await send(
      new Request(url, {
        method: 'POST',
        headers: {
          Accept: 'application/graphql-response+json, application/json;q=0.9',
          'Content-Type': 'application/json',
          ...(await createCredentials(viewer, url)),
          ...options.headers,
        },
        body: JSON.stringify(typeof operation === 'string' ? { query: operation } : operation),
      }),
    );
    checkResponse(response);
    const { status, headers } = response;
    const challenges = parseChallenges(headers.get('www-authenticate'));
    const body = await readBody(response, url);
    return { status, challenge: challenges[0], challenges, body, headers };
  } finally {
    close();
  }
}

/** A function that was taken for a fetch function can be something else. */
function checkResponse(response: unknown): void {
  // Not instanceof: runtimes and frameworks have classes of their own.
  if (isObject(response) && 'status' in response && 'headers' in response) return;
  throw new TypeError(
    'askAs: the fetch function returned no response. Pass a request listener of Node that has no parameters as createServer(listener).',
  );
}

async function createCredentials(
  viewer: AnonymousViewer | TestViewer | string,
  url: string,
): Promise<Readonly<Record<string, string>>> {
  if (typeof viewer === 'string') return { Authorization: `Bearer ${viewer}` };
  if (viewer.kind === 'anonymous') return {};
  if (typeof viewer.createCredentials === 'function') return viewer.createCredentials({ url });
  throw new TypeError(
    'askAs: this viewer has no access token. Create it with the viewer method of a test issuer; viewerWith is for tests without requests.',
  );
}

/** Characters of a body that an error quotes. */
const maxQuoted = 200;

async function readBody(response: Response, url: string): Promise<TestResponse['body']> {
  const type = response.headers.get('content-type') ?? 'no content type';
  const described = `${url} responded with status ${response.status} and ${type}`;
  if (/^(?:text\/event-stream|multipart\/mixed)\b/.test(type)) {
    // Some streams cannot be canceled before they are read.
    await response.body?.cancel().catch(() => {});
    throw new Error(`askAs: ${described}, a stream. It reads single results only.`);
  }
  const text = await response.text();
  const body = parseJson(text);
  if (isResult(body)) return body;
  throw new Error(
    `askAs: ${described}, not with a GraphQL response: ${text.slice(0, maxQuoted)}. If the endpoint has another URL, pass it as the option url.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isResult(value: unknown): value is TestResponse['body'] {
  if (!isJsonObject(value)) return false;
  const { data, errors } = value;
  return (
    (data !== undefined || errors !== undefined) &&
    (data == null || isJsonObject(data)) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isError)))
  );
}

const isError = (value: unknown): value is TestError =>
  isObject(value) && typeof value['message'] === 'string';
