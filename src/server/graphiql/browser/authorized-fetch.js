import { readAccessProblem } from './access-problem.js';

/** @import { AccessProblem } from './access-problem.js' */
/** @import { Session } from './session.js' */

/**
 * The credentials that were sent: those of the session, of the Headers tab, or none.
 *
 * @typedef {'session' | 'header' | 'none'} Credentials
 */

/**
 * The outcome of an operation.
 *
 * @typedef {object} Outcome
 * @property {Credentials} credentials
 * @property {AccessProblem | undefined} problem
 */

/**
 * A `fetch` that adds the access token of the session to requests for the API only. An Authorization
 * header that is already set is kept.
 *
 * @param {object} options
 * @param {typeof globalThis.fetch} options.fetch
 * @param {string} options.path The path of the API on this origin.
 * @param {Session | undefined} options.session
 * @param {(outcome: Outcome) => void} options.report Called after each operation, except
 *   GraphiQL's own introspection.
 * @returns {typeof globalThis.fetch}
 */
export function createAuthorizedFetch({ fetch, path, session, report }) {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.origin !== location.origin || url.pathname !== path) return fetch(input, init);

    const request = new Request(input, init);
    const isOperation = !(await isIntrospection(request));
    const { credentials, response } = await send(request, request.headers.has('Authorization'));
    if (isOperation) report({ credentials, problem: await problemOf(response) });
    return response;
  };

  /**
   * @param {Request} request
   * @param {boolean} hasHeader
   * @returns {Promise<{ credentials: Credentials, response: Response }>}
   */
  async function send(request, hasHeader) {
    if (hasHeader) return { credentials: 'header', response: await fetch(request) };
    if (!session) return { credentials: 'none', response: await fetch(request) };

    const first = await sendAs(session, request);
    const problem = await problemOf(first.response);
    if (first.credentials === 'none' || problem?.kind !== 'credentials') return first;
    // Nothing was executed, so it can be retried: with a nonce, or with a renewed token.
    const canRetry =
      problem.reason === 'nonce_needed' ||
      (problem.reason === 'token_expired' && (await session.renew()));
    return canRetry ? sendAs(session, request) : first;
  }

  /**
   * @param {Session} session
   * @param {Request} request
   * @returns {Promise<{ credentials: Credentials, response: Response }>}
   */
  async function sendAs(session, request) {
    const copy = request.clone();
    const isAuthorized = await session.authorize(copy.headers, copy.method);
    const response = await fetch(copy);
    session.rememberNonce(response.headers);
    return { credentials: isAuthorized ? 'session' : 'none', response };
  }
}

/**
 * @param {Response} response
 * @returns {Promise<AccessProblem | undefined>} Undefined for anything but JSON, such as a stream.
 */
async function problemOf(response) {
  if (!/\bjson\b/.test(response.headers.get('Content-Type') ?? '')) return undefined;
  try {
    return readAccessProblem(await response.clone().json());
  } catch {
    return undefined;
  }
}

/** @param {Request} request */
async function isIntrospection(request) {
  if (request.method !== 'POST') return false;
  return /"operationName":\s*"IntrospectionQuery"/.test(await request.clone().text());
}
