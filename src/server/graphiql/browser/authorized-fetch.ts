import { type AccessProblem, readAccessProblem } from './access-problem.ts';
import type { Session } from './session.ts';

/** The credentials that were sent: those of the session, of the Headers tab, or none. */
export type Credentials = 'session' | 'header' | 'none';

/** A response of the API. */
interface AuthorizedResponse {
  readonly credentials: Credentials;
  readonly response: Response;
  /** Undefined if nothing was denied, and for anything but JSON, such as a stream. */
  readonly problem: AccessProblem | undefined;
}

/**
 * Sends a request to the API with the access token of the session. An Authorization header that is
 * already set is kept.
 */
export type AuthorizedFetch = (request: Request) => Promise<AuthorizedResponse>;

export function createAuthorizedFetch({
  fetch,
  session,
}: {
  readonly fetch: typeof globalThis.fetch;
  readonly session: Session | undefined;
}): AuthorizedFetch {
  return async (request) => {
    if (request.headers.has('Authorization')) return send(request, 'header');
    if (!session) return send(request, 'none');

    const first = await sendAs(session, request);
    if (first.credentials === 'none' || first.problem?.kind !== 'credentials') return first;
    // Nothing was executed, so it can be retried: with a nonce, or with a renewed token.
    const { reason } = first.problem;
    const canRetry =
      reason === 'nonce_needed' || (reason === 'token_expired' && (await session.renew()));
    return canRetry ? sendAs(session, request) : first;
  };

  async function sendAs(session: Session, request: Request): Promise<AuthorizedResponse> {
    const copy = request.clone();
    const isAuthorized = await session.authorize(copy.headers, copy.method);
    const sent = await send(copy, isAuthorized ? 'session' : 'none');
    session.rememberNonce(sent.response.headers);
    return sent;
  }

  async function send(request: Request, credentials: Credentials): Promise<AuthorizedResponse> {
    const response = await fetch(request);
    return { credentials, response, problem: await problemOf(response) };
  }
}

async function problemOf(response: Response): Promise<AccessProblem | undefined> {
  if (!/\bjson\b/.test(response.headers.get('Content-Type') ?? '')) return undefined;
  try {
    return readAccessProblem(await response.clone().json());
  } catch {
    return undefined;
  }
}
