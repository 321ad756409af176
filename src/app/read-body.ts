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
  if (request.body) {
    for await (const chunk of request.body) {
      total += chunk.byteLength;
      if (total > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
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
