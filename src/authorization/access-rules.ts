import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql';
import { guardOf } from './guard.ts';
import { acceptableClasses } from './missing.ts';
import type { Rule } from './requirement.ts';
import { policyNames } from './schema-rules.ts';

/** The effective rule of one field: everything that applies to it, in the directive's own terms. */
export interface AccessRule {
  /** `Query.private`. */
  readonly coordinate: string;
  /** `public`: for everybody. `authenticated`: for a verified token that has what the rest says. */
  readonly access: 'public' | 'authenticated';
  /** As in the directive: of one string every scope is needed, of several strings any one is enough. */
  readonly scope?: readonly string[];
  readonly claims?: readonly string[];
  readonly policy?: readonly string[];
  readonly acr?: readonly string[];
  readonly maxAge?: number;
  /** The coordinates whose `@auth` make up the rule, outermost first. */
  readonly from: readonly string[];
}

/**
 * Every field of every object type and interface of a guarded schema, with its effective rule, in
 * the order of the schema.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function accessRules(guarded: GraphQLSchema): AccessRule[] {
  const { rules } = guardOf(guarded);
  return Object.values(guarded.getTypeMap()).flatMap((type) =>
    !isIntrospectionType(type) && (isObjectType(type) || isInterfaceType(type))
      ? Object.keys(type.getFields()).map((name) => {
          const { coordinate, rule } = rules.field(type.name, name);
          return { coordinate, ...describeRule(rule) };
        })
      : [],
  );
}

/** A rule as one `@auth` would say it. */
export function describeRule(rule: Rule): Omit<AccessRule, 'coordinate'> {
  const scope = scopeAlternatives(rule);
  const claims = [...new Set(rule.flatMap((requirement) => requirement.claims))];
  const policy = policyNames(rule);
  const acr = acceptableClasses(rule);
  const maxAge = Math.min(...rule.map((one) => one.maxAge ?? Number.POSITIVE_INFINITY));
  return {
    access: rule.length === 0 ? 'public' : 'authenticated',
    ...(scope.length > 0 ? { scope } : {}),
    ...(claims.length > 0 ? { claims } : {}),
    ...(policy.length > 0 ? { policy } : {}),
    ...(acr ? { acr } : {}),
    ...(Number.isFinite(maxAge) ? { maxAge } : {}),
    from: rule.map((requirement) => requirement.coordinate),
  };
}

/** All ways to meet every `scope` of a rule, without those that ask for more than another does. */
function scopeAlternatives(rule: Rule): string[] {
  let ways: ReadonlySet<string>[] = [new Set()];
  for (const { scopes } of rule) {
    if (scopes === undefined) continue;
    const extended = scopes.flatMap((alternative) =>
      ways.map((way) => new Set([...way, ...alternative])),
    );
    ways = extended.filter(
      (way, index) =>
        !extended.some(
          (other, otherIndex) =>
            [...other].every((scope) => way.has(scope)) &&
            (other.size < way.size || otherIndex < index),
        ),
    );
  }
  return ways.map((way) => [...way].join(' ')).filter((way) => way !== '');
}
