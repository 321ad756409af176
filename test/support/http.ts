import { request } from 'node:http';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A GraphQL answer. */
export interface GraphqlAnswer extends WireAnswer {
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
  /** Names and values by turns, so that one name can come twice. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  /** The request target, as it is. Default: the path and query of the URL. */
  readonly target?: string;
}

/** Sends exactly what it is told to: fetch would mend it, or refuse to send it. */
export function send(
  url: string,
  { method = 'GET', headers = [], body, target }: WireRequest = {},
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
  return new Promise<WireAnswer>((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path: target ?? `${pathname}${search}`,
        headers: all,
        agent: false,
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
): Promise<GraphqlAnswer> {
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
