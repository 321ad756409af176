/**
 * The headers as they came over the wire, from Yoga's server context under Node: a flat list of
 * names and values. Node's own view of them keeps only the first of two Authorization headers.
 */
export function rawHeadersOf(serverContext: unknown): readonly string[] | undefined {
  if (!isRecord(serverContext) || !isRecord(serverContext['req'])) return undefined;
  const { rawHeaders } = serverContext['req'];
  return Array.isArray(rawHeaders) && rawHeaders.every((text) => typeof text === 'string')
    ? rawHeaders
    : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
