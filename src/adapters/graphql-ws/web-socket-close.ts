import type { AuthError } from '../../authentication/auth-error.ts';
import type { AuthErrorCode } from '../../authentication/auth-error-reasons.ts';

/**
 * The codes with which connections are closed. 4400 and 4403 are those of the protocol
 * (graphql-transport-ws). Clients reconnect after 4403, with new credentials, and after 1013
 * (RFC 6455 §7.4, IANA: try again later).
 */
export const closeCodeOf: Readonly<Record<AuthErrorCode, number>> = {
  BAD_REQUEST: 4400,
  UNAUTHENTICATED: 4403,
  FORBIDDEN: 4403,
  SERVICE_UNAVAILABLE: 1013,
};

/** A limit is reached. */
export const tryAgainLater = 1013;
/** The server is shutting down (RFC 6455 §7.4.1). */
export const goingAway = 1001;
/** Clients do not reconnect on their own. */
export const normalClosure = 1000;
/** A message violates the protocol, in a way that graphql-ws does not check. */
export const badMessage = 4400;
/** An unexpected error. */
export const internalError = 4500;

/** The reason, and the message if both fit into a close frame (RFC 6455 §5.5). */
export function closeReason({ reason, message }: Pick<AuthError, 'reason' | 'message'>): string {
  const text = `${reason}: ${message}`;
  return Buffer.byteLength(text) < 124 ? text : reason;
}
