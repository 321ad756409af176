import { badRequest } from './bad-request.ts';

/**
 * The text of a request's body, without a byte order mark (RFC 8259 §8.1).
 *
 * A body that says how long it is costs no more than a comparison: HTTP ends it there. Only one
 * that does not is counted as it comes.
 *
 * @throws {GraphQLError} 413 when the body is longer than `maxBytes`.
 * @throws {DOMException} `AbortError` when the connection ends before the body.
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) throw tooLarge(maxBytes);
  const text = await read(request, length === null ? maxBytes : undefined);
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

async function read(request: Request, maxBytes: number | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    if (maxBytes === undefined) return await request.text();
    const reader = request.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      total += part.value.byteLength;
      if (total > maxBytes) break;
      chunks.push(part.value);
    }
  } catch {
    // Nothing but the connection can fail here, and no one is left to be given an error.
    throw new DOMException('The client has gone before the body was complete.', 'AbortError');
  }
  // The reader is left as it is: cancelling it would cut the connection before the response.
  if (total > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks).toString();
}

function tooLarge(maxBytes: number): Error {
  // Whatever is still to come is not read.
  return badRequest(
    `The body is larger than ${maxBytes} bytes, which is the most this API takes.`,
    413,
    {
      Connection: 'close',
    },
  );
}
