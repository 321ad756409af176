import type { ContextOf, Viewer } from '../server/api-definition.ts';

/**
 * Creates what the resolvers and policies of one operation share, besides `context.viewer`. Called
 * once per operation; it may be async.
 *
 * @example
 * ```ts
 * return { authors: new DataLoader(loadAuthors), language: request.headers.get('accept-language') };
 * ```
 */
export function createContext(_viewer: Viewer, _request: Request) {
  return {};
}

/** The context of every resolver and policy. */
export type Context = ContextOf<typeof createContext>;
