import { type AccessProblem, readAccessProblem } from './access-problem.ts';

/** The credentials that were sent: those of the session, of the Headers tab, or none. */
export type Credentials = 'session' | 'header' | 'none';

/** Where the access token of a request comes from. */
export interface TokenSource {
  /**
   * Adds the access token to the headers of a request for the API, and a DPoP proof if it is bound.
   *
   * @param url The public URL that the request is for. Default: the endpoint.
   * @returns False if no one is signed in, or the token has expired.
   */
  authorize(headers: Headers, method: string, url?: string): Promise<boolean>;
  /**
   * Renews the access token.
   *
   * @param sent The Authorization header of the request.
   * @returns Whether there is a newer token than the one that was sent.
   */
  renew(sent: string | null): Promise<boolean>;
  /**
   * Remembers the nonce for the next proof.
   *
   * @param headers Of a response.
   */
  rememberNonce(headers: Headers): void;
}

/** A response of the API. */
interface AuthorizedResponse {
  readonly credentials: Credentials;
  readonly response: Response;
  /** Undefined if nothing was denied, and for anything but JSON, such as a stream. */
  readonly problem: AccessProblem | undefined;
  /** Whether there is a newer token than the one that was sent; renews it if necessary. */
  readonly renew: () => Promise<boolean>;
}

/**
 * Sends a request to the API with the access token of an account. An Authorization header that is
 * already set is kept.
 *
 * @param url Its public URL, for proofs. Default: the endpoint.
 */
export type AuthorizedFetch = (request: Request, url?: string) => Promise<AuthorizedResponse>;

export function createAuthorizedFetch({
  fetch,
  tokens,
}: {
  readonly fetch: typeof globalThis.fetch;
  /** Undefined to send requests without a token. */
  readonly tokens: TokenSource | undefined;
}): AuthorizedFetch {
  return async (request, url) => {
    if (request.headers.has('Authorization')) return send(request, 'header');
    if (!tokens) return send(request, 'none');

    const first = await sendWith(tokens, request, url);
    if (first.credentials === 'none' || first.problem?.kind !== 'credentials') return first;
    // Nothing was executed, so it can be retried: with a nonce, or with a renewed token.
    const { reason } = first.problem;
    const canRetry =
      reason === 'nonce_needed' || (reason === 'token_expired' && (await first.renew()));
    return canRetry ? sendWith(tokens, request, url) : first;
  };

  async function sendWith(
    tokens: TokenSource,
    request: Request,
    url: string | undefined,
  ): Promise<AuthorizedResponse> {
    const copy = request.clone();
    const isAuthorized = await tokens.authorize(copy.headers, copy.method, url);
    const sent = copy.headers.get('Authorization');
    const response = await send(copy, isAuthorized ? 'session' : 'none');
    tokens.rememberNonce(response.response.headers);
    return { ...response, renew: async () => isAuthorized && tokens.renew(sent) };
  }

  async function send(request: Request, credentials: Credentials): Promise<AuthorizedResponse> {
    const response = await fetch(request);
    return {
      credentials,
      response,
      problem: await problemOf(response),
      renew: async () => false,
    };
  }
}

/** Whether the body is JSON, by its media type. */
export function isJson({ headers }: Response): boolean {
  return /\bjson\b/.test(headers.get('Content-Type') ?? '');
}

async function problemOf(response: Response): Promise<AccessProblem | undefined> {
  if (!isJson(response)) return undefined;
  try {
    return readAccessProblem(await response.clone().json());
  } catch {
    return undefined;
  }
}
