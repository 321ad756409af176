import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { connectAs, subscribeTo } from '../../test/subscriptions/raw-socket.ts';
import { boundToken, createProof } from '../../test/support/proofs.ts';
import { createTestKey, type TestIssuer } from '../../test/support/tokens.ts';
import type { WatchedServer } from './watched-server.ts';

/** Requests of every kind that clients send. */
export interface MixedRequests {
  /** Sends request number `index`, with a token of its own, and reads the response. */
  send(index: number): Promise<void>;
  /** What was not as expected; at most a thousand. */
  readonly unexpected: readonly string[];
  close(): void;
}

/** Creates requests to a server, with this number of documents. */
export function createMixedRequests({
  server: { origin, port, endpoint },
  issuer,
  documents,
}: {
  readonly server: WatchedServer;
  readonly issuer: TestIssuer;
  readonly documents: number;
}): MixedRequests {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const [clientKey, foreignKey] = [createTestKey(), createTestKey()];
  const unexpected: string[] = [];
  const report = (problem: string): void => {
    if (unexpected.length < 1_000) unexpected.push(problem);
  };

  const open = (
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    path = '/graphql',
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
      const all = { Accept: 'application/json', ...type, ...headers };
      request({ agent, host: '127.0.0.1', port, method, path, headers: all }, resolve)
        .on('error', reject)
        .end(body);
    });
  const expectStatus = async (status: number, response: IncomingMessage): Promise<void> => {
    const body = await text(response);
    if (response.statusCode !== status) {
      report(`${response.statusCode}, not ${status}: ${body.slice(0, 200)}`);
    }
  };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const newToken = (index: number): string =>
    issuer.sign({ claims: { scope: 'read:messages write:messages', sub: `user-${index}` } });
  const query = (index: number): string =>
    JSON.stringify({
      query: `query Q${index % documents} { a${index % documents}: public { message } private { message subject } }`,
    });

  const prove = async (): Promise<void> => {
    const token = boundToken(issuer, clientKey);
    const proof = createProof({ key: clientKey, token, url: endpoint, clock: issuer.clock });
    await expectStatus(200, await open({ Authorization: `DPoP ${token}`, DPoP: proof }, query(0)));
  };
  const post = async (index: number): Promise<void> => {
    const mutation = `mutation { postMessage(text: "soak", idempotencyKey: "k${index % 100}") { id } }`;
    const body = JSON.stringify({ query: mutation });
    await expectStatus(200, await open(bearer(newToken(index % 50)), body));
  };
  const stream = async (index: number): Promise<void> => {
    const headers = { ...bearer(newToken(index)), Accept: 'text/event-stream' };
    const response = await open(headers, '{"query":"subscription { clock { time } }"}');
    const [first] = await response.take(1).toArray();
    response.destroy();
    if (response.statusCode !== 200 || first === undefined)
      report(`stream: ${response.statusCode}`);
  };
  const connect = async (index: number): Promise<void> => {
    const socket = await connectAs(`${endpoint.replace('http', 'ws')}`, bearer(newToken(index)));
    await socket.next();
    socket.send(subscribeTo('subscription { clock { time } }'));
    const message = JSON.stringify(await socket.next());
    if (!message.includes('"time"')) report(`WebSocket: ${message.slice(0, 200)}`);
    socket.socket.close(1000);
    await socket.closed;
  };
  const forge = async (): Promise<void> =>
    expectStatus(401, await open(bearer(issuer.sign({ key: foreignKey })), query(0)));
  const get = async (index: number): Promise<void> => {
    const search = new URLSearchParams({ query: `{ g${index % documents}: private { message } }` });
    await expectStatus(200, await open(bearer(newToken(index)), undefined, `/graphql?${search}`));
  };
  const fail = async (index: number): Promise<void> => {
    const body = JSON.stringify({ query: `{ unknown${index % documents} }` });
    await expectStatus(200, await open(bearer(newToken(index)), body));
  };
  const refuse = async (index: number): Promise<void> =>
    expectStatus(403, await open(bearer(newToken(index)), '{"query":"{ admin { message } }"}'));
  const health = async (): Promise<void> => expectStatus(200, await open({}, undefined, '/readyz'));

  /** Which of a hundred requests are not plain ones. */
  const special: Readonly<Record<number, (index: number) => Promise<void>>> = {
    7: prove,
    17: forge,
    27: get,
    37: fail,
    47: refuse,
    57: post,
    67: stream,
    77: connect,
    87: health,
  };

  return {
    unexpected,
    async send(index) {
      try {
        await special[index % 100]?.(index);
        await expectStatus(200, await open(bearer(newToken(index)), query(index)));
      } catch (error) {
        report(`${origin}: ${error}`);
      }
    },
    close: () => agent.destroy(),
  };
}
