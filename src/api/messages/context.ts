import type {
  AuthenticatedViewer,
  ContextOf,
  ContextServices,
  Viewer,
} from '../../server/api-definition.ts';
import type { TimeSource } from '../../shared/clock.ts';
import { createMessageIds } from './message-ids.ts';
import type { filterPolicies } from './policies.ts';
import { ViewerMessages } from './viewer-messages.ts';

/**
 * Creates what the resolvers and policies of this module share in one operation. Nothing is read from the
 * database until one of them does.
 */
export function createMessageContext(clock: TimeSource) {
  const createId = createMessageIds(clock);
  return function createContext(
    _viewer: Viewer,
    _request: Request,
    { database, events }: ContextServices,
  ) {
    // An execution that a resolver starts can have another viewer in the same context.
    const messages = new WeakMap<AuthenticatedViewer, ViewerMessages>();
    return {
      messagesFor(viewer: AuthenticatedViewer): ViewerMessages {
        if (database === undefined) throw new Error('The server has no database for messages.');
        const known = messages.get(viewer);
        if (known !== undefined) return known;
        const created = new ViewerMessages(viewer, { database, events, clock, createId });
        messages.set(viewer, created);
        return created;
      },
    };
  };
}

/** The context of the policies of this module. */
export type BaseContext = ContextOf<ReturnType<typeof createMessageContext>>;

/** The context of its resolvers. */
export type Context = ContextOf<ReturnType<typeof createMessageContext>, typeof filterPolicies>;
