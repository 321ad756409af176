/**
 * Enforces the rules during execution. This folder is given a schema and policies and returns a guarded
 * schema; during execution, its guards collect refusals in the `Execution`. It must not know HTTP.
 */
import { GraphQLSchema } from 'graphql';
import { type Clock, systemClock, type TimeSource } from '../../shared/clock.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import { ScopeHierarchy, type ScopeImplications } from '../directives/scope-hierarchy.ts';
import { Guard, guardExtension } from '../operation/guard.ts';
import { isFilterPolicy } from '../rules/filter-policies.ts';
import { type PolicyDefinitions, readPolicyDefinitions } from '../rules/policy-definition.ts';
import { createPolicyEvaluator } from '../rules/policy-evaluator.ts';
import { RefusalForms } from '../rules/refusal-form.ts';
import { compileSchemaRules } from '../rules/schema-rules.ts';
import { installGuards } from './install-guards.ts';
import { rebuildSchema } from './rebuild-schema.ts';
import { createObserver, findShadowed, observeRules, type ShadowOptions } from './shadow-rules.ts';

/** Options for `guardSchema`. */
export interface GuardSchemaOptions {
  /** Application policies, by the names that `@auth(policy:)` uses. Default: none. */
  readonly policies?: PolicyDefinitions;
  /**
   * Requires a rule or `@public` on every field: `root-fields` on those of Query, Mutation and
   * Subscription, `all-fields` on those of every object type and interface. Fields without either are
   * reported as problems. Default: fields without a rule are public.
   */
  readonly requireRuleOn?: 'root-fields' | 'all-fields';
  /**
   * Accepts a schema without any `@auth`, for APIs that have nothing to guard yet. Default false: such a
   * schema is rejected, because its rules were most likely lost on the way, for example in `printSchema`,
   * in introspection or in a tool that drops directives.
   */
  readonly allowNoRules?: boolean;
  /**
   * Scopes that imply others: `{ 'admin:write': ['read:messages'] }` lets viewers with `admin:write` do
   * what requires `read:messages`, and whatever that implies. Reports and metadata list both; refusals
   * name the scope that the rule requires. `viewer.scopes` stays what the token has. Default: none.
   */
  readonly scopeHierarchy?: ScopeImplications;
  /**
   * What to do with `@authenticated`, `@requiresScopes` and `@policy` of Apollo Federation, as the schema
   * links them. `enforce`: they are rules, like `@auth`. `ignore`: they are left to the router. Default: a
   * schema that applies them is rejected, because they would have no effect here. Without a `@link` that
   * imports them, `enforce` rejects all three, and the default `@requiresScopes` alone: the other names may
   * belong to another tool.
   */
  readonly federationDirectives?: 'enforce' | 'ignore';
  /**
   * Rules to try first: they refuse nothing, and what they would refuse is reported. Introspection does
   * not hide what they guard. Default: every rule is enforced.
   */
  readonly shadow?: ShadowOptions;
  /**
   * The clock that `maxAge` is compared with. Its timers, if it has any, limit batched policies. Default:
   * the system clock.
   */
  readonly clock?: TimeSource & Partial<Clock>;
  /** @deprecated Use `clock`. Returns milliseconds since the epoch. */
  readonly now?: () => number;
}

const known: Readonly<Record<keyof GuardSchemaOptions, true>> = {
  policies: true,
  requireRuleOn: true,
  allowNoRules: true,
  scopeHierarchy: true,
  federationDirectives: true,
  shadow: true,
  clock: true,
  now: true,
};

/**
 * Makes a schema enforce its `@auth` rules. Returns a new schema whose guarded fields resolve only for
 * viewers who meet the rule. Others get null and a field error, with the code `UNAUTHENTICATED` or
 * `FORBIDDEN`. The viewer is read from `context.viewer`; without one, the caller is anonymous. The original
 * schema stays unchanged, and public fields keep their resolver functions.
 *
 * Guards are the second line of defense. The first is `findRefusals`, which finds what is denied before
 * anything runs. `useAuth` applies both.
 *
 * Call this as the last step of building a schema. Functions can still be replaced in place: a `resolve`,
 * `subscribe`, `isTypeOf` or `resolveType` that is assigned later is guarded too. Adding, removing or
 * replacing fields or types throws a TypeError (in sloppy mode, it does nothing), and `useAuth` and
 * `findRefusals` reject copies of the schema.
 *
 * Not checked: what resolvers return beyond the types of the schema. A `fieldResolver` or `typeResolver`
 * given to the executor is not used for guarded fields and types that have no resolver of their own.
 *
 * @throws {SchemaRuleError} If rules cannot be enforced as written, with all problems, or if there are
 *   no rules.
 * @throws {TypeError} If the schema is already guarded or comes from another copy of graphql, a policy
 *   is not defined correctly, an option is unknown or has an invalid value, or a scope implies itself.
 *
 * @example
 * ```ts
 * import { makeExecutableSchema } from '@graphql-tools/schema';
 * import { authDirectives, guardSchema } from 'graphql-resource-server';
 *
 * const schema = guardSchema(
 *   makeExecutableSchema({ typeDefs: [authDirectives, typeDefs], resolvers }),
 *   { policies: { owner: ({ viewer, args }) => args.ownerId === viewer.id } },
 * );
 * ```
 */
export function guardSchema(
  schema: GraphQLSchema,
  options: GuardSchemaOptions = {},
): GraphQLSchema {
  if (!(schema instanceof GraphQLSchema)) {
    const isOther = Object.prototype.toString.call(schema) === '[object GraphQLSchema]';
    throw new TypeError(
      isOther
        ? 'The schema comes from another copy of graphql than the one that guardSchema uses: keep one in node_modules (npm ls graphql lists them, npm dedupe joins those with the same range).'
        : 'guardSchema requires a GraphQLSchema: pass what makeExecutableSchema or buildSchema returns.',
    );
  }
  if (schema.extensions[guardExtension] instanceof Guard) {
    throw new TypeError('The schema is already guarded: call guardSchema once, as the last step.');
  }
  const unknown = findUnknownOptions(options, Object.keys(known));
  if (unknown.length > 0) throw new TypeError(`guardSchema: ${unknown.join(' ')}`);
  const { requireRuleOn, allowNoRules, federationDirectives } = options;
  if (requireRuleOn !== undefined && !['root-fields', 'all-fields'].includes(requireRuleOn)) {
    throw new TypeError(`requireRuleOn must be 'root-fields', 'all-fields' or omitted.`);
  }
  if (allowNoRules !== undefined && typeof allowNoRules !== 'boolean') {
    throw new TypeError('allowNoRules must be true, false or omitted.');
  }
  if (federationDirectives !== undefined && !['enforce', 'ignore'].includes(federationDirectives)) {
    throw new TypeError(`federationDirectives must be 'enforce', 'ignore' or omitted.`);
  }
  const policies = readPolicyDefinitions(options.policies ?? {});
  const scopeHierarchy =
    options.scopeHierarchy === undefined ? undefined : new ScopeHierarchy(options.scopeHierarchy);
  const filterPolicies = new Set(
    [...policies].filter(([, one]) => isFilterPolicy(one)).map(([name]) => name),
  );
  const declared = {
    policies: new Set(policies.keys()),
    filterPolicies,
    federationDirectives,
    scopeHierarchy,
  };
  const forms = new RefusalForms(policies);
  const rules = compileSchemaRules(schema, { ...declared, requireRuleOn, allowNoRules, forms });
  const { clock = systemClock, shadow } = options;
  const now = options.now ?? (() => clock.now().getTime());
  const evaluatePolicies = createPolicyEvaluator(policies, {
    scopeHierarchy,
    now,
    clock: { ...systemClock, ...clock },
  });
  if (shadow === undefined) {
    const guard = new Guard(rules, evaluatePolicies, now, { forms, filterPolicies });
    return install(schema, guard, () => {});
  }
  const isShadowed = findShadowed(schema, shadow, declared);
  const select = (isSelected: (coordinate: string) => boolean) =>
    compileSchemaRules(schema, { ...declared, allowNoRules: true, isSelected });
  const observing = new Guard(select(isShadowed), evaluatePolicies, now, {
    observe: createObserver(shadow),
    filterPolicies,
  });
  const guard = new Guard(
    select((coordinate) => !isShadowed(coordinate)),
    evaluatePolicies,
    now,
    { shadow: observing.rules, forms, filterPolicies },
  );
  return install(schema, guard, (guarded) => observeRules(guarded, observing));
}

function install(
  schema: GraphQLSchema,
  guard: Guard,
  observe: (guarded: GraphQLSchema) => void,
): GraphQLSchema {
  const guarded = rebuildSchema(schema, { ...schema.extensions, [guardExtension]: guard });
  observe(guarded);
  installGuards(guarded, guard);
  guard.schema = guarded;
  return guarded;
}
