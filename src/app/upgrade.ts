import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { originForm } from './origin-form.ts';
import { graphqlPath } from './paths.ts';

/** What becomes of an HTTP connection. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Whether a request is to become a WebSocket, where there is one. */
export function asksForWebSocket(request: IncomingMessage): boolean {
  const [path] = originForm(request.url ?? '/').split('?', 1);
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
  return isWebSocket && request.method === 'GET' && path === graphqlPath;
}

/**
 * Options of a server by which newer versions of Node leave other requests alone that ask for an
 * upgrade. Older ones hand them over, and need `upgradeTo`.
 */
export const upgradeToWebSocketOnly: ServerOptions & {
  shouldUpgradeCallback(request: IncomingMessage): boolean;
} = { shouldUpgradeCallback: asksForWebSocket };

/**
 * Upgrades what is to become a WebSocket. Whatever else a client offers, such as `h2c`, is ignored
 * (RFC 9110 §7.8): the request is read once more, without the offer.
 */
export function upgradeTo(webSocket: Upgrade, server: Server): Upgrade {
  return (request, socket, head) => {
    if (asksForWebSocket(request)) {
      webSocket(request, socket, head);
      return;
    }
    socket.unshift(Buffer.concat([withoutOffer(request), head]));
    server.emit('connection', socket);
  };
}

function withoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const kept = keptOf(name.toLowerCase(), value);
    if (kept !== undefined) lines.push(`${name}: ${kept}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function keptOf(name: string, value: string): string | undefined {
  if (name === 'upgrade' || name === 'http2-settings') return undefined;
  if (name !== 'connection') return value;
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !/^(?:upgrade|http2-settings|)$/i.test(option)).join(', ');
}
