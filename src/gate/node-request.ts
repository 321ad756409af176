import type { AuthenticationRequest } from '../authentication/authenticator.ts';

/** The parts of a request of Node's HTTP server that are authenticated. Those of Express match too. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** The request target as received. Express removes the path of a mounted handler from `url`. */
  readonly originalUrl?: string | undefined;
  /** The headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly socket: object;
}

/**
 * Describes a request of Node's HTTP server for `gate.authenticate`. Frameworks on top of Node have this
 * request in a property, such as `request.raw` of Fastify.
 *
 * @example
 * ```ts
 * const authenticated = await gate.authenticate(fromNodeRequest(request));
 * ```
 */
export function fromNodeRequest(request: NodeRequest): AuthenticationRequest {
  const { method = '', url = '', originalUrl = url, headers, rawHeaders, socket } = request;
  return {
    method,
    url: originalUrl,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    rawHeaders,
    connection: socket,
    raw: request,
  };
}
