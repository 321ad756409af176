import type { ContextServices, Resolvers, Viewer } from '../../../src/server/api-definition.ts';

export function createContext(_viewer: Viewer, _request: Request, { events }: ContextServices) {
  return { events };
}

export const resolvers: Resolvers<ReturnType<typeof createContext>> = {
  Mutation: {
    publishNews(_source, { text }: { text: string }, { events }) {
      events.publish('news', { text });
      return text;
    },
  },
  Subscription: {
    news: {
      subscribe: (_source, _args, { events }) => events.subscribe('news'),
      resolve: ({ text }: { text: string }) => text,
    },
  },
};
