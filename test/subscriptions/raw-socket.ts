import { WebSocket } from 'ws';

/** A WebSocket that says exactly what it is told to. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** The headers of the answer to the upgrade. */
  readonly headers: Readonly<Record<string, unknown>>;
  send(message: unknown): void;
  /** The next message. */
  next(): Promise<unknown>;
  /** How the server closed it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface RawSocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: that of graphql-ws. */
  readonly protocol?: string;
  /** Default true. */
  readonly autoPong?: boolean;
}

/** Connects; rejects where the server does not upgrade, with its status. */
export function connectRaw(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { protocol = 'graphql-transport-ws', headers = {}, autoPong = true } = options;
  const socket = new WebSocket(url, protocol, { headers, autoPong });
  const messages: unknown[] = [];
  const readers: ((message: unknown) => void)[] = [];
  let answer: Readonly<Record<string, unknown>> = {};
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(String(data));
    const reader = readers.shift();
    if (reader) reader(message);
    else messages.push(message);
  });
  socket.on('upgrade', (response) => {
    answer = response.headers;
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      reject(new Error(`${response.statusCode}`));
      socket.terminate();
    });
    socket.on('error', reject);
    socket.on('open', () =>
      resolve({
        socket,
        headers: answer,
        send: (message) =>
          socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
        next: () =>
          messages.length > 0
            ? Promise.resolve(messages.shift())
            : new Promise((give) => readers.push(give)),
        closed,
      }),
    );
  });
}

/** Connects, and sends `connection_init` with credentials. */
export async function connectAs(
  url: string,
  payload: Readonly<Record<string, unknown>> | undefined,
  options: RawSocketOptions = {},
): Promise<RawSocket> {
  const raw = await connectRaw(url, options);
  raw.send({ type: 'connection_init', ...(payload ? { payload } : {}) });
  return raw;
}

export const subscribeTo = (query: string, id = '1', variables?: object) => ({
  id,
  type: 'subscribe',
  payload: { query, ...(variables ? { variables } : {}) },
});
