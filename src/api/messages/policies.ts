import { defineFilterPolicy } from '../../authorization/rules/filter-policies.ts';
import type { AuthenticatedViewer, Policies } from '../../server/api-definition.ts';
import type { BaseContext } from './context.ts';
import { isMessage, isVisible, type MessageFilter } from './message.ts';

/** Allows to change messages of others. */
const writeScope = 'write:messages';

/** What a viewer can see. */
export const visibleTo = ({ id }: AuthenticatedViewer): MessageFilter => ({ authorId: id });

/** The policies whose filters resolvers get with `context.filter`. */
export const filterPolicies = {
  ownOrPublic: defineFilterPolicy({
    refusedAs: 'omitted',
    hidden: true,
    filter: ({ viewer }) => visibleTo(viewer),
    matches: (filter, object) => isMessage(object) && isVisible(filter, object),
  }),
};

/**
 * The policies that `messages.graphql` names. Viewers who cannot see a message get the same for it as for
 * one that does not exist.
 */
export const policies: Policies<BaseContext> = {
  ...filterPolicies,

  async authorOrWriter({ viewer, args: { id }, context }) {
    if (viewer.scopes.has(writeScope)) return true;
    const isAuthor = await context.messagesFor(viewer).isAuthor(String(id));
    return isAuthor || { kind: 'scope', scope: writeScope };
  },

  async author({ viewer, args: { id }, context }) {
    const isAuthor = await context.messagesFor(viewer).isAuthor(String(id));
    return (
      isAuthor || {
        kind: 'policy',
        message: 'Only the author can change the visibility of a message.',
      }
    );
  },
};
