import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that sends bytes as they are, and returns responses as they arrive: one character per byte. */
export class RawConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #wake = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, 'localhost');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next response, with any interim ones before it. All that arrives, if the connection closes. */
  async next(method = 'POST'): Promise<string> {
    for (;;) {
      const length = lengthOfResponse(this.#received, method) ?? this.#lengthAtClose();
      if (length !== undefined) {
        const response = this.#received.subarray(0, length);
        this.#received = this.#received.subarray(length);
        return response.toString('latin1');
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What arrives until the server closes the connection. */
  async rest(): Promise<string> {
    while (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.toString('latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #lengthAtClose(): number | undefined {
    return this.#isClosed ? this.#received.length : undefined;
  }
}

/** The length of the first response with its interim ones. Undefined if it is not complete. */
function lengthOfResponse(received: Buffer, method: string): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const start = end + 4;
  const head = received.toString('latin1', 0, end).toLowerCase();
  const status = Number(head.split(' ')[1]);
  if (status < 200) {
    const final = lengthOfResponse(received.subarray(start), method);
    return final === undefined ? undefined : start + final;
  }
  if (method === 'HEAD' || status === 204 || status === 304) return start;
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) {
    return received.length >= start + Number(length) ? start + Number(length) : undefined;
  }
  return head.includes('\r\ntransfer-encoding: chunked') ? endOfChunks(received, start) : undefined;
}

function endOfChunks(received: Buffer, start: number): number | undefined {
  for (let at = start; ; ) {
    const line = received.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, line), 16);
    at = line + 2 + size + 2;
    if (received.length < at) return undefined;
    if (size === 0) return at;
  }
}
