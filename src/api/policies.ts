import type { Policy } from '../authorization/rules/policies.ts';
import type { Context } from './context.ts';

/**
 * Decisions that scopes and claims cannot express, by the names that `@auth(policy:)` uses.
 *
 * @example
 * ```ts
 * owner: ({ viewer, source }) => source.ownerId === viewer.subject,
 * ```
 */
export const policies: Readonly<Record<string, Policy<Context>>> = {};
