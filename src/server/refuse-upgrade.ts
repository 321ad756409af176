import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answers a request that is not upgraded, and closes its connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: 400 | 403 | 417 | 431 | 501 | 503,
  text: string,
): void {
  const body = `${text}\n`;
  socket.on('error', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      ...(status === 503 ? ['Retry-After: 1'] : []),
      '',
      body,
    ].join('\r\n'),
    // A client that does not close its half would keep the connection.
    () => socket.destroy(),
  );
}
