import type { AuthError, AuthErrorCode } from '../../authentication/auth-error.ts';

/**
 * How connections are refused and ended. 4400 and 4403 are those of the protocol
 * (graphql-transport-ws); clients try again after 4403, with credentials that they get anew, and
 * after 1013 (RFC 6455 §7.4, IANA: try again later).
 */
export const closeCodeOf: Readonly<Record<AuthErrorCode, number>> = {
  BAD_REQUEST: 4400,
  UNAUTHENTICATED: 4403,
  FORBIDDEN: 4403,
  SERVICE_UNAVAILABLE: 1013,
};

/** What there is too much of. */
export const tryAgainLater = 1013;
/** The server stops (RFC 6455 §7.4.1). */
export const goingAway = 1001;
/** Clients do not connect again by themselves after this one. */
export const normalClosure = 1000;
/** A message breaks the protocol, beyond what `graphql-transport-ws` itself says. */
export const badMessage = 4400;
/** Something failed that is not the client's doing. */
export const internalError = 4500;

/** The reason and its sentence, as far as a close frame holds them (RFC 6455 §5.5). */
export function closeReason({ reason, message }: Pick<AuthError, 'reason' | 'message'>): string {
  const text = `${reason}: ${message}`;
  return Buffer.byteLength(text) < 124 ? text : reason;
}
