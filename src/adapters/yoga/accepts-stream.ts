import { connectionViewer } from '../../gate/connection-viewer.ts';
import { acceptedTypes } from '../../shared/accept.ts';

/** Media types that hold results that come in parts; subscriptions come in the first alone. */
export const streamTypes = ['text/event-stream', 'multipart/mixed'] as const;

/**
 * Whether the client of an operation takes one of these media types (RFC 9110 §12.5.1). Over
 * WebSocket there are none to take.
 */
export function acceptsStream(
  context: { readonly request?: Request },
  types: readonly string[],
): boolean {
  if (connectionViewer(context) !== undefined) return true;
  return acceptedTypes(context.request?.headers.get('accept'), types).length > 0;
}
