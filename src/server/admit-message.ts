/**
 * What graphql-ws is given for a message, or undefined where the message breaks the protocol and
 * graphql-ws would take that for an error of the server. A `subscribe` message whose payload is
 * malformed becomes one without a query, since graphql-ws would close the whole connection for it:
 * so it is answered by an `error` message for that operation alone.
 */
export function admitMessage(text: string): string | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return text;
  }
  if (!isObject(message)) return text;
  const { type, id } = message;
  if (typeof type === 'string' && ofServers.has(type)) return undefined;
  if (type !== 'subscribe' || isWellFormed(message['payload'])) return text;
  return JSON.stringify({ id, type, payload: { query: '' } });
}

const ofServers = new Set(['connection_ack', 'next', 'error']);

function isWellFormed(payload: unknown): boolean {
  return (
    isObject(payload) &&
    typeof payload['query'] === 'string' &&
    (payload['operationName'] == null || typeof payload['operationName'] === 'string') &&
    (payload['variables'] == null || isObject(payload['variables'])) &&
    (payload['extensions'] == null || isObject(payload['extensions']))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
