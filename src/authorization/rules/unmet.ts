import type { AuthenticatedViewer, Viewer } from '../../authentication/viewer.ts';
import type { Requirement, Rule } from '../directives/requirement.ts';
import { findSmallestScope } from './smallest-scope.ts';

/**
 * What a viewer lacks to meet a rule: the first of authentication, scope, claim or policy, and
 * step-up authentication, and of that the smallest set that would do. It never says what the
 * viewer has.
 */
export type UnmetRequirement =
  | { readonly kind: 'authentication'; readonly scope?: string }
  | { readonly kind: 'scope'; readonly scope: string }
  | { readonly kind: 'claims'; readonly claims: readonly string[] }
  | { readonly kind: 'policy' }
  | { readonly kind: 'step-up'; readonly acr?: readonly string[]; readonly maxAge?: number };

const nobody: ReadonlySet<string> = new Set();

/**
 * What the viewer lacks to meet every requirement of the rule, policies aside. Undefined when
 * nothing is missing.
 *
 * @param now Milliseconds since the epoch; what `maxAge` is measured against.
 */
export function findUnmet(
  rule: Rule,
  viewer: Viewer,
  now: () => number,
): UnmetRequirement | undefined {
  if (rule.length === 0) return undefined;
  if (viewer.kind !== 'authenticated') {
    const scope = findSmallestScope(rule, nobody);
    return scope === undefined ? { kind: 'authentication' } : { kind: 'authentication', scope };
  }
  for (const requirement of rule) {
    if (!hasScope(requirement, viewer.scopes)) {
      return { kind: 'scope', scope: findSmallestScope(rule, viewer.scopes) ?? '' };
    }
  }
  for (const requirement of rule) {
    if (requirement.claims.length > 0 && unmetClaims([requirement], viewer).length > 0) {
      return { kind: 'claims', claims: unmetClaims(rule, viewer) };
    }
  }
  return findStepUp(rule, viewer, now);
}

function hasScope({ scopes }: Requirement, held: ReadonlySet<string>): boolean {
  return (
    scopes === undefined ||
    scopes.some((alternative) => alternative.every((scope) => held.has(scope)))
  );
}

function unmetClaims(rule: Rule, viewer: AuthenticatedViewer): string[] {
  const names = rule.flatMap((requirement) => requirement.claims);
  return [...new Set(names)].filter((name) => !hasClaim(viewer, name));
}

/** Whether the token has a claim as its own member, and it is not null. */
function hasClaim({ claims }: AuthenticatedViewer, name: string): boolean {
  return claims[name] != null && Object.hasOwn(claims, name);
}

function findStepUp(
  rule: Rule,
  viewer: AuthenticatedViewer,
  now: () => number,
): UnmetRequirement | undefined {
  const stepUp = rule.filter(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined);
  if (stepUp.length === 0) return undefined;

  const acr = acceptableClasses(stepUp);
  const maxAge = Math.min(
    ...stepUp.map((requirement) => requirement.maxAge ?? Number.POSITIVE_INFINITY),
  );
  const held: unknown = Object.hasOwn(viewer.claims, 'acr') ? viewer.claims['acr'] : undefined;
  const tooWeak = acr !== undefined && !acr.some((value) => value === held);
  const tooOld = Number.isFinite(maxAge) && !(secondsSinceAuthentication(viewer, now) <= maxAge);
  if (!tooWeak && !tooOld) return undefined;
  return { kind: 'step-up', ...(tooWeak ? { acr } : {}), ...(tooOld ? { maxAge } : {}) };
}

/** The classes that every requirement accepts; undefined where none asks for one. */
export function acceptableClasses(rule: Rule): readonly string[] | undefined {
  let accepted: readonly string[] | undefined;
  for (const { acr } of rule) {
    if (acr === undefined) continue;
    accepted = accepted === undefined ? acr : accepted.filter((value) => acr.includes(value));
  }
  return accepted;
}

/** Seconds by which the clock of an issuer may be ahead: the default of the authenticator. */
const clockTolerance = 5;

/**
 * By the claim `auth_time` (RFC 9470 §6.1); NaN, which no limit admits, where it is not a number or
 * lies in the future. The token's own `iat` is as far ahead as the authenticator allows.
 */
function secondsSinceAuthentication({ claims }: AuthenticatedViewer, now: () => number): number {
  const time = numberAt(claims, 'auth_time');
  const seconds = now() / 1000;
  const latest = Math.max(seconds + clockTolerance, numberAt(claims, 'iat') ?? 0);
  return time !== undefined && time <= latest ? seconds - time : Number.NaN;
}

function numberAt(claims: AuthenticatedViewer['claims'], name: string): number | undefined {
  const value: unknown = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** Of several ways in, the one for which the least is missing. */
export function leastDemanding<Way extends { readonly missing: UnmetRequirement }>(
  ways: readonly Way[],
): Way | undefined {
  return ways.reduce<Way | undefined>(
    (best, next) =>
      best === undefined || effort(next.missing) < effort(best.missing) ? next : best,
    undefined,
  );
}

const order: Record<UnmetRequirement['kind'], number> = {
  authentication: 0,
  'step-up': 1,
  scope: 2,
  claims: 3,
  policy: 4,
};

function effort(missing: UnmetRequirement): number {
  const scopes =
    'scope' in missing && missing.scope !== undefined ? missing.scope.split(' ').length : 0;
  return order[missing.kind] * 10_000 + scopes;
}

/** What a viewer lacks to meet one rule, policies aside. */
export type RuleCheck = (viewer: Viewer) => UnmetRequirement | undefined;

/**
 * Turns a rule into a check that costs viewers who meet it next to nothing; what the others lack
 * is then worked out at leisure.
 */
export function compileRule(rule: Rule, now: () => number): RuleCheck {
  const scopes: string[] = [];
  const choices: (readonly (readonly string[])[])[] = [];
  for (const { scopes: alternatives } of rule) {
    const [only, other] = alternatives ?? [];
    if (only !== undefined && other === undefined) scopes.push(...only);
    else if (alternatives !== undefined) choices.push(alternatives);
  }
  const claims = rule.flatMap((requirement) => requirement.claims);
  // Rare, and soon asked in full.
  const needsFullCheck = rule.some(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined);

  function meets(viewer: AuthenticatedViewer): boolean {
    for (const scope of scopes) if (!viewer.scopes.has(scope)) return false;
    for (const claim of claims) if (!hasClaim(viewer, claim)) return false;
    for (const choice of choices) {
      if (!choice.some((all) => all.every((scope) => viewer.scopes.has(scope)))) return false;
    }
    return true;
  }

  let anonymousResult: UnmetRequirement | undefined;
  let last: { readonly viewer: WeakRef<Viewer>; readonly missing: UnmetRequirement } | undefined;
  return function checkRule(viewer) {
    if (viewer.kind === 'anonymous') {
      anonymousResult ??= findUnmet(rule, viewer, now);
      return anonymousResult;
    }
    if (!needsFullCheck && meets(viewer)) return undefined;
    if (last?.viewer.deref() === viewer) return last.missing;
    const missing = findUnmet(rule, viewer, now);
    // The objects of a list are refused one after the other. What time changes is asked each time.
    const stays = missing?.kind === 'scope' || missing?.kind === 'claims';
    last = stays ? { viewer: new WeakRef(viewer), missing } : undefined;
    return missing;
  };
}
