import { safeReport } from '../../shared/safe-report.ts';
import { sha256 } from '../../shared/sha256.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import { AuthError } from '../auth-error.ts';
import type { Authenticator } from '../authenticator.ts';
import { createMemoryReplayStore } from '../replay/memory-replay-store.ts';
import type { ReplayStore } from '../replay/replay-store.ts';
import type { RevocationList } from '../revocation/revocation-list.ts';
import { type LogoutToken, LogoutTokenError } from './logout-token.ts';

/** Options for `createLogoutReceiver`. */
export interface LogoutReceiverOptions {
  /** The authenticator, whose issuers are trusted. */
  readonly authenticator: Pick<Authenticator, 'verifyLogoutToken'>;
  /** The client whose users sign out, or several: those that call this API. */
  readonly clientId: string | readonly string[];
  /** Where sessions are revoked: the `revocations` of the authenticator. */
  readonly revocations: Pick<RevocationList, 'revoke'>;
  /**
   * Remembers the logout tokens that were received. Default: in memory, which is sufficient for one
   * instance. See `createRedisReplayStore`.
   */
  readonly replayStore?: ReplayStore;
  /**
   * Called with the reason for each response other than 200: a `LogoutTokenError`, or what failed. Contains
   * nothing from the token. The request is the one that the handler was called with. Default: does nothing.
   */
  readonly onFailure?: (error: unknown, request: Request) => void;
}

/** Longer bodies are rejected. */
const maxBodyBytes = 100_000;

/** Until it can no longer be valid: 10 minutes, and twice the largest clock tolerance. */
const keepFor = 25 * 60_000;

/**
 * Creates the handler of a back-channel logout endpoint (OpenID Connect Back-Channel Logout 1.0 §2.5 to
 * §2.8): when a user signs out, the issuer sends a logout token, and the access tokens of the session are
 * revoked. Register its URL at the issuer as the `backchannel_logout_uri` of the clients.
 *
 * - With `sid`, the tokens with this `sid` are revoked and, if there is a `sub`, those of the subject that
 *   name no session.
 * - With `sub` only, all tokens of the subject are.
 *
 * Those of the subject must have been issued when the logout token was, or earlier.
 *
 * The response is 200; 400 for a token that is forged, late or received before, which changes nothing; and
 * 503 if the keys of the issuer or a store are unavailable.
 *
 * Not checked: how often it is called. Anyone can send requests, and each costs the verification of a
 * signature, so limit their rate.
 *
 * @throws {TypeError} with a message that lists all unknown and invalid options
 *
 * @example
 * ```ts
 * const receiveLogout = createLogoutReceiver({ authenticator, clientId: 'YOUR_CLIENT_ID', revocations });
 *
 * // Hono
 * app.post('/backchannel-logout', ({ req }) => receiveLogout(req.raw));
 * ```
 */
export function createLogoutReceiver(
  options: LogoutReceiverOptions,
): (request: Request) => Promise<Response> {
  checkOptions(options);
  const { authenticator, revocations, replayStore = createMemoryReplayStore() } = options;
  const onFailure = safeReport(options.onFailure);
  const clientIds = [options.clientId].flat();

  async function receive(request: Request): Promise<void> {
    const token = await readToken(request);
    const { url, headers } = request;
    const logout = await authenticator.verifyLogoutToken(token, { clientIds, url, headers });
    // First, so that it can be sent again if this fails. To repeat it changes nothing.
    await revocations.revoke(toRevocation(logout));
    const id = sha256(JSON.stringify(['logout', logout.issuer, logout.tokenId]));
    if (!(await replayStore.isFirstUse(id, keepFor))) throw new LogoutTokenError('replayed');
  }

  return async (request) => {
    if (request.method !== 'POST') {
      return respond(405, undefined, { Allow: 'POST' });
    }
    try {
      await receive(request);
      return respond(200);
    } catch (error) {
      onFailure(error, request);
      if (error instanceof LogoutTokenError) return respond(400, error.message);
      const retryAfter = (error instanceof AuthError && error.retryAfter) || 1;
      return respond(503, undefined, { 'Retry-After': String(retryAfter) });
    }
  };
}

function toRevocation({ issuer, subject, sessionId, issuedAt: issuedBefore }: LogoutToken) {
  if (sessionId !== undefined) {
    return {
      issuer,
      sessionId,
      ...(subject === undefined ? {} : { subject, issuedBefore }),
    };
  }
  if (subject === undefined) throw new LogoutTokenError('claims');
  return { issuer, subject, issuedBefore };
}

/** Reads the form of a request (§2.5). */
async function readToken(request: Request): Promise<string> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded *(?:;|$)/i.test(type)) {
    throw new LogoutTokenError('request');
  }
  const tokens = new URLSearchParams(await readBody(request)).getAll('logout_token');
  const [token] = tokens;
  if (token === undefined || tokens.length > 1) throw new LogoutTokenError('request');
  return token;
}

async function readBody({ body }: Request): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > maxBodyBytes) {
      reader.cancel().catch(() => {});
      throw new LogoutTokenError('request');
    }
    text += decoder.decode(value, { stream: true });
  }
}

function respond(
  status: number,
  description?: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const shared = { 'Cache-Control': 'no-store', ...headers };
  if (description === undefined) return new Response(null, { status, headers: shared });
  return new Response(
    JSON.stringify({ error: 'invalid_request', error_description: description }),
    { status, headers: { ...shared, 'Content-Type': 'application/json' } },
  );
}

const optionNames: Readonly<Record<keyof LogoutReceiverOptions, true>> = {
  authenticator: true,
  clientId: true,
  revocations: true,
  replayStore: true,
  onFailure: true,
};

/** @throws {TypeError} */
function checkOptions(options: LogoutReceiverOptions): void {
  const { authenticator, clientId, revocations, replayStore } = options;
  const clientIds: readonly unknown[] = [clientId].flat();
  const problems = [...findUnknownOptions(options, Object.keys(optionNames))];
  if (typeof authenticator?.verifyLogoutToken !== 'function') {
    problems.push('authenticator must be the result of createAuthenticator.');
  }
  if (clientIds.length === 0 || !clientIds.every((id) => typeof id === 'string' && id !== '')) {
    problems.push('clientId must be the ID of a client of the issuer, or a list of them.');
  }
  if (typeof revocations?.revoke !== 'function') {
    problems.push('revocations must be the result of createRevocationList.');
  }
  if (replayStore !== undefined && typeof replayStore?.isFirstUse !== 'function') {
    problems.push('replayStore must have a method isFirstUse.');
  }
  if (problems.length > 0) throw new TypeError(`createLogoutReceiver: ${problems.join(' ')}`);
}
