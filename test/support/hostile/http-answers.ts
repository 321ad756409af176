/** A response, read as RFC 9112 has it and not otherwise. */
interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The responses on one connection, and what is wrong with the bytes, if anything is. */
export interface HttpAnswers {
  readonly answers: readonly HttpAnswer[];
  /** Undefined if all bytes are complete responses. */
  readonly problem?: string;
}

interface Reading {
  readonly answer: HttpAnswer;
  readonly next: number;
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/;
const headerLine = /^([!#$%&'*+\-.^_`|~\w]+): ?([\x20-\x7e\t]*)$/;

/**
 * Reads the bytes of a connection that has ended.
 *
 * @param isHead Whether the requests were HEAD, whose responses have no body.
 */
export function readAnswers(bytes: Buffer, isHead = false): HttpAnswers {
  const answers: HttpAnswer[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const { answer, next } = readAnswer(bytes, at, isHead);
      answers.push(answer);
      // What follows is another protocol.
      if (answer.status === 101) break;
      at = next;
    }
    return { answers };
  } catch (error) {
    return { answers, problem: error instanceof Error ? error.message : String(error) };
  }
}

function readAnswer(bytes: Buffer, start: number, isHead: boolean): Reading {
  const headEnd = bytes.indexOf('\r\n\r\n', start);
  if (headEnd === -1) throw new Error(`incomplete head: ${quote(bytes, start)}`);
  const [first = '', ...lines] = bytes.toString('latin1', start, headEnd).split('\r\n');
  const status = Number(statusLine.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`not a status line: ${quote(bytes, start)}`);
  const headers = readHeaders(lines);
  const from = headEnd + 4;
  const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
  const { body, next } = hasBody ? readBody(bytes, from, headers) : { body: '', next: from };
  return { answer: { status, headers, body }, next };
}

function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = headerLine.exec(line) ?? [];
    if (name === '') throw new Error(`not a header: ${JSON.stringify(line)}`);
    const key = name.toLowerCase();
    if (headers.has(key)) throw new Error(`a header twice: ${name}`);
    headers.set(key, value);
  }
  if (headers.has('content-length') && headers.has('transfer-encoding')) {
    throw new Error('both a length and a transfer coding');
  }
  return headers;
}

function readBody(
  bytes: Buffer,
  start: number,
  headers: ReadonlyMap<string, string>,
): { readonly body: string; readonly next: number } {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes, start);
  const length = headers.get('content-length');
  if (length === undefined) {
    if (headers.get('connection') !== 'close') throw new Error('a body without an end');
    return { body: bytes.toString('utf8', start), next: bytes.length };
  }
  const next = start + Number(length);
  if (!/^\d+$/.test(length) || bytes.length < next) {
    throw new Error(`${bytes.length - start} bytes of a body of ${length}`);
  }
  return { body: bytes.toString('utf8', start, next), next };
}

function readChunks(bytes: Buffer, start: number): { body: string; next: number } {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const line = bytes.toString('latin1', at, lineEnd);
    if (lineEnd === -1 || !/^[\da-f]+$/i.test(line)) throw new Error('incomplete chunks');
    const size = Number.parseInt(line, 16);
    const end = lineEnd + 2 + size;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('incomplete chunk');
    if (size === 0) return { body: Buffer.concat(chunks).toString(), next: end + 2 };
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

const quote = (bytes: Buffer, start: number): string =>
  JSON.stringify(bytes.toString('latin1', start, start + 80));
