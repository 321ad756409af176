import type { Policies } from '../server/api-definition.ts';
import type { Context } from './context.ts';

/**
 * Decisions that scopes and claims cannot express, by the names that `@auth(policy:)` uses.
 *
 * @example
 * ```ts
 * weekday: () => new Date().getDay() % 6 !== 0,
 * ```
 */
export const policies: Policies<Context> = {};
