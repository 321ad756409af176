/**
 * The entry `graphql-resource-server/eslint` of the package: a plugin for ESLint, beside
 * `@graphql-eslint/eslint-plugin`.
 */
import { createDecidedFields, type LintRule } from './decided-fields.ts';

export type { LintRule };

/** The rules of the plugin, by name. */
export const rules: Readonly<Record<'decided-fields', LintRule>> = {
  'decided-fields': createDecidedFields(),
};
