import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Viewer } from '../../authentication/viewer.ts';
import { contextDefaults } from '../../authorization/enforcement/filter-context.ts';
import type { PlainParams } from './plain-request.ts';

/** The request of an operation. */
interface OperationRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  readonly params: PlainParams;
  readonly viewer: Viewer;
}

/** The context of an operation, as resolvers know it from Yoga. */
interface DirectContext {
  readonly viewer: Viewer;
  request: Request;
}

/** Creates the context of an operation. */
export type CreateDirectContext = (operation: OperationRequest) => DirectContext;

/** What contexts have in Yoga, whatever the request. */
export interface DirectEnvironment {
  /** The class of `context.request`. */
  readonly Request: typeof Request;
  readonly waitUntil: (promise: Promise<void> | void) => void;
}

/**
 * Creates a function that creates contexts. Each has the members that it has in Yoga, in their order.
 * Its `request` is made when it is first read.
 */
export function createContextFactory(environment: DirectEnvironment): CreateDirectContext {
  const { waitUntil } = environment;
  const LazyRequest = createRequestClass(environment.Request);

  return ({ request, response, body, params, viewer }) => {
    const makeRequest = () => new LazyRequest(request, response, body);
    const context = {
      req: request,
      res: response,
      waitUntil,
      [source]: { makeRequest, made: undefined },
    };
    defineRequest(context);
    return Object.assign(context, { params, ...contextDefaults, viewer });
  };
}

function defineRequest<Context extends LazyContext>(
  context: Context,
): asserts context is Context & { request: Request } {
  Object.defineProperty(context, 'request', requestProperty);
}

/** The key of what `request` is made from. */
const source = Symbol('source of the request');

/** Whether a context was created by such a function, or is a copy of one that was. */
export function isDirectContext(context: object): boolean {
  return source in context;
}

interface LazyContext {
  readonly [source]: { readonly makeRequest: () => Request; made: Request | undefined };
}

/**
 * One for all contexts. If each had functions of its own, V8 would keep each of them, with all that it
 * refers to, until the next full garbage collection.
 */
const requestProperty: PropertyDescriptor & ThisType<LazyContext> = {
  enumerable: true,
  configurable: true,
  get() {
    const lazy = this[source];
    lazy.made ??= lazy.makeRequest();
    return lazy.made;
  },
  set(value) {
    const property = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(this, 'request', property);
  },
};

/** A request whose signal is made when it is first read: it costs more than the rest of the request. */
function createRequestClass(Base: typeof Request) {
  class LazyRequest extends Base {
    readonly #response: ServerResponse;
    #signal: AbortSignal | undefined;

    constructor(request: IncomingMessage, response: ServerResponse, body: string) {
      const headers: Record<string, string> = {};
      for (const name in request.headers) headers[name] = String(request.headers[name]);
      const url = `http://${request.headers.host}${request.url}`;
      super(url, { method: 'POST', headers, body });
      this.#response = response;
    }

    override get signal(): AbortSignal {
      this.#signal ??= abortWith(this.#response);
      return this.#signal;
    }
  }
  // Nothing that resolvers see differs from Yoga's requests.
  return Object.defineProperty(LazyRequest, 'name', { value: Base.name });
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

/** Adds to a context what it does not have yet, like `{ ...added, ...context }`: symbols too. */
export function extendContext(context: object, added: object): void {
  const members: Record<PropertyKey, unknown> = { ...added };
  for (const name of Reflect.ownKeys(members)) {
    if (Object.hasOwn(context, name)) continue;
    const value = members[name];
    Object.defineProperty(context, name, { ...member, value });
  }
}

const member: PropertyDescriptor = { writable: true, enumerable: true, configurable: true };
