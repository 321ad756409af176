import { connect } from 'node:net';
import type { BenchIssuer, CredentialsKind, TokenFlaw } from './credentials.ts';
import { tokenFlaws } from './credentials.ts';
import { type HttpResponse, readResponse } from './http-response.ts';
import { queries, type Scenario } from './scenarios.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A scenario whose server runs, answers, and was shown to enforce its rules. */
export interface Target {
  readonly scenario: Scenario;
  readonly server: ServerProcess;
  /** The response to the measured request; every response of the rounds must equal it. */
  readonly expected: HttpResponse;
  /** What the server should have refused and did not. Undefined without authorization. */
  readonly accepted: readonly string[] | undefined;
  /** For DPoP: whether the server refuses a proof that was used before. */
  readonly refusesReplay: boolean | undefined;
  /** Creates the requests of one round: one to repeat, or `count` to send once. */
  createRequests(count: number): readonly Buffer[];
}

const startTimeoutMs = 120_000;

/**
 * Starts the server of a scenario, waits until it answers, and checks what it refuses.
 *
 * @throws {Error} When it does not start or does not answer as expected
 */
export async function startTarget(
  scenario: Scenario,
  options: { readonly issuer: BenchIssuer; readonly port: number; readonly folder: string },
): Promise<Target> {
  const { issuer, port, folder } = options;
  const server = startServerProcess(scenario.server, {
    port,
    folder,
    environment: { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience },
  });
  try {
    const url = `${scenario.server.publicUrl ?? `http://127.0.0.1:${port}`}/graphql`;
    const request = (query: string, kind: CredentialsKind, flaw?: TokenFlaw): Buffer =>
      encodeRequest(port, query, issuer.createHeaders(kind, url, flaw));
    const query = queries[scenario.query];

    await waitUntilListening(server);
    const flaw = scenario.isRefused ? 'missing scope' : undefined;
    const expected = await send(port, request(query, scenario.credentials, flaw));
    checkResponse(scenario, expected);
    const checked = scenario.isGuarded ? await findAccepted(port, scenario, request) : undefined;
    return {
      scenario,
      server,
      expected,
      accepted: checked,
      refusesReplay:
        scenario.credentials === 'dpop'
          ? await refusesSecondUse(port, request(queries.guarded, 'dpop'))
          : undefined,
      createRequests(count) {
        if (scenario.credentials === 'newTokens') {
          return Array.from({ length: count }, () => request(query, 'newTokens'));
        }
        const headers = issuer.createHeaders(scenario.credentials, url, flaw);
        if (scenario.credentials !== 'dpop') return [encodeRequest(port, query, headers)];
        return Array.from({ length: count }, () =>
          encodeRequest(port, query, issuer.renewProof(headers, url)),
        );
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The bytes of a request that executes a query. */
export function encodeRequest(
  port: number,
  query: string,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const body = JSON.stringify({ query });
  const all = {
    Host: `127.0.0.1:${port}`,
    'Content-Type': 'application/json',
    Accept: 'application/json',
    ...headers,
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Sends one request on a connection of its own. */
function send(port: number, request: Buffer): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    let received = Buffer.alloc(0);
    socket.setTimeout(30_000, () => socket.destroy(new Error('No response in 30 seconds.')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The connection was closed without a response.')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const response = readResponse(received);
      if (response === undefined) return;
      resolve(response);
      socket.destroy();
    });
  });
}

async function waitUntilListening(server: ServerProcess): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isListening(server.port))) {
    if (server.exitReason !== undefined) throw new Error(server.exitReason);
    if (performance.now() > deadline) throw new Error('it did not listen in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** The field of a response's data that the query selects; undefined if it was refused. */
function dataOf({ body }: HttpResponse, field: string): unknown {
  try {
    return JSON.parse(body.toString()).data?.[field] ?? undefined;
  } catch {
    return undefined;
  }
}

const fieldOf = (query: string): string => /\w+/.exec(query)?.[0] ?? '';

function checkResponse({ query, isRefused }: Scenario, response: HttpResponse): void {
  const text = `${response.status} ${response.body.toString('utf8', 0, 300)}`;
  const isExpected = isRefused
    ? response.status === 403
    : response.status === 200 &&
      dataOf(response, fieldOf(queries[query])) !== undefined &&
      !response.body.includes('"errors"');
  if (!isExpected) throw new Error(`unexpected response: ${text}`);
}

/** Sends every flawed token, and returns those that were accepted. */
async function findAccepted(
  port: number,
  { credentials }: Scenario,
  request: (query: string, kind: CredentialsKind, flaw?: TokenFlaw) => Buffer,
): Promise<string[]> {
  const field = fieldOf(queries.guarded);
  const isRefused = async (sent: Buffer): Promise<boolean> => {
    const response = await send(port, sent);
    return response.status < 500 && dataOf(response, field) === undefined;
  };
  const accepted: string[] = [];
  for (const flaw of tokenFlaws) {
    if (!(await isRefused(request(queries.guarded, credentials, flaw)))) accepted.push(flaw);
  }
  if (!(await isRefused(request(queries.guarded, 'none')))) accepted.push('no token');
  // The same check must find that a valid token is accepted.
  if (await isRefused(request(queries.guarded, credentials))) {
    throw new Error('it refuses a valid token');
  }
  return accepted;
}

async function refusesSecondUse(port: number, request: Buffer): Promise<boolean> {
  await send(port, request);
  return dataOf(await send(port, request), fieldOf(queries.guarded)) === undefined;
}
