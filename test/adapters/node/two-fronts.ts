import { expect } from 'vitest';
import { servedDirectly } from '../../../src/adapters/node/direct-plugin.ts';
import type { ApiPlugin } from '../../../src/server/api-definition.ts';
import { buildApi } from '../../../src/server/build-api.ts';
import { withSystemTimers } from '../../support/clock.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createTestIssuer, type TestIssuer } from '../../support/tokens.ts';
import { type Calls, createContextAsAsked, createFrontsApi } from './fronts-api.ts';
import { RawConnection } from './raw-connection.ts';

/** Who served a request: the direct listener alone, or Yoga after all. */
export type ServedBy = 'listener' | 'Yoga';

/** The response of both fronts, which is the same. */
export interface CommonResponse {
  /** The first line, headers and body as sent, without what differs each time. */
  readonly text: string;
  readonly status: number;
  /** By the server that has the direct listener. */
  readonly servedBy: ServedBy;
}

/** Two servers of the same API: with the direct listener, and with Yoga alone. */
export interface TwoFronts {
  readonly issuer: TestIssuer;
  /** The URL that both say they have. */
  readonly url: string;
  readonly direct: Front;
  readonly ordinary: Front;
  /**
   * Sends the same request to both, and expects the same bytes from both, and the same calls.
   *
   * @param message The request, or a function that creates it for each of them.
   */
  exchange(
    message: Message | ((front: Front) => Message),
    method?: string,
  ): Promise<CommonResponse>;
  stop(): Promise<void>;
}

/** Bytes to send; several are packets of their own. */
export type Message = string | Uint8Array | readonly (string | Uint8Array)[];

/** One of the servers. */
export interface Front extends Calls {
  readonly server: TestServer;
  readonly port: number;
  /** The number of requests that Yoga got. */
  readonly passedOn: () => number;
  /** The last response, as it was. */
  received: string;
  /** Those without a request. */
  readonly connections: RawConnection[];
}

/** Options for `startTwoFronts`. */
export interface TwoFrontsOptions {
  readonly issuer?: TestIssuer;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the API has a `createContext`. Default: true. */
  readonly hasContext?: boolean;
  /** Plugins that the direct listener can do without, for each server. */
  readonly plugins?: () => readonly ApiPlugin[];
}

export const publicUrl = 'http://localhost:4000';

/** Starts the same API twice. */
export async function startTwoFronts({
  issuer = createTestIssuer(),
  environment = {},
  hasContext = true,
  plugins = () => [],
}: TwoFrontsOptions = {}): Promise<TwoFronts> {
  async function start(own: readonly ApiPlugin[]): Promise<Front> {
    const ran: string[] = [];
    let passedOn = 0;
    const counting: ApiPlugin = {
      ...servedDirectly,
      onRequest() {
        passedOn += 1;
      },
    };
    const api = buildApi(
      {
        ...createFrontsApi({ ran }),
        ...(hasContext ? { createContext: createContextAsAsked({ ran }) } : {}),
        plugins: [counting, ...plugins(), ...own],
      },
      {
        clock: withSystemTimers(issuer.clock),
        incrementalDelivery: environment['INCREMENTAL_DELIVERY'] === 'on',
      },
    );
    const settings = { PUBLIC_URL: publicUrl, ...environment };
    const server = await startTestServer(settings, issuer, api);
    return {
      server,
      port: Number(new URL(server.origin).port),
      ran,
      passedOn: () => passedOn,
      received: '',
      connections: [],
    };
  }

  const direct = await start([]);
  const ordinary = await start([{}]);
  return {
    issuer,
    url: `${publicUrl}/graphql`,
    direct,
    ordinary,
    async exchange(message, method) {
      const before = direct.passedOn();
      direct.ran.length = 0;
      ordinary.ran.length = 0;
      const [actual, expected] = await Promise.all(
        [direct, ordinary].map(async (front) => {
          const bytes = typeof message === 'function' ? message(front) : message;
          const response = await exchangeWith(front, bytes, method);
          front.received = response;
          return normalize(response);
        }),
      );
      if (actual === undefined) throw new Error('No response.');
      expect(actual).toBe(expected);
      expect(direct.ran).toEqual(ordinary.ran);
      return {
        text: actual,
        status: Number(/^HTTP\/1\.1 ([2-5]\d\d) /m.exec(actual)?.[1]),
        servedBy: direct.passedOn() === before ? 'listener' : 'Yoga',
      };
    },
    async stop() {
      for (const { connections } of [direct, ordinary]) {
        for (const connection of connections) connection.close();
      }
      await Promise.all([direct.server.stop(), ordinary.server.stop()]);
    },
  };
}

/** Bodies of requests: as text, and as a value. */
export const text = JSON.stringify({ query: '{ public { message } private { message } }' });
export const open = { query: '{ public { message } }' };

/** Starts the same API twice, with these operations prepared. */
export async function startPreparedFronts(): Promise<TwoFronts> {
  const fronts = await startTwoFronts();
  await fronts.exchange(post(text));
  await fronts.exchange(post(open));
  return fronts;
}

/** Sends a request to both, and expects this status. */
export async function expectSame(
  fronts: TwoFronts,
  message: Message,
  status: number,
  servedBy: ServedBy,
  method?: string,
): Promise<void> {
  const response = await fronts.exchange(message, method);
  expect([response.status, response.servedBy]).toEqual([status, servedBy]);
}

/** Sends bytes on the connection of a front, or on a new one if that was closed. */
async function exchangeWith(front: Front, bytes: Message, method?: string): Promise<string> {
  const connection = front.connections.pop() ?? (await RawConnection.open(front.port));
  const packets = typeof bytes === 'string' || bytes instanceof Uint8Array ? [bytes] : bytes;
  for (const [index, packet] of packets.entries()) {
    if (index > 0) await new Promise((resolve) => setImmediate(resolve));
    connection.write(packet);
  }
  const response = await connection.next(method);
  if (/^connection: close\r$/im.test(response)) return response + (await connection.rest());
  front.connections.push(connection);
  return response;
}

/** A response without what differs each time. */
export function normalize(response: string): string {
  return response
    .replaceAll(/^Date: .*$/gm, 'Date: (normalized)')
    .replaceAll(/^dpop-nonce: [\w-]{43}\r$/gim, (line) => `${line.slice(0, 10)}: (nonce)\r`)
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '(id)');
}

/** Options for `post`. */
export interface PostOptions {
  readonly target?: string;
  /** Lines before the others. `Host`, `Content-Type` and `Content-Length` are added if missing. */
  readonly headers?: readonly string[];
  readonly version?: string;
}

/** The bytes of a POST request. */
export function post(
  body: string | Uint8Array | object,
  { target = '/graphql', headers = [], version = '1.1' }: PostOptions = {},
): Buffer {
  const bytes =
    typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const isMissing = (name: string): boolean =>
    !headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const lines = [
    `POST ${target} HTTP/${version}`,
    ...(isMissing('host') ? ['Host: localhost'] : []),
    ...headers,
    ...(isMissing('content-type') ? ['Content-Type: application/json'] : []),
    ...(isMissing('content-length') && isMissing('transfer-encoding')
      ? [`Content-Length: ${Buffer.byteLength(bytes)}`]
      : []),
  ];
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    Buffer.from(bytes),
  ]);
}

export const json = 'application/json';
export const graphql = 'application/graphql-response+json';

/** Options for `sendTwice`. */
export interface SendOptions {
  /** Claims of the token. Default: no token. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly accept?: string;
  readonly headers?: readonly string[];
}

/** Sends an operation twice, and returns the second response: by then, the operation is prepared. */
export async function sendTwice(
  fronts: TwoFronts,
  body: object,
  { claims, accept = json, headers = [] }: SendOptions = {},
): Promise<CommonResponse> {
  const token = claims && fronts.issuer.sign({ claims });
  const lines = [
    `Accept: ${accept}`,
    ...(token ? [`Authorization: Bearer ${token}`] : []),
    ...headers,
  ];
  const message = post(body, { headers: lines });
  await fronts.exchange(message);
  return fronts.exchange(message);
}
