import { allOf, type Rule } from '../directives/requirement.ts';
import { type Access, isOpen } from '../rules/schema-access.ts';
import { policyNames } from '../rules/schema-rules.ts';
import { acceptableClasses } from '../rules/unmet.ts';
import { isWeaker } from './compare-rules.ts';

/** What it takes to use something, in the directive's own terms. All that is stated applies. */
export interface AccessTerms {
  /** `public`: for everyone. `authenticated`: for a verified token that has what the rest says. */
  readonly access: 'public' | 'authenticated';
  /** As in the directive: of one string every scope is needed, of several strings any one is enough. */
  readonly scope?: readonly string[];
  readonly claims?: readonly string[];
  readonly policy?: readonly string[];
  readonly acr?: readonly string[];
  readonly maxAge?: number;
  /**
   * Besides, any one of these is enough: the possible types of an interface or a union, of which
   * each has a rule, or the values of an enum.
   */
  readonly anyOf?: readonly AccessTerms[];
  /** Besides, all of these, where one `@auth` cannot say them together. */
  readonly allOf?: readonly AccessTerms[];
  /** The coordinates whose `@auth` make up what is stated here, outermost first. */
  readonly from: readonly string[];
}

/** Any one of these sets of scopes. */
interface ScopeChoice {
  readonly ways: readonly ReadonlySet<string>[];
  readonly from: readonly string[];
}

/** Ways that are multiplied out, at most, before the choices are listed one by one. */
const mostWays = 64;
/** Alternatives that are compared with each other, at most. */
const mostCompared = 100;

/** What an access requires, as one `@auth` would say it where that is exact. */
export function toAccessTerms(access: Access): AccessTerms {
  if (isOpen(access)) return { access: 'public', from: [] };
  const { all, choices, groups } = settleGroups(access);
  if (groups.length === 0) return ruleTerms(all, choices, []);
  const alone = ruleTerms(all, [], []);
  // A group says nothing more where everyone who gets this far has one of its alternatives.
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
      : [{ ways: minimal(scopes.map((one) => new Set(one))), from: [coordinate] }],
  );
  const multiplied = multiply([...ofRule, ...choices]);
  const claims = [...new Set(all.flatMap((requirement) => requirement.claims))];
  const policy = policyNames(all);
  const acr = acceptableClasses(all);
  const maxAge = Math.min(...all.map((one) => one.maxAge ?? Number.POSITIVE_INFINITY));
  const [only, ...more] = anyOf;
  const separate: AccessTerms[] = [
    ...multiplied.apart.map(({ ways, from }) => ({
      access: 'authenticated' as const,
      scope: ways.map(textOf),
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
    ...(multiplied.scope.length > 0 ? { scope: multiplied.scope } : {}),
    ...(claims.length > 0 ? { claims } : {}),
    ...(policy.length > 0 ? { policy } : {}),
    ...(acr ? { acr } : {}),
    ...(Number.isFinite(maxAge) ? { maxAge } : {}),
    ...(only && more.length === 0 ? { anyOf: only } : {}),
    ...(separate.length > 0 ? { allOf: separate } : {}),
    from: [
      ...new Set([
        ...all.map(({ coordinate }) => coordinate),
        ...multiplied.from,
        ...[...(only ?? []), ...separate].flatMap(({ from }) => from),
      ]),
    ],
  };
}

/** Turns groups into requirements where one alternative is left, and into scopes where that says it all. */
function settleGroups(access: Access) {
  let { all }: { all: Rule } = access;
  const pending = [...access.groups];
  const choices: ScopeChoice[] = [];
  const groups: (readonly AccessTerms[])[] = [];
  for (let group = pending.shift(); group !== undefined; group = pending.shift()) {
    const left = weakest(group.map((one) => ({ one, terms: toAccessTerms(one) })));
    const [first, ...others] = left;
    if (first !== undefined && others.length === 0) {
      all = allOf(all, first.one.all);
      pending.push(...first.one.groups);
    } else if (left.every(({ terms }) => saysScopesOnly(terms))) {
      const scopes = left.flatMap(({ terms }) => terms.scope ?? []);
      choices.push({
        ways: minimal(scopes.map((text) => new Set(text.split(' ')))),
        from: [...new Set(left.flatMap(({ terms }) => terms.from))],
      });
    } else groups.push(left.map(({ terms }) => terms));
  }
  return { all, choices, groups };
}

/** Without the alternatives that let in no one whom another does not let in. */
function weakest<Item extends { readonly terms: AccessTerms }>(items: readonly Item[]): Item[] {
  const distinct = [...new Map(items.map((item) => [keyOf(item.terms), item])).values()];
  if (distinct.length > mostCompared) return distinct;
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

function keyOf(terms: AccessTerms): string {
  return JSON.stringify(terms, (name, value: unknown) => (name === 'from' ? undefined : value));
}

function saysScopesOnly({ access, scope, from, ...rest }: AccessTerms): boolean {
  return scope !== undefined && Object.keys(rest).length === 0;
}

/**
 * All ways to meet every choice, if they are few; otherwise the scopes that are needed in any case,
 * and the other choices apart.
 */
function multiply(choices: readonly ScopeChoice[]): {
  readonly scope: readonly string[];
  readonly apart: readonly ScopeChoice[];
  /** Of what `scope` says. */
  readonly from: readonly string[];
} {
  const asking = choices.filter(({ ways }) => ways.every((way) => way.size > 0));
  let product: readonly ReadonlySet<string>[] = [new Set()];
  for (const { ways } of asking) {
    if (product.length > 1 && ways.length > 1 && product.length * ways.length > mostWays) {
      const isFixed = ({ ways: { length } }: ScopeChoice): boolean => length === 1;
      const fixed = asking.filter(isFixed);
      const scopes = new Set(fixed.flatMap((choice) => choice.ways.flatMap((way) => [...way])));
      const from = fixed.flatMap((choice) => choice.from);
      const apart = new Map(
        asking
          .filter((choice) => !isFixed(choice))
          .map((choice) => [choice.ways.map(textOf).sort().join('\n'), choice]),
      );
      return { scope: scopes.size > 0 ? [textOf(scopes)] : [], apart: [...apart.values()], from };
    }
    product = minimal(ways.flatMap((way) => product.map((known) => new Set([...known, ...way]))));
  }
  return {
    scope: product.filter((way) => way.size > 0).map(textOf),
    apart: [],
    from: asking.flatMap(({ from }) => from),
  };
}

/** Without the ways that need all of another one. */
function minimal(ways: readonly ReadonlySet<string>[]): readonly ReadonlySet<string>[] {
  if (ways.length > mostCompared) return ways;
  return ways.filter(
    (way, index) =>
      !ways.some(
        (other, otherIndex) =>
          (other.size < way.size || otherIndex < index) &&
          [...other].every((scope) => way.has(scope)),
      ),
  );
}

function textOf(scopes: Iterable<string>): string {
  return [...scopes].join(' ');
}
