import { isObject } from '../shared/type-guards.ts';

/** What only Node's request has. */
interface FoundRequest {
  /** A flat list of names and values. `headers` has only the first of two Authorization headers. */
  readonly rawHeaders: readonly string[];
  /** The socket, which has the address of the client. */
  readonly connection?: object;
  /** The request itself. */
  readonly raw: object;
}

/**
 * Finds what only Node's request has, in the request or the context of a framework.
 *
 * Frameworks pass their own request, which contains Node's: `req.raw` (Fastify), `ctx.req` (Koa),
 * `request.raw.req` (Hapi), `c.env.incoming` (Hono), `event.node.req` (h3). All are searched, the
 * nearest first.
 */
export function findNodeRequest(context: unknown): FoundRequest | undefined {
  const seen = new Set<object>();
  let level: readonly unknown[] = [context];
  for (let depth = 0; depth <= maxDepth; depth += 1) {
    const objects = level.filter(isObject).filter((one) => !seen.has(one));
    for (const one of objects) {
      const found: unknown = Reflect.get(one, 'rawHeaders');
      if (Array.isArray(found) && found.every((text) => typeof text === 'string')) {
        const socket: unknown = Reflect.get(one, 'socket');
        return { raw: one, rawHeaders: found, ...(isObject(socket) ? { connection: socket } : {}) };
      }
      seen.add(one);
    }
    level = objects.flatMap((one) => wrappers.map((name): unknown => Reflect.get(one, name)));
  }
  return undefined;
}

/** The properties in which frameworks keep Node's request, or an object that has it. */
const wrappers = ['req', 'raw', 'request', 'ctx', 'c', 'env', 'incoming', 'event', 'node'];

/** Yoga's context, a server's own context, its request, `raw`, `req`. */
const maxDepth = 4;
