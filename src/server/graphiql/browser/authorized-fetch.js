import { readRefusal } from './refusal.js';

/** @import { Refusal } from './refusal.js' */
/** @import { Session } from './session.js' */

/**
 * Whose credentials were sent: those of the sign-in, a header that somebody typed, or none.
 *
 * @typedef {'session' | 'typed' | 'nobody'} Sender
 */

/**
 * How an operation went.
 *
 * @typedef {object} Outcome
 * @property {Sender} by
 * @property {Refusal | undefined} refusal
 */

/**
 * A `fetch` that sends the access token of the session to the API, and to nobody else. A header that
 * is there already wins.
 *
 * @param {object} options
 * @param {typeof globalThis.fetch} options.fetch
 * @param {string} options.path Where the API is on this origin.
 * @param {Session | undefined} options.session
 * @param {(outcome: Outcome) => void} options.report Told how each operation went; what GraphiQL
 *   asks of the schema by itself is not one.
 * @returns {typeof globalThis.fetch}
 */
export function createAuthorizedFetch({ fetch, path, session, report }) {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.origin !== location.origin || url.pathname !== path) return fetch(input, init);

    const request = new Request(input, init);
    const isOperation = !(await isIntrospection(request));
    const { by, response } = await send(request, request.headers.has('Authorization'));
    if (isOperation) report({ by, refusal: await refusalOf(response) });
    return response;
  };

  /**
   * @param {Request} request
   * @param {boolean} isTyped
   * @returns {Promise<{ by: Sender, response: Response }>}
   */
  async function send(request, isTyped) {
    if (isTyped) return { by: 'typed', response: await fetch(request) };
    if (!session) return { by: 'nobody', response: await fetch(request) };

    const first = await sendAs(session, request);
    const refusal = await refusalOf(first.response);
    if (first.by === 'nobody' || refusal?.kind !== 'credentials') return first;
    // Nothing ran yet, so it may be sent again: with the nonce that the API wants, or renewed.
    const isMended =
      refusal.reason === 'nonce_needed' ||
      (refusal.reason === 'token_expired' && (await session.renew()));
    return isMended ? sendAs(session, request) : first;
  }

  /**
   * @param {Session} session
   * @param {Request} request
   * @returns {Promise<{ by: Sender, response: Response }>}
   */
  async function sendAs(session, request) {
    const copy = request.clone();
    const by = (await session.authorize(copy.headers, copy.method)) ? 'session' : 'nobody';
    const response = await fetch(copy);
    session.heed(response.headers);
    return { by, response };
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Refusal | undefined>} Undefined also for what is no JSON, such as a stream.
 */
async function refusalOf(response) {
  if (!/\bjson\b/.test(response.headers.get('Content-Type') ?? '')) return undefined;
  try {
    return readRefusal(await response.clone().json());
  } catch {
    return undefined;
  }
}

/** @param {Request} request */
async function isIntrospection(request) {
  if (request.method !== 'POST') return false;
  return /"operationName":\s*"IntrospectionQuery"/.test(await request.clone().text());
}
