import type { GraphQLSchema } from 'graphql';
import { systemClock, type TimeSource } from '../../shared/clock.ts';
import { Guard, guardExtension } from '../operation/guard.ts';
import { createPolicyEvaluator, type Policy } from '../rules/policies.ts';
import { compileSchemaRules } from '../rules/schema-rules.ts';
import { installGuards } from './install-guards.ts';
import { rebuildSchema } from './rebuild-schema.ts';

/** What rules can refer to. */
export interface GuardSchemaOptions {
  /** Application policies, by the names that `@auth(policy:)` uses. Default: none. */
  readonly policies?: Readonly<Record<string, Policy>>;
  /**
   * Makes every field that no rule applies to, and that does not say `@public`, an error:
   * `root-fields` those of Query, Mutation and Subscription, `all-fields` those of every object type
   * and interface. Default: undecided fields are open to everyone.
   */
  readonly requireRuleOn?: 'root-fields' | 'all-fields';
  /**
   * Accepts a schema in which there is no `@auth` at all, for APIs that have nothing to guard yet.
   * Default false: such a schema is an error, because what was written has most likely been lost on
   * the way, by `printSchema`, by introspection or by a tool that drops directives.
   */
  readonly allowNoRules?: boolean;
  /** What `maxAge` is compared with. Default: the system's clock. */
  readonly clock?: TimeSource;
  /** @deprecated Use `clock`. Here, milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Makes a schema enforce its `@auth` rules: a schema like the given one whose guarded fields run
 * for viewers who meet the rule. Public fields keep their very resolver functions. The viewer is
 * looked for in `context.viewer`; a context without one is refused.
 *
 * Guards are the second line of defense. The first, which keeps a refused operation from running
 * at all, is `findRefusals`, and `useAuth` applies both.
 *
 * Make this the last step of building a schema. Functions may still be replaced in place: a guarded
 * `resolve`, `subscribe`, `isTypeOf` or `resolveType` that is assigned later gets its guard too.
 * Adding, removing or replacing fields and types in place, or the methods that return them, throws a
 * TypeError, in sloppy mode it does nothing; a copy of the schema is refused by `useAuth` and `findRefusals`.
 *
 * Not checked: what a resolver returns beside the schema's types. A `fieldResolver` or `typeResolver`
 * given to the executor is not used for guarded fields and types without a resolver of their own.
 *
 * @throws {SchemaRuleError} With every rule that cannot be enforced as it is written, or when there
 *   is no rule.
 * @throws {TypeError} When the schema has been guarded before, a policy is not a function, or an option
 *   has a value that it does not take.
 */
export function guardSchema(
  schema: GraphQLSchema,
  options: GuardSchemaOptions = {},
): GraphQLSchema {
  if (schema.extensions[guardExtension] instanceof Guard) {
    throw new TypeError('The schema has been guarded before: guard it once, as the last step.');
  }
  const { requireRuleOn, allowNoRules } = options;
  if (requireRuleOn !== undefined && !['root-fields', 'all-fields'].includes(requireRuleOn)) {
    throw new TypeError(`requireRuleOn must be 'root-fields' or 'all-fields', or left out.`);
  }
  if (allowNoRules !== undefined && typeof allowNoRules !== 'boolean') {
    throw new TypeError('allowNoRules must be true or false, or left out.');
  }
  const policies = new Map(Object.entries(options.policies ?? {}));
  for (const [name, policy] of policies) {
    if (typeof policy !== 'function') {
      throw new TypeError(`The policy "${name}" must be a function that answers true or false.`);
    }
  }
  const rules = compileSchemaRules(schema, {
    policies: new Set(policies.keys()),
    requireRuleOn,
    allowNoRules,
  });
  const { clock = systemClock } = options;
  const now = options.now ?? (() => clock.now().getTime());
  const guard = new Guard(rules, createPolicyEvaluator(policies), now);
  const guarded = rebuildSchema(schema, { ...schema.extensions, [guardExtension]: guard });
  installGuards(guarded, guard);
  guard.schema = guarded;
  return guarded;
}
