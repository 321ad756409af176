import type { Policy } from '../../src/authorization/rules/policies.ts';

export const policies: Record<string, Policy> = {
  // Authors can read their own notes. `source` is the note: the object that has the field.
  // `viewer.id` was stored when it was written; `viewer.subject` is unique within one issuer only.
  isAuthor: ({ viewer, source }) =>
    typeof source === 'object' &&
    source !== null &&
    'author' in source &&
    source.author === viewer.id,

  // A policy can be async. If it throws, access is denied, and the error is logged.
  isOpen: async ({ args }) => {
    const hour = await Promise.resolve(12);
    return args['urgent'] === true || (hour >= 8 && hour < 18);
  },
};
