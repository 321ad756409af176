import { badRequest } from './bad-request.ts';

/**
 * The text of a request's body.
 *
 * A body that says how long it is costs no more than a comparison: HTTP ends it there. Only one
 * that does not is counted as it comes.
 *
 * @throws {GraphQLError} 413 when the body is longer than `maxBytes`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const length = request.headers.get('content-length');
  if (length !== null) {
    if (Number(length) > maxBytes) throw tooLarge(maxBytes);
    return request.text();
  }
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    total += part.value.byteLength;
    // The reader is let go as it is: cancelling it would cut the connection before the answer.
    if (total > maxBytes) throw tooLarge(maxBytes);
    chunks.push(part.value);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
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
