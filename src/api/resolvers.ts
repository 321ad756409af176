import type { Resolvers, Viewer } from '../server/api-definition.ts';
import { systemClock } from '../shared/clock.ts';
import type { Context } from './context.ts';
import { createTicker } from './ticker.ts';

interface Greeting {
  readonly message: string;
  readonly subject: string | null;
}

interface Tick {
  readonly time: string;
  readonly tokenEndsIn: number | null;
}

const ticker = createTicker({ clock: systemClock });

/** Resolvers say what a field returns; `schema.graphql` says who can access it. */
export const resolvers: Resolvers<Context> = {
  Query: {
    public: (_source, _args, { viewer }) =>
      greet('Hello from a public field: no access token needed.', viewer),
    private: (_source, _args, { viewer }) =>
      greet('Hello from a private field: you are authenticated.', viewer),
    privateScoped: (_source, _args, { viewer }) =>
      greet('Hello from a private field that requires the scope read:messages.', viewer),
    admin: (_source, _args, { viewer }) =>
      greet('Hello from a private field that requires the scope admin:write.', viewer),
    viewer: (_source, _args, { viewer }) =>
      viewer.kind === 'authenticated'
        ? {
            subject: viewer.subject,
            scopes: [...viewer.scopes].sort(),
            expiresAt: viewer.expiresAt.toISOString(),
          }
        : null,
  },
  Subscription: {
    clock: {
      subscribe: () => ticker(),
      resolve: (now: Date, _args: unknown, { viewer }: Context) => tick(now, viewer),
    },
  },
};

function greet(message: string, viewer: Viewer): Greeting {
  return { message, subject: viewer.kind === 'authenticated' ? viewer.subject : null };
}

function tick(now: Date, viewer: Viewer): Tick {
  const left =
    viewer.kind === 'authenticated' ? viewer.expiresAt.getTime() - now.getTime() : undefined;
  return {
    time: now.toISOString(),
    tokenEndsIn: left === undefined ? null : Math.max(0, Math.ceil(left / 1000)),
  };
}
