import { defineFilterPolicy } from '../../authorization/rules/filter-policies.ts';
import type { PolicyDecision, PolicyDenial } from '../../authorization/rules/policy-denial.ts';
import { DatabaseUnavailableError } from '../../database/database-unavailable-error.ts';
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
    return decideByAuthor(context.messagesFor(viewer).isAuthor(String(id)), {
      kind: 'scope',
      scope: writeScope,
    });
  },

  async author({ viewer, args: { id }, context }) {
    return decideByAuthor(context.messagesFor(viewer).isAuthor(String(id)), {
      kind: 'policy',
      message: 'Only the author can change the visibility of a message.',
    });
  },
};

/** An outage of the database is not a denial. */
async function decideByAuthor(
  isAuthor: Promise<boolean>,
  denial: PolicyDenial,
): Promise<PolicyDecision> {
  try {
    return (await isAuthor) || denial;
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return { kind: 'unavailable' };
    throw error;
  }
}
