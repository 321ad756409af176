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
      made ??= createRequest(request, response, body, environment);
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

function createRequest(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  environment: DirectEnvironment,
): Request {
  const headers: Record<string, string> = {};
  for (const name in request.headers) headers[name] = String(request.headers[name]);
  const url = `http://${request.headers.host}${request.url}`;
  const made = new environment.Request(url, { method: 'POST', headers, body });
  let signal: AbortSignal | undefined;
  // A signal costs more than the rest of the request, and is rarely read.
  return Object.defineProperty(made, 'signal', {
    get() {
      signal ??= abortWith(response);
      return signal;
    },
  });
}

/** A signal that aborts when the client goes before the response is complete. */
function abortWith(response: ServerResponse): AbortSignal {
  if (response.destroyed && !response.writableFinished) return AbortSignal.abort();
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Adds to a context what it does not have yet. */
export function extendContext(context: object, added: object): void {
  for (const [name, value] of Object.entries(added)) {
    if (!(name in context)) Object.assign(context, { [name]: value });
  }
}
