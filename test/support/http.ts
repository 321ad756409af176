import { type Agent, request } from 'node:http';

/** A response. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A response with a GraphQL result. */
export interface GraphqlResponse extends WireResponse {
  readonly body: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly locations?: readonly unknown[];
      readonly extensions: Readonly<Record<string, unknown>>;
    }[];
  };
}

export interface WireRequest {
  readonly method?: string;
  /** Alternating names and values, so that a name can be repeated. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  /** The request target. Default: the path and query of the URL. */
  readonly target?: string;
  /** Keeps connections. Default: each request has its own. */
  readonly agent?: Agent;
}

/** Sends the request exactly as given; fetch would normalize or reject it. */
export function send(
  url: string,
  { method = 'GET', headers = [], body, target, agent }: WireRequest = {},
) {
  const { hostname, port, pathname, search, host } = new URL(url);
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const all = [
    ...(names.includes('host') ? [] : ['Host', host]),
    ...headers,
    ...(body === undefined ||
    names.includes('content-length') ||
    names.includes('transfer-encoding')
      ? []
      : ['Content-Length', String(Buffer.byteLength(body))]),
  ];
  return new Promise<WireResponse>((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path: target ?? `${pathname}${search}`,
        headers: all,
        agent: agent ?? false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
            ),
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export interface OperationOptions {
  readonly token?: string | undefined;
  readonly method?: 'GET' | 'POST';
  readonly accept?: string;
  readonly headers?: readonly string[];
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Sends an operation, with or without a token. */
export async function operate(
  endpoint: string,
  query: string,
  {
    token,
    method = 'POST',
    accept = 'application/json',
    headers = [],
    variables,
  }: OperationOptions = {},
): Promise<GraphqlResponse> {
  const all = [
    'Accept',
    accept,
    ...(token === undefined ? [] : ['Authorization', `Bearer ${token}`]),
    ...headers,
  ];
  const answer =
    method === 'GET'
      ? await send(
          `${endpoint}?${new URLSearchParams({
            query,
            ...(variables ? { variables: JSON.stringify(variables) } : {}),
          })}`,
          { headers: all },
        )
      : await send(endpoint, {
          method,
          headers: ['Content-Type', 'application/json', ...all],
          body: JSON.stringify({ query, variables }),
        });
  return { ...answer, body: JSON.parse(answer.text) };
}
