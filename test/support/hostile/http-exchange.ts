import { connect } from 'node:net';
import { type HttpAnswers, readAnswers } from './http-answers.ts';

/** Bytes for one connection, in one write or several. */
export interface HostileBytes {
  readonly writes: readonly Uint8Array[];
  /**
   * `request`: exactly one request, complete and the last of its connection, so that the server responds
   * and closes. `anything`: the client ends its side once nothing comes any more.
   */
  readonly kind: 'request' | 'anything';
  readonly isHead?: boolean;
}

/** What came back, and how long it took. */
export interface HttpExchange extends HttpAnswers {
  readonly milliseconds: number;
}

/** Milliseconds without a byte after which a client has nothing more to wait for. */
const idleMs = 40;
/** No connection may stay longer. */
const deadlineMs = 15_000;

/** Writes the bytes as they are, and reads until the server has closed the connection. */
export function exchangeBytes(
  port: number,
  { writes, kind, isHead }: HostileBytes,
): Promise<HttpExchange> {
  const start = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let idle: NodeJS.Timeout | undefined;
    let isHanging = false;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const deadline = setTimeout(() => {
      isHanging = true;
      socket.destroy();
    }, deadlineMs);
    const waitForSilence = (): void => {
      if (kind === 'request') return;
      clearTimeout(idle);
      idle = setTimeout(() => socket.end(), idleMs);
    };
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      waitForSilence();
    });
    // A reset is how a server ends a connection of which it has not read everything.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(idle);
      clearTimeout(deadline);
      const read = readAnswers(Buffer.concat(chunks), isHead);
      const milliseconds = performance.now() - start;
      resolve({ ...read, milliseconds, ...(isHanging ? { problem: 'no end in 15 s' } : {}) });
    });
    socket.on('connect', () => {
      writeOneByOne(writes, (bytes, then) => socket.write(bytes, then), waitForSilence);
    });
  });
}

/** Each write in a turn of its own, so that the server can see them one by one. */
function writeOneByOne(
  writes: readonly Uint8Array[],
  write: (bytes: Uint8Array, then: () => void) => void,
  done: () => void,
): void {
  const [first, ...rest] = writes;
  if (first === undefined) done();
  else write(first, () => setImmediate(() => writeOneByOne(rest, write, done)));
}
