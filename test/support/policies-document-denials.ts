import type { PolicyDefinitions } from '../../src/authorization/rules/policy-definition.ts';

export const policies: PolicyDefinitions = {
  // Authors can edit their own messages; others require a scope.
  authorOrWriter: ({ viewer, args }) =>
    args['author'] === viewer.id ||
    viewer.scopes.has('write:messages') || { kind: 'scope', scope: 'write:messages' },

  isOpen: async () => ({
    kind: 'policy',
    message: 'The archive is closed on Sundays.',
    code: 'CLOSED',
  }),
};
