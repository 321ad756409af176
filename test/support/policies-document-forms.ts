import type { PolicyDefinition } from '../../src/authorization/rules/policy-definition.ts';

export const policies: Record<string, PolicyDefinition> = {
  ownOrShared: {
    refusedAs: 'omitted',
    hidden: true,
    decide: ({ viewer, source }) =>
      typeof source === 'object' &&
      source !== null &&
      (('author' in source && source.author === viewer.id) ||
        ('isShared' in source && source.isShared === true)),
  },
};
