import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST } from 'graphql';
import type { AuthorizedFetch } from './authorized-fetch.ts';
import { readEventStream } from './event-stream.ts';
import type { Outcome } from './messages.ts';
import type { Exchange } from './page-state.ts';

/** GraphiQL's result of an operation, or of a part of one. */
type Result = Extract<Awaited<ReturnType<Fetcher>>, { errors?: unknown }>;

export interface FetcherOptions {
  /** The path of the API on this origin. */
  readonly path: string;
  readonly authorizedFetch: AuthorizedFetch;
  /** Called after each operation, except GraphiQL's own introspection. */
  readonly report: (exchange: Omit<Exchange, 'account'>, outcome: Outcome) => void;
}

/** Sends GraphiQL's operations: subscriptions as server-sent events. Stopping one aborts its request. */
export function createFetcher({ path, authorizedFetch, report }: FetcherOptions): Fetcher {
  return (parameters, options) => ({
    subscribe(observer: unknown) {
      if (!isObserver(observer)) throw new TypeError('An observer is required.');
      const abort = new AbortController();
      const unlessAborted = (notify: () => void): void => {
        if (!abort.signal.aborted) notify();
      };
      run(parameters, options, abort.signal, (result) =>
        unlessAborted(() => observer.next(result)),
      ).then(
        () => unlessAborted(() => observer.complete()),
        (error) => unlessAborted(() => observer.error(error)),
      );
      return { unsubscribe: () => abort.abort() };
    },
  });

  async function run(
    parameters: FetcherParams,
    options: FetcherOpts | undefined,
    signal: AbortSignal,
    next: (result: Result) => void,
  ): Promise<void> {
    const started = performance.now();
    const { credentials, response, problem } = await authorizedFetch(
      new Request(path, {
        method: 'POST',
        headers: {
          ...options?.headers,
          'Content-Type': 'application/json',
          Accept: isStreamed(parameters, options)
            ? 'text/event-stream'
            : 'application/graphql-response+json, application/json',
        },
        body: JSON.stringify(parameters),
        signal,
      }),
    );
    const reportBytes = (bytes: number | undefined): void => {
      if (parameters.operationName === 'IntrospectionQuery') return;
      const durationMs = performance.now() - started;
      report(
        {
          ...describe(parameters, response),
          credentials,
          durationMs,
          bytes,
          isStream: bytes === undefined,
        },
        { credentials, problem },
      );
    };
    if (/^text\/event-stream\b/.test(response.headers.get('Content-Type') ?? '') && response.body) {
      reportBytes(undefined);
      for await (const result of readEventStream(response.body)) next(toResult(result));
      return;
    }
    const text = await response.text();
    reportBytes(new TextEncoder().encode(text).byteLength);
    next(toResult(parse(text, response)));
  }
}

interface Observer {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

function isObserver(value: unknown): value is Observer {
  return typeof value === 'object' && value !== null && 'next' in value && 'complete' in value;
}

/** Whether an operation can have more than one result. */
function isStreamed(
  { query, operationName }: FetcherParams,
  { documentAST }: FetcherOpts = {},
): boolean {
  if (/@(?:defer|stream)\b/.test(query)) return true;
  return (
    documentAST !== undefined &&
    getOperationAST(documentAST, operationName)?.operation === 'subscription'
  );
}

/** @throws {Error} If it is not JSON, such as the error page of a proxy. */
function parse(text: string, { status, statusText }: Response): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The response is not JSON: ${status} ${statusText} ${text.slice(0, 200)}`);
  }
}

function toResult(value: unknown): Result {
  if (typeof value !== 'object' || value === null)
    throw new Error('The response is not an object.');
  return value;
}

function describe(
  { query, variables, operationName }: FetcherParams,
  { status, statusText, headers }: Response,
): Pick<Exchange, 'request' | 'status' | 'statusText' | 'headers'> {
  return {
    request: { query, variables, operationName: operationName ?? undefined },
    status,
    statusText,
    headers: [...headers],
  };
}
