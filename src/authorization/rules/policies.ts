import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import type { PolicyDecision } from './policy-denial.ts';

/** What a policy decides about. */
export interface PolicyInput<Context = unknown> {
  /** Never anonymous: policies run only for viewers who meet the rest of the rule. */
  readonly viewer: AuthenticatedViewer;
  /** For a policy on a field or argument, the parent object; for one on a type, the object itself. */
  readonly source: unknown;
  /** The coerced arguments of the field. Empty for a policy on a type. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
}

/**
 * Decides whether a viewer is allowed what `@auth(policy:)` is applied to. `true` allows. Everything
 * else denies, including other truthy values, a throw and a rejected promise; a `PolicyDenial` says why.
 * Policies run after all other requirements are met, and should not have side effects.
 *
 * Not checked: whether the server's context is a `Context`. `guardSchema` accepts a policy for any
 * context type, as a method can be overridden by one that requires more of its parameters.
 *
 * @example
 * ```ts
 * import { guardSchema, type Policy } from 'graphql-resource-server';
 *
 * // The policy of `@auth(policy: "owner")`.
 * const owner: Policy = ({ viewer, source }) =>
 *   typeof source === 'object' && source !== null && 'ownerId' in source && source.ownerId === viewer.id;
 *
 * const schema = guardSchema(executableSchema, { policies: { owner } });
 * ```
 */
export type Policy<Context = unknown> = {
  decide(input: PolicyInput<Context>): PolicyDecision | Promise<PolicyDecision>;
}['decide'];

/**
 * A policy that denies delegated calls: requests that a client sends for the subject of the token, such
 * as another API with an exchanged token (RFC 8693 §4.1). See `viewer.actors`. A rule names it:
 * `@auth(policy: "notDelegated")`.
 *
 * @example
 * ```ts
 * import { guardSchema, notDelegated } from 'graphql-resource-server';
 *
 * const schema = guardSchema(executableSchema, { policies: { notDelegated } });
 * ```
 */
export const notDelegated: Policy = ({ viewer: { actors, claims } }) =>
  // The claim itself as well: not every authenticator sets `actors`.
  (actors === undefined || actors.length === 0) && (claims['act'] ?? null) === null;

/**
 * Called with what a policy threw, and why its result is not a decision. For logs, never for clients.
 *
 * @param origin The context of the operation, where it is known.
 */
export type ReportPolicyError = (error: unknown, policy: string, origin?: unknown) => void;
