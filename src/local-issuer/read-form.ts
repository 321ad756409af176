import type { IncomingMessage } from 'node:http';

/** A form that is not read. */
export class FormError extends Error {
  override readonly name = 'FormError';
  readonly status: 400 | 403 | 405 | 413 | 415;

  constructor(status: FormError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

const longestForm = 1024;

/**
 * The fields of a form posted from one of our own pages.
 *
 * @throws FormError for another method, another content type, another site, or more than 1 KiB.
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method !== 'POST') throw new FormError(405, 'It must be posted.');
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    throw new FormError(403, 'It was posted from another site.');
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    throw new FormError(415, 'It must be sent as application/x-www-form-urlencoded.');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new FormError(400, 'It is no form.');
    length += chunk.length;
    if (length > longestForm) throw new FormError(413, 'It is too long.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
