import { IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { graphqlPath } from './paths.ts';
import { requestIdHeader } from './request-id.ts';
import { pathOf } from './request-target.ts';

/** Why an upgrade is rejected. */
export interface UpgradeRejection {
  readonly status: 400 | 403 | 417 | 431 | 501 | 503;
  readonly message: string;
}

/** Takes over a connection that is upgraded, or returns why not, having done nothing. */
export type UpgradeHandler = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => UpgradeRejection | undefined;

/**
 * A request that upgrades its connection only to a WebSocket at the GraphQL endpoint. Any other
 * upgrade, such as `h2c`, is ignored (RFC 9110 §7.8), as by servers without upgrades; Node would
 * leave its connection hanging.
 */
export class ApiRequest extends IncomingMessage {
  declare private offersUpgrade: boolean | null;

  /** Set by Node when the headers are complete, and read to decide whether to upgrade. */
  get upgrade(): boolean {
    return this.offersUpgrade === true && isWebSocketHandshake(this);
  }

  set upgrade(offers: boolean | null) {
    this.offersUpgrade = offers;
  }
}

function isWebSocketHandshake({ method, url, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    pathOf(url ?? '/') === graphqlPath &&
    headers.upgrade?.toLowerCase() === 'websocket'
  );
}

/**
 * Responds to a request for an upgrade that is rejected, and closes its connection.
 *
 * @param id The id of the request.
 */
export function rejectUpgrade(
  socket: Duplex,
  { status, message }: UpgradeRejection,
  id: string,
): void {
  const body = `${message}\n`;
  socket.on('error', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      `${requestIdHeader}: ${id}`,
      // RFC 6455 §4.4: the versions of the handshake.
      ...(status === 400 ? ['Sec-WebSocket-Version: 13, 8'] : []),
      ...(status === 503 ? ['Retry-After: 1'] : []),
      '',
      body,
    ].join('\r\n'),
    // A client that does not close its side would keep the connection open.
    () => socket.destroy(),
  );
}
