import { connect } from 'node:net';
import { readFrames, type ServerFrames } from './web-socket-frames.ts';

/** What came back on a connection: the status of the upgrade, and the frames after it. */
export interface WebSocketExchange extends ServerFrames {
  readonly status: number;
  /** The bytes in front of the frames. */
  readonly head: string;
}

/**
 * Waits without data, one after another, until nothing more is expected. A single long one can end
 * after a pause of the process, before it has even read what it was sent.
 */
const idleWaits = 8;
const idleWaitMs = 5;
const deadlineMs = 15_000;

/** The lines of an upgrade (RFC 6455 §4.1), with lines that replace them by name. */
export function upgradeLines(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const headers = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return ['GET /graphql HTTP/1.1', ...lines, '', ''].join('\r\n');
}

/**
 * Upgrades a connection, writes the bytes as they are, and reads until the server has closed it. The
 * client ends its side once nothing comes any more.
 */
export function exchangeFrames(
  port: number,
  writes: readonly Uint8Array[],
  upgrade = upgradeLines(),
): Promise<WebSocketExchange> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let isUpgraded = false;
    let isHanging = false;
    let idle: NodeJS.Timeout | undefined;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(upgrade));
    const deadline = setTimeout(() => {
      isHanging = true;
      socket.destroy();
    }, deadlineMs);
    const waitForSilence = (waits = idleWaits): void => {
      clearTimeout(idle);
      idle = setTimeout(() => {
        if (waits > 1) waitForSilence(waits - 1);
        else socket.end();
      }, idleWaitMs);
    };
    const writeNext = (index: number): void => {
      const bytes = writes[index];
      if (bytes === undefined) waitForSilence();
      else socket.write(bytes, () => setImmediate(writeNext, index + 1));
    };
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (isUpgraded) waitForSilence();
      else if (received.includes('\r\n\r\n')) {
        isUpgraded = true;
        writeNext(0);
      }
    });
    // A reset is how a server ends a connection of which it has not read everything.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(idle);
      clearTimeout(deadline);
      const end = received.indexOf('\r\n\r\n');
      const head = received.toString('latin1', 0, end === -1 ? received.length : end);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
      try {
        const frames = readFrames(status === 101 ? received.subarray(end + 4) : Buffer.alloc(0));
        resolve({ status, head, ...frames, ...(isHanging ? { problem: 'no end in 15 s' } : {}) });
      } catch (error) {
        reject(error);
      }
    });
  });
}
