import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import { requestIdHeader } from './http/request-id.ts';
import { type IdentifiedRequest, RecordedRequest } from './request-record.ts';

/** The statuses of what Node cannot read, by the codes of its errors. All others are 400. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Responds to requests that Node cannot read, or that are not complete in time, as Node does by itself:
 * with a status, and a closed connection.
 *
 * @param pendingOf The first response of a connection that is not complete.
 * @param reportRejected Called with the status of each that did not become a request, undefined if its client
 *   has gone. Those that did end their own records.
 */
export function respondToUnreadable(
  server: Server,
  pendingOf: (socket: Socket) => ServerResponse | undefined,
  reportRejected: (request: IdentifiedRequest, status: number | undefined) => void,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const { code = '' } = error;
    // All others are about the connection.
    const isAboutRequest = code.startsWith('HPE_') || code in statuses;
    if (isAboutRequest && socket instanceof Socket) {
      const status = statuses[code] ?? 400;
      // A client that closes its side has most likely gone, but can still read a response.
      const seen = code === 'HPE_INVALID_EOF_STATE' ? undefined : status;
      const pending = pendingOf(socket);
      if (pending === undefined) {
        const request = { id: randomUUID() };
        respond(socket, status, request.id);
        // Browsers open connections that they may not use: such a timeout is not about a request.
        if (socket.bytesRead > 0) reportRejected(request, seen);
      } else if (!pending.headersSent && pending.req instanceof RecordedRequest) {
        const { id, record } = pending.req;
        respond(socket, status, id);
        if (record !== undefined) record.rawStatus = seen;
      }
    }
    socket.destroy(error);
  });
}

function respond(socket: Socket, status: number, id: string): void {
  if (!socket.writable) return;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `${requestIdHeader}: ${id}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
}
