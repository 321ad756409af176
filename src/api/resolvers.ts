import type {
  AuthenticatedContext,
  AuthenticatedViewer,
  Viewer,
} from '../server/api-definition.ts';
import { systemClock } from '../shared/clock.ts';
import type { Context } from './context.ts';
import type { Greeting, Resolvers, Tick } from './resolver-types.ts';
import { createTicker } from './ticker.ts';

const ticker = createTicker({ clock: systemClock });

/**
 * Resolvers say what a field returns; `schema.graphql` says who can access it. Their types are generated
 * from it: where a field has `@auth`, the viewer is authenticated.
 */
export const resolvers: Resolvers = {
  Query: {
    public: (_source, _args, { viewer }) =>
      greet('Hello from a public field: no access token needed.', viewer),
    private: (_source, _args, { viewer }) =>
      greet('Hello from a private field: you are authenticated.', viewer),
    privateScoped: (_source, _args, { viewer }) =>
      greet('Hello from a private field that requires the scope read:messages.', viewer),
    admin: (_source, _args, { viewer }) =>
      greet('Hello from a private field that requires the scope admin:write.', viewer),
    viewer: (_source, _args, { viewer }) => ({
      subject: viewer.subject,
      scopes: [...viewer.scopes].sort(),
      expiresAt: viewer.expiresAt.toISOString(),
    }),
  },
  Subscription: {
    clock: {
      subscribe: () => ticker(),
      resolve: (now: Date, _args: unknown, { viewer }: AuthenticatedContext<Context>) =>
        tick(now, viewer),
    },
  },
};

function greet(message: string, viewer: Viewer): Greeting {
  return { message, subject: viewer.kind === 'authenticated' ? viewer.subject : null };
}

function tick(now: Date, { expiresAt }: AuthenticatedViewer): Tick {
  const left = expiresAt.getTime() - now.getTime();
  return { time: now.toISOString(), tokenEndsIn: Math.max(0, Math.ceil(left / 1000)) };
}
