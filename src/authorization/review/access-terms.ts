import {
  allOf,
  hierarchyOf,
  type PolicyTerm,
  type Requirement,
  type Rule,
} from '../directives/requirement.ts';
import { removeRedundant } from '../rules/remove-redundant.ts';
import { type Access, isPublicAccess, requirementsOf, ruleAccess } from '../rules/schema-access.ts';
import { intersectAcr } from '../rules/unmet.ts';
import { isWeaker, keyOf } from './compare-rules.ts';

/** What it takes to use a coordinate, in the terms of the directive. All of it applies. */
export interface AccessTerms {
  /** `public`: everyone. `authenticated`: callers with a verified token that meet everything else. */
  readonly access: 'public' | 'authenticated';
  /** As in the directive: all scopes of one string are required; of several strings, any one is sufficient. */
  readonly scope?: readonly string[];
  readonly claims?: readonly string[];
  readonly policy?: readonly string[];
  readonly acr?: readonly string[];
  readonly maxAge?: number;
  /**
   * In addition, any one of these is sufficient. Present if the possible types of an interface or union, or
   * the values of an enum, all have rules.
   */
  readonly anyOf?: readonly AccessTerms[];
  /** In addition, all of these. Present if one `@auth` cannot express them together. */
  readonly allOf?: readonly AccessTerms[];
  /** The coordinates whose `@auth` these terms come from, outermost first. */
  readonly from: readonly string[];
}

/** Alternative sets of scopes. */
interface ScopeChoice {
  readonly alternatives: readonly ReadonlySet<string>[];
  readonly from: readonly string[];
}

/** Maximum number of combined alternatives before choices are listed separately. */
const maxCombinations = 64;
/** Maximum number of alternatives that are compared with each other. */
const maxCompared = 100;

/** Describes an access, as one `@auth` if that is exact. */
export function toAccessTerms(access: Access): AccessTerms {
  if (isPublicAccess(access)) return { access: 'public', from: [] };
  const { all, choices, groups } = simplifyGroups(listSufficient(access));
  if (groups.length === 0) return ruleTerms(all, choices, []);
  const alone = ruleTerms(all, [], []);
  // A group adds nothing if everyone who meets the rest meets one of its alternatives.
  const anyOf = groups.filter((group) => group.every((terms) => isWeaker(alone, terms)));
  return ruleTerms(all, choices, anyOf);
}

function ruleTerms(
  all: Rule,
  choices: readonly ScopeChoice[],
  anyOf: readonly (readonly AccessTerms[])[],
): AccessTerms {
  const ofRule = all.flatMap(({ scopes, coordinate }): ScopeChoice[] =>
    scopes === undefined
      ? []
      : [{ alternatives: simplify(scopes.map((one) => new Set(one))), from: [coordinate] }],
  );
  const combined = combineChoices([...ofRule, ...choices]);
  const claims = [...new Set(all.flatMap((requirement) => requirement.claims))];
  const policy = [...new Set(all.flatMap(({ policies }) => policies.filter(isPolicyName)))];
  // A copy: reports and reviews must not change the rule.
  const acr = intersectAcr(all)?.slice();
  const maxAge = Math.min(...all.map((one) => one.maxAge ?? Number.POSITIVE_INFINITY));
  const [only, ...more] = anyOf;
  const separate: AccessTerms[] = [
    ...combined.separate.map(({ alternatives, from }) => ({
      access: 'authenticated' as const,
      scope: alternatives.map(joinScopes),
      from,
    })),
    ...(more.length === 0
      ? []
      : anyOf.map((group) => ({
          access: 'authenticated' as const,
          anyOf: group,
          from: [...new Set(group.flatMap(({ from }) => from))],
        }))),
  ];
  return {
    access: 'authenticated',
    ...(combined.scope.length > 0 ? { scope: combined.scope } : {}),
    ...(claims.length > 0 ? { claims } : {}),
    ...(policy.length > 0 ? { policy } : {}),
    ...(acr ? { acr } : {}),
    ...(Number.isFinite(maxAge) ? { maxAge } : {}),
    ...(only && more.length === 0 ? { anyOf: only } : {}),
    ...(separate.length > 0 ? { allOf: separate } : {}),
    from: [
      ...new Set([
        ...all.map(({ coordinate }) => coordinate),
        ...combined.from,
        ...[...(only ?? []), ...separate].flatMap(({ from }) => from),
      ]),
    ],
  };
}

/**
 * Writes each scope that others imply as a choice between all of them, so that terms say what is sufficient
 * without the hierarchy, and a change of it is a change of the terms.
 */
function listSufficient(access: Access): Access {
  if (hierarchyOf([...requirementsOf(access)]) === undefined) return access;
  const { all, groups } = access;
  const listed = all.map(listSufficientOf);
  return {
    all: allOf(...listed.map((one) => one.all)),
    groups: [
      ...listed.flatMap((one) => one.groups),
      ...groups.map((group) => group.map(listSufficient)),
    ],
  };
}

function listSufficientOf(requirement: Requirement): Access {
  const { scopes, hierarchy, ...rest } = requirement;
  if (scopes === undefined || hierarchy === undefined) return ruleAccess([requirement]);
  const { coordinate } = requirement;
  const [only = [], ...more] = scopes.map((alternative) =>
    alternative.map((scope) => ({
      coordinate,
      scopes: [[scope], ...hierarchy.broaderThan(scope).map((other) => [other])],
      claims: [],
      policies: [],
    })),
  );
  return more.length === 0
    ? ruleAccess([rest, ...only])
    : { all: [rest], groups: [[only, ...more].map(ruleAccess)] };
}

/** Turns alternatives of policies into groups, as one list of names cannot express them. */
function separatePolicyAlternatives(access: Access): Access {
  const groups = access.all.flatMap(({ coordinate, policies }) =>
    policies.flatMap((term) =>
      isPolicyName(term)
        ? []
        : [term.map((names) => ruleAccess([{ coordinate, claims: [], policies: names }]))],
    ),
  );
  return groups.length === 0 ? access : { all: access.all, groups: [...access.groups, ...groups] };
}

function isPolicyName(term: PolicyTerm): term is string {
  return typeof term === 'string';
}

/** Turns groups with one remaining alternative into requirements, and groups of nothing but scopes into scopes. */
function simplifyGroups(access: Access) {
  const separated = separatePolicyAlternatives(access);
  let { all }: { all: Rule } = separated;
  const pending = [...separated.groups];
  const choices: ScopeChoice[] = [];
  const groups: (readonly AccessTerms[])[] = [];
  for (let group = pending.shift(); group !== undefined; group = pending.shift()) {
    const remaining = findWeakest(group.map((one) => ({ one, terms: toAccessTerms(one) })));
    const [first, ...others] = remaining;
    if (first !== undefined && others.length === 0) {
      const found = separatePolicyAlternatives(first.one);
      all = allOf(all, found.all);
      pending.push(...found.groups);
    } else if (remaining.every(({ terms }) => hasOnlyScopes(terms))) {
      const scopes = remaining.flatMap(({ terms }) => terms.scope ?? []);
      choices.push({
        alternatives: simplify(scopes.map((text) => new Set(text.split(' ')))),
        from: [...new Set(remaining.flatMap(({ terms }) => terms.from))],
      });
    } else groups.push(remaining.map(({ terms }) => terms));
  }
  return { all, choices, groups };
}

/** Removes alternatives that admit only viewers whom another admits too. */
function findWeakest<Item extends { readonly terms: AccessTerms }>(items: readonly Item[]): Item[] {
  const distinct = [...new Map(items.map((item) => [keyOf(item.terms), item])).values()];
  if (distinct.length > maxCompared) return distinct;
  return distinct.filter(
    ({ terms }, index) =>
      !distinct.some(
        (other, otherIndex) =>
          other.terms !== terms &&
          !isWeaker(terms, other.terms) &&
          (isWeaker(other.terms, terms) || otherIndex < index),
      ),
  );
}

function hasOnlyScopes({ access, scope, from, ...rest }: AccessTerms): boolean {
  return scope !== undefined && Object.keys(rest).length === 0;
}

/**
 * Combines choices into all their alternatives if there are few. Otherwise returns the scopes that are
 * required in any case, and the other choices separately.
 */
function combineChoices(choices: readonly ScopeChoice[]): {
  readonly scope: readonly string[];
  readonly separate: readonly ScopeChoice[];
  /** The coordinates that `scope` comes from. */
  readonly from: readonly string[];
} {
  const restrictive = choices.filter(({ alternatives }) =>
    alternatives.every((alternative) => alternative.size > 0),
  );
  let product: readonly ReadonlySet<string>[] = [new Set()];
  for (const { alternatives } of restrictive) {
    if (
      product.length > 1 &&
      alternatives.length > 1 &&
      product.length * alternatives.length > maxCombinations
    ) {
      const isFixed = ({ alternatives: { length } }: ScopeChoice): boolean => length === 1;
      const fixed = restrictive.filter(isFixed);
      const scopes = new Set(
        fixed.flatMap((choice) => choice.alternatives.flatMap((alternative) => [...alternative])),
      );
      const from = fixed.flatMap((choice) => choice.from);
      const remaining = new Map(
        restrictive
          .filter((choice) => !isFixed(choice))
          .map((choice) => [choice.alternatives.map(joinScopes).sort().join('\n'), choice]),
      );
      return {
        scope: scopes.size > 0 ? [joinScopes(scopes)] : [],
        separate: [...remaining.values()],
        from,
      };
    }
    product = simplify(
      alternatives.flatMap((alternative) =>
        product.map((known) => new Set([...known, ...alternative])),
      ),
    );
  }
  return {
    scope: product.filter((alternative) => alternative.size > 0).map(joinScopes),
    separate: [],
    from: restrictive.flatMap(({ from }) => from),
  };
}

/** Removes alternatives that contain another one, unless there are too many to compare. */
function simplify(alternatives: readonly ReadonlySet<string>[]): readonly ReadonlySet<string>[] {
  return alternatives.length > maxCompared ? alternatives : removeRedundant(alternatives);
}

function joinScopes(scopes: Iterable<string>): string {
  return [...scopes].join(' ');
}
