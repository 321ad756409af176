import type { AuthContext } from '../adapters/yoga/use-auth.ts';
import type { Viewer } from '../authentication/viewer.ts';

/**
 * Creates what the resolvers and policies of one operation share, beside `context.viewer`. Called
 * once per operation, also over SSE and WebSocket; it may be async.
 *
 * @example
 * ```ts
 * return { authors: new DataLoader(loadAuthors), locale: request.headers.get('accept-language') };
 * ```
 */
export function createContext(_viewer: Viewer, _request: Request) {
  return {};
}

/** The context of every resolver and policy. */
export type Context = AuthContext & Awaited<ReturnType<typeof createContext>>;
