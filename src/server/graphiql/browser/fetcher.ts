import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST } from 'graphql';
import { type AccessProblem, readAccessProblem } from './access-problem.ts';
import type { AuthorizedFetch } from './authorized-fetch.ts';
import { readEventStream } from './event-stream.ts';
import { isObject } from './is-object.ts';
import type { Outcome } from './messages.ts';
import type { Exchange, OperationRequest } from './page-state.ts';
import { operationKind } from './run-as/refused-operation.ts';

/** GraphiQL's result of an operation, or of a part of one. */
type Result = Extract<Awaited<ReturnType<Fetcher>>, { errors?: unknown }>;

export interface FetcherOptions {
  /** The path of the API on this origin. */
  readonly path: string;
  readonly authorizedFetch: AuthorizedFetch;
  /**
   * Called after each operation, except GraphiQL's own introspection. For a stream it is called at its
   * start, and whenever another problem comes with a result.
   */
  readonly report: (exchange: Omit<Exchange, 'account'>, outcome: Outcome) => void;
}

/** A fetcher whose operations can be stopped. */
export interface StoppableFetcher {
  readonly fetcher: Fetcher;
  /**
   * Ends what is running, except introspection. GraphiQL gets no more results of it.
   *
   * @returns What was running.
   */
  stop(): readonly OperationRequest[];
}

/**
 * Sends GraphiQL's operations: subscriptions as server-sent events. Stopping one aborts its request. A
 * stream that ends with its token continues with a newer one, if there is one, except that of a mutation.
 */
export function createFetcher({ path, authorizedFetch, report }: FetcherOptions): StoppableFetcher {
  const running = new Map<() => void, OperationRequest>();
  return {
    fetcher: (parameters, options) => ({
      subscribe(observer: unknown) {
        if (!isObserver(observer)) throw new TypeError('An observer is required.');
        const abort = new AbortController();
        const stop = (): void => {
          abort.abort();
          observer.complete();
        };
        if (!isIntrospection(parameters)) running.set(stop, toRequest(parameters));
        const unlessAborted = (notify: () => void): void => {
          running.delete(stop);
          if (!abort.signal.aborted) notify();
        };
        run(parameters, options, abort.signal, (result) => {
          if (!abort.signal.aborted) observer.next(result);
        }).then(
          () => unlessAborted(() => observer.complete()),
          (error) => unlessAborted(() => observer.error(error)),
        );
        return {
          unsubscribe() {
            running.delete(stop);
            abort.abort();
          },
        };
      },
    }),
    stop() {
      const stopped = [...running];
      running.clear();
      for (const [stop] of stopped) stop();
      return stopped.map(([, request]) => request);
    },
  };

  async function run(
    parameters: FetcherParams,
    options: FetcherOpts | undefined,
    signal: AbortSignal,
    next: (result: Result) => void,
  ): Promise<void> {
    while ((await send(parameters, options, signal, next)) === 'continue');
  }

  async function send(
    parameters: FetcherParams,
    options: FetcherOpts | undefined,
    signal: AbortSignal,
    next: (result: Result) => void,
  ): Promise<'done' | 'continue'> {
    const started = performance.now();
    const { credentials, response, problem, renew } = await authorizedFetch(
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
    const isStream =
      /^text\/event-stream\b/.test(response.headers.get('Content-Type') ?? '') &&
      response.body !== null;
    const reportAs = (
      size: Pick<Exchange, 'durationMs' | 'bytes'>,
      found: AccessProblem | undefined,
    ): void => {
      if (isIntrospection(parameters) || signal.aborted) return;
      const exchange = { ...describe(parameters, response), credentials, isStream, ...size };
      report(exchange, { credentials, problem: found, isStream });
    };
    if (!isStream || !response.body) {
      const text = await response.text();
      const bytes = new TextEncoder().encode(text).byteLength;
      reportAs({ durationMs: performance.now() - started, bytes }, problem);
      next(toResult(parse(text, response)));
      return 'done';
    }
    const size = { durationMs: performance.now() - started, bytes: undefined };
    reportAs(size, problem);
    let reported: string | undefined;
    for await (const result of readEventStream(response.body)) {
      const found = readAccessProblem(result);
      // What a mutation changed would be changed again.
      if (isExpiry(found) && !isMutation(parameters) && (await renew())) return 'continue';
      const key = found && JSON.stringify(found);
      if (key !== undefined && key !== reported) reportAs(size, found);
      reported = key ?? reported;
      next(toResult(result));
    }
    return 'done';
  }
}

function isIntrospection({ operationName }: FetcherParams): boolean {
  return operationName === 'IntrospectionQuery';
}

function isExpiry(problem: AccessProblem | undefined): boolean {
  return problem?.kind === 'credentials' && problem.reason === 'token_expired';
}

function isMutation(parameters: FetcherParams): boolean {
  return operationKind(toRequest(parameters)) === 'mutation';
}

interface Observer {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

function isObserver(value: unknown): value is Observer {
  return isObject(value) && 'next' in value && 'complete' in value;
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
  if (!isObject(value)) throw new Error('The response is not an object.');
  return value;
}

function toRequest({ query, variables, operationName }: FetcherParams): OperationRequest {
  return { query, variables, operationName: operationName ?? undefined };
}

function describe(
  parameters: FetcherParams,
  { status, statusText, headers }: Response,
): Pick<Exchange, 'request' | 'status' | 'statusText' | 'headers'> {
  return { request: toRequest(parameters), status, statusText, headers: [...headers] };
}
