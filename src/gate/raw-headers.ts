import { isObject } from '../shared/type-guards.ts';

/**
 * Finds the raw headers, a flat list of names and values, of Node's request in the request or the
 * context of a framework. `request.headers` has only the first of two Authorization headers.
 *
 * Frameworks pass their own request, which contains Node's: `req.raw` (Fastify), `ctx.req` (Koa),
 * `request.raw.req` (Hapi), `c.env.incoming` (Hono), `event.node.req` (h3). All are searched, the
 * nearest first.
 */
export function rawHeadersOf(context: unknown): readonly string[] | undefined {
  const seen = new Set<object>();
  let level: readonly unknown[] = [context];
  for (let depth = 0; depth <= maxDepth; depth += 1) {
    const objects = level.filter(isObject).filter((one) => !seen.has(one));
    for (const one of objects) {
      const found: unknown = Reflect.get(one, 'rawHeaders');
      if (Array.isArray(found) && found.every((text) => typeof text === 'string')) return found;
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
