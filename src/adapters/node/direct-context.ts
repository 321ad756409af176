import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Viewer } from '../../authentication/viewer.ts';
import type { PlainParams } from './plain-request.ts';

/** What the context of an operation has in Yoga, whatever the request. */
export interface DirectEnvironment {
  /** The class of `context.request`. */
  readonly Request: typeof Request;
  readonly waitUntil: (promise: Promise<void> | void) => void;
}

/** The request of an operation. */
export interface DirectRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  readonly params: PlainParams;
  readonly viewer: Viewer;
}

/** The context of an operation, as resolvers know it from Yoga. */
export interface DirectContext {
  readonly viewer: Viewer;
  request: Request;
}

/**
 * Creates the context of an operation, with the members that it has in Yoga, in their order. Its
 * `request` is made when it is first read.
 */
export function createDirectContext(
  { request, response, body, params, viewer }: DirectRequest,
  environment: DirectEnvironment,
): DirectContext {
  let made: Request | undefined;
  const context = {
    req: request,
    res: response,
    waitUntil: environment.waitUntil,
    get request() {
      made ??= new environment.Request(`http://${request.headers.host}${request.url}`, {
        method: 'POST',
        headers: toHeaders(request),
        body,
        signal: abortWith(response),
      });
      return made;
    },
    set request(replaced) {
      made = replaced;
    },
    params,
    viewer,
  };
  return context;
}

function toHeaders({ headers }: IncomingMessage): Record<string, string> {
  const copy: Record<string, string> = {};
  for (const name in headers) copy[name] = String(headers[name]);
  return copy;
}

/** A signal that aborts when the client goes before the response is complete. */
function abortWith(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
