import { randomUUID } from 'node:crypto';

/** The header of the id of a request, in requests and in responses. */
export const requestIdHeader = 'X-Request-Id';

/** UUIDs, ULIDs, the ids of proxies. Short, and without characters that logs or headers give a meaning. */
const requestId = /^[A-Za-z0-9_-]{8,64}$/;

/** W3C Trace Context §3.2: version, trace, parent, flags. A trace of zeros is invalid. */
const traceparent = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/**
 * The id of a request: that in `X-Request-Id` if it is well-formed, else the trace id in `traceparent`,
 * else a random UUID. Anything longer is not read.
 */
export function requestIdOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): string {
  const sent = headers['x-request-id'];
  if (typeof sent === 'string' && sent.length <= 64 && requestId.test(sent)) return sent;
  const trace = headers['traceparent'];
  const [, traceId] =
    (typeof trace === 'string' && trace.length <= 100 && traceparent.exec(trace)) || [];
  return traceId ?? randomUUID();
}
