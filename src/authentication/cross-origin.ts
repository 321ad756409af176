import type { CsrfProtection } from './token-location.ts';

/** The parts of a request that say which page caused it. */
interface InitiatedRequest {
  readonly method: string;
  readonly headers: Pick<Headers, 'get'>;
}

/** Whether a request was caused by a page that can use the credentials which the browser added. */
export type IsAllowedInitiator = (request: InitiatedRequest) => boolean;

/**
 * Creates the check of `CsrfProtection`. Browsers send `Origin` with every POST, every WebSocket handshake
 * and every request to another origin whose response a page could read; and the headers of Fetch Metadata
 * with every request over https or to this machine. Pages can neither set nor remove them.
 *
 * Other clients send neither. They are rejected as well: an old browser could have been made to send such
 * a request.
 */
export function createInitiatorCheck(csrf: CsrfProtection, publicUrl: string): IsAllowedInitiator {
  const own = new URL(publicUrl).origin;
  const allowed = csrf === 'same-origin' ? [] : csrf.allowedOrigins;
  const isAllowed =
    typeof allowed === 'function'
      ? // Sandboxed frames of every page have the origin `null`.
        (origin: string) => origin !== 'null' && allowed(origin) === true
      : (origin: string) => allowed.includes(origin);

  return ({ method, headers }) => {
    const origin = headers.get('origin');
    if (origin !== null) return origin === own || isAllowed(origin);
    switch (headers.get('sec-fetch-site')) {
      case 'same-origin':
        return true;
      case 'none':
        return isSafe(method) && headers.get('sec-fetch-mode') === 'navigate';
      default:
        return false;
    }
  };
}

/** Methods that must not change anything (RFC 9110 §9.2.1), with which URLs are opened. */
const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';
