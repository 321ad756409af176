import type { IResolvers } from '@graphql-tools/utils';
import type { AuthContext } from '../adapters/yoga/use-auth.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { Clock } from '../shared/clock.ts';
import { createTicks } from './ticks.ts';

interface Greeting {
  readonly message: string;
  readonly subject: string | null;
}

interface Tick {
  readonly time: string;
  readonly tokenEndsIn: number | null;
}

/** Who may read which field is said in schema.graphql, and nowhere here. */
export function createResolvers(clock: Clock): IResolvers<unknown, AuthContext> {
  const ticks = createTicks(clock);
  return {
    Query: {
      public: (_source, _args, { viewer }) =>
        greet('Hello from a field that is open to all.', viewer),
      private: (_source, _args, { viewer }) =>
        greet('Hello from a field for everybody with an access token.', viewer),
      privateScoped: (_source, _args, { viewer }) =>
        greet('Hello from a field for those who may read messages.', viewer),
      admin: (_source, _args, { viewer }) =>
        greet('Hello from a field for those who administer.', viewer),
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
        subscribe: () => ticks(),
        resolve: (now: Date, _args: unknown, { viewer }: AuthContext) => tick(now, viewer),
      },
    },
  };
}

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
