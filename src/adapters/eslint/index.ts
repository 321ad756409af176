/**
 * The entry `graphql-resource-server/eslint` of the package: a plugin for ESLint, beside
 * `@graphql-eslint/eslint-plugin`.
 */
export { type LintContext, type LintedNode, type LintRule, rules } from './decided-fields.ts';
