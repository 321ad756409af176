import type { AuthenticatedContext } from '../../server/api-definition.ts';
import type { Context } from './context.ts';
import type { Message } from './message.ts';
import { toCursor } from './message-cursor.ts';
import { visibleTo } from './policies.ts';
import type { Resolvers } from './resolver-types.ts';

/** `messages.graphql` says who can access them. */
export const resolvers: Resolvers = {
  Query: {
    messages: (_source, args, { viewer, messagesFor, filter }) =>
      messagesFor(viewer).list(filter('ownOrPublic'), args),
    message: async (_source, { id }, { viewer, messagesFor }) =>
      (await messagesFor(viewer).find(visibleTo(viewer), id)) ?? null,
  },
  Mutation: {
    postMessage: (_source, args, { viewer, messagesFor }) => messagesFor(viewer).post(args),
    editMessage: async (_source, args, { viewer, messagesFor }) =>
      (await messagesFor(viewer).edit(visibleTo(viewer), args)) ?? null,
    deleteMessage: async (_source, { id }, { viewer, messagesFor }) =>
      (await messagesFor(viewer).delete(visibleTo(viewer), id)) ? id : null,
  },
  Subscription: {
    messagePosted: {
      subscribe: (_source, _args, { viewer, messagesFor }: AuthenticatedContext<Context>) =>
        messagesFor(viewer).posted(visibleTo(viewer)),
      resolve: (message: Message) => message,
    },
  },
  MessageConnection: {
    edges: ({ messages }) => messages.map((node) => ({ cursor: toCursor(node.id), node })),
    pageInfo: (list) => list,
    totalCount: (list) => list.totalCount(),
  },
  PageInfo: {
    startCursor: ({ messages }) => cursorOf(messages.at(0)),
    endCursor: ({ messages }) => cursorOf(messages.at(-1)),
    hasPreviousPage: (list) => list.hasPreviousPage(),
  },
};

const cursorOf = (message: Message | undefined): string | null =>
  message === undefined ? null : toCursor(message.id);
