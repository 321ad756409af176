/**
 * The load generator: a process of its own, on a CPU of its own. It writes prepared requests to
 * sockets and compares every response with the expected one. Node's own client and the well-known
 * load generators for Node cost more CPU time than the fastest servers here, and would be what is
 * measured.
 */
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { type HttpResponse, readResponse } from './http-response.ts';

/** One round of load. */
export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly milliseconds: number;
  /** One request that is repeated, or requests that are sent once each: then the round may end early. */
  readonly requests: readonly Uint8Array[];
  /** One body for all responses, or one for each request. */
  readonly expected: { readonly status: number; readonly bodies: readonly Uint8Array[] };
}

/** What a round of load saw. */
export interface LoadResult {
  readonly responses: number;
  /** How many responses were not the expected one, and the first of them. */
  readonly unexpected: number;
  readonly firstUnexpected: string | undefined;
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** Of the load generator itself; above 0.9, it limits the requests per second. */
  readonly loadCpuShare: number;
}

async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const { port, connections, milliseconds, requests } = order;
  const bodies = order.expected.bodies.map((body) => Buffer.from(body));
  const isExpected = (index: number, { status, body }: HttpResponse): boolean =>
    status === order.expected.status &&
    bodies[bodies.length === 1 ? 0 : index]?.equals(body) === true;
  const latencies = createHistogram();
  let [sent, responses, unexpected] = [0, 0, 0];
  let firstUnexpected: string | undefined;
  const [isRepeated, first] = [requests.length === 1, requests[0]];

  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const deadline = start + milliseconds;
  const nextRequest = (): IndexedRequest | undefined => {
    if (performance.now() >= deadline) return undefined;
    const index = sent;
    const bytes = isRepeated ? first : requests[index];
    sent += 1;
    return bytes && { index, bytes };
  };

  await Promise.all(
    Array.from({ length: connections }, () =>
      keepSending(port, nextRequest, (index, response, latency) => {
        responses += 1;
        latencies.record(Math.max(1, Math.round(latency * 1e6)));
        if (isExpected(index, response)) return;
        unexpected += 1;
        firstUnexpected ??= `${response.status} ${response.body.toString('utf8', 0, 500)}`;
      }),
    ),
  );

  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    responses,
    unexpected,
    firstUnexpected,
    requestsPerSecond: responses / (elapsed / 1_000),
    p50Milliseconds: latencies.percentile(50) / 1e6,
    p99Milliseconds: latencies.percentile(99) / 1e6,
    loadCpuShare: (user + system) / 1_000 / elapsed,
  };
}

interface IndexedRequest {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Sends one request after the other, on one connection as long as the server keeps it open. */
function keepSending(
  port: number,
  nextRequest: () => IndexedRequest | undefined,
  onResponse: (index: number, response: HttpResponse, latency: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let socket: Socket | undefined;
    let received: Buffer | undefined;
    let sentAt = 0;
    let index = 0;
    let isWaiting = false;

    const send = (): void => {
      const request = nextRequest();
      if (request === undefined) {
        socket?.destroy();
        resolve();
        return;
      }
      index = request.index;
      socket ??= open();
      sentAt = performance.now();
      isWaiting = true;
      socket.write(request.bytes);
    };
    const open = (): Socket => {
      const opened = connect(port, '127.0.0.1').setNoDelay();
      opened.setTimeout(30_000, () => opened.destroy(new Error('No response in 30 seconds.')));
      opened.on('error', reject);
      opened.on('close', () => {
        if (isWaiting && socket === opened) reject(new Error('The server closed the connection.'));
      });
      opened.on('data', (chunk) => {
        received = received === undefined ? chunk : Buffer.concat([received, chunk]);
        const response = readResponse(received);
        if (response === undefined) return;
        received = undefined;
        isWaiting = false;
        onResponse(index, response, performance.now() - sentAt);
        if (response.isLast) {
          socket = undefined;
          opened.destroy();
        }
        send();
      });
      return opened;
    };
    send();
  });
}

process.on('message', (order: LoadOrder) => {
  runLoad(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
