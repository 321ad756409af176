/** An HTTP/1.1 response. */
export interface HttpResponse {
  readonly status: number;
  readonly body: Buffer;
  /** Whether the server closes the connection after it. */
  readonly isLast: boolean;
}

/** Reads a response whose request was not HEAD; undefined while it is incomplete. */
export function readResponse(bytes: Buffer): HttpResponse | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const start = end + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const body =
    length === undefined ? readChunks(bytes, start) : readLength(bytes, start, Number(length));
  if (body === undefined) return undefined;
  const isLast = /\r\nconnection: *close/i.test(head);
  return { status: Number(head.slice(9, 12)), body, isLast };
}

const readLength = (bytes: Buffer, start: number, length: number): Buffer | undefined =>
  bytes.length < start + length ? undefined : bytes.subarray(start, start + length);

/** A body of chunks (RFC 9112 §7.1), without trailers. */
function readChunks(bytes: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + length + 2;
    if (bytes.length < next) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = next;
  }
}
