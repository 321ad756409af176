import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isUnionType,
} from 'graphql';
import { refuse, viewerOf } from './execution.ts';
import { Guard, guardExtension } from './guard.ts';
import { guardEnumValues } from './guard-enum.ts';
import { guardResolver } from './guard-field.ts';
import { guardIsTypeOf, objectChecker, typeResolver } from './guard-type.ts';
import { type Policy, policyAsker } from './policies.ts';
import { quietly, quietRejection } from './quiet-promise.ts';
import { type Replacements, rebuildSchema } from './rebuild-schema.ts';
import { open } from './requirement.ts';
import { compileSchemaRules, fieldAsks, policyNames } from './schema-rules.ts';
import { isThenable } from './thenable.ts';

/** What rules can refer to. */
export interface GuardSchemaOptions {
  /** Application policies, by the names that `@auth(policy:)` uses. Default: none. */
  readonly policies?: Readonly<Record<string, Policy>>;
  /**
   * `root-fields` makes every field of Query, Mutation and Subscription that no rule applies to,
   * and that does not say `@public`, a fault. Default: undecided fields are open to everybody.
   */
  readonly requireRuleOn?: 'root-fields';
  /** The clock that `maxAge` is measured against, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * Makes a schema enforce its `@auth` rules: a schema like the given one whose guarded fields run
 * for viewers who meet the rule. Fields that ask nothing keep their very resolver functions. The
 * viewer is looked for in `context.viewer`; a context without one is refused.
 *
 * Guards are the second line of defence. The first, which keeps a refused operation from running
 * at all, is `findRefusals`, and `useAuth` applies both.
 *
 * Not checked: what a resolver returns beside the schema's types, and fields that are added to the
 * schema afterwards. Make this the last step of building it. A `fieldResolver` or `typeResolver`
 * given to the executor is not used for guarded fields and types without a resolver of their own.
 *
 * @throws {SchemaRuleError} With every rule that cannot be enforced as it is written.
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
  if (options.requireRuleOn !== undefined && options.requireRuleOn !== 'root-fields') {
    throw new TypeError(`requireRuleOn must be 'root-fields', or left out.`);
  }
  const policies = new Map(Object.entries(options.policies ?? {}));
  for (const [name, policy] of policies) {
    if (typeof policy !== 'function') {
      throw new TypeError(`The policy "${name}" must be a function that answers true or false.`);
    }
  }
  const rules = compileSchemaRules(schema, new Set(policies.keys()), options.requireRuleOn);
  const guard = new Guard(rules, policyAsker(policies), options.now ?? Date.now);
  const guarded = rebuildSchema(schema, guardsOf(schema, guard), {
    ...schema.extensions,
    [guardExtension]: guard,
  });
  guard.schema = guarded;
  return guarded;
}

function guardsOf(schema: GraphQLSchema, guard: Guard): Replacements {
  const subscriptionType = schema.getSubscriptionType()?.name;

  const guardField: Replacements['field'] = (config, fieldName, typeName) => {
    const field = guard.rules.field(typeName, fieldName);
    const isGuarded = fieldAsks(field);
    const isEvent = typeName === subscriptionType;
    const resolve = isGuarded
      ? guardResolver(guard, field, config.resolve, !isEvent)
      : config.resolve;
    const checked = guardEnumValues(guard, config.type, resolve ?? defaultFieldResolver);
    if (!isGuarded && !checked) return undefined;
    const resolver = checked ?? resolve;
    return {
      ...config,
      ...(resolver ? { resolve: resolver } : {}),
      ...(isGuarded && isEvent ? { subscribe: guardResolver(guard, field, config.subscribe) } : {}),
    };
  };

  return {
    field: guardField,
    isTypeOf: (type) => {
      const rule = guard.rules.type(type.name);
      return rule.length === 0
        ? undefined
        : guardIsTypeOf(objectChecker(guard, rule), type.isTypeOf);
    },
    resolveType: (type) => abstractResolver(schema, guard, type),
  };
}

/** Undefined where the type's own way of finding the runtime type still serves. */
function abstractResolver(
  schema: GraphQLSchema,
  guard: Guard,
  type: GraphQLAbstractType,
): GraphQLTypeResolver<unknown, unknown> | undefined {
  const possible = schema.getPossibleTypes(type);
  const isGuarded = possible.some(({ name }) => guard.rules.type(name).length > 0);
  const rule = isUnionType(type) ? guard.rules.type(type.name) : [];
  const find =
    type.resolveType ?? (isGuarded || rule.length > 0 ? typeResolver(possible) : undefined);
  // The rule of a union reaches its members through the fields that return it; only its policies
  // need the object. What interfaces say is part of the rule of each implementing type.
  if (!find || policyNames(rule).length === 0) return type.resolveType ? undefined : find;
  const check = objectChecker(guard, rule);
  return function guardedResolveType(value, context, info, abstractType) {
    const settle = (name: string | undefined): string | undefined | Promise<string | undefined> => {
      // Policies come last: they are not asked about what the object's own type refuses.
      const own = name === undefined ? open : guard.rules.type(name);
      const missing = guard.checkOf(own)(viewerOf(context));
      if (missing) return quietRejection(refuse(missing, info));
      const checked = check(value, context, info);
      return checked === true ? name : checked.then(() => name);
    };
    const found = find(value, context, info, abstractType);
    return isThenable(found) ? quietly(found).then(settle) : settle(found);
  };
}
