import { maxIdLength } from '../adapters/graphql-ws/web-socket-options.ts';

/**
 * What graphql-ws is given for a message, or undefined where the message breaks the protocol and
 * graphql-ws would take that for an error of the server. A `subscribe` message whose payload is
 * malformed becomes one without a query, since graphql-ws would close the whole connection for it:
 * so it is answered by an `error` message for that operation alone.
 *
 * Nothing of a message that has no bound of its own is written again, by this or by graphql-ws:
 * values that are nested deep enough overflow the stack of whatever writes them.
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
  // Its payload comes back in the answer.
  if (type === 'ping' && isDeeper(message['payload'], deepestPing)) return undefined;
  if (type !== 'subscribe') return text;
  if (typeof id !== 'string') return undefined;
  if (id.length > maxIdLength || isWellFormed(message['payload'])) return text;
  return JSON.stringify({ id, type, payload: { query: '' } });
}

/** Levels of the payload of a `ping` message. */
const deepestPing = 100;

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

/** It looks no deeper than that itself. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
