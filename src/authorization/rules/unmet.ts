import type { AuthenticatedViewer, Viewer } from '../../authentication/viewer.ts';
import { createClaimCheck, hasClaim } from '../../shared/claim-path.ts';
import { hierarchyOf, type Requirement, type Rule } from '../directives/requirement.ts';
import type { PolicyDenial } from './policy-denial.ts';
import { findSmallestScope } from './smallest-scope.ts';

/**
 * Why a viewer does not meet a rule: the first of authentication, scope, claims or policy, and step-up
 * authentication, with the smallest set of scopes or claims that would be sufficient. Never contains
 * anything that the viewer's token has.
 */
export type UnmetRequirement =
  | { readonly kind: 'authentication'; readonly scope?: string }
  | { readonly kind: 'claims'; readonly claims: readonly string[] }
  | PolicyDenial;

const noScopes: ReadonlySet<string> = new Set();

/**
 * Finds what the viewer does not meet of a rule, other than policies. Undefined if the viewer meets it.
 *
 * @param now Milliseconds since the epoch, compared with `maxAge`.
 */
export function findUnmet(
  rule: Rule,
  viewer: Viewer,
  now: () => number,
): UnmetRequirement | undefined {
  if (rule.length === 0) return undefined;
  if (viewer.kind !== 'authenticated') {
    const scope = findSmallestScope(rule, noScopes);
    return scope === undefined ? { kind: 'authentication' } : { kind: 'authentication', scope };
  }
  for (const requirement of rule) {
    if (!hasScope(requirement, viewer.scopes)) {
      return { kind: 'scope', scope: findSmallestScope(rule, viewer.scopes) ?? '' };
    }
  }
  for (const requirement of rule) {
    if (requirement.claims.length > 0 && findMissingClaims([requirement], viewer).length > 0) {
      return { kind: 'claims', claims: findMissingClaims(rule, viewer) };
    }
  }
  return findStepUp(rule, viewer, now);
}

/** Checks viewers against one rule, other than its policies. */
export type RuleCheck = (viewer: Viewer) => UnmetRequirement | undefined;

/**
 * Compiles a rule into a check that costs almost nothing for viewers who meet it. What others do not
 * meet is found on the slow path.
 */
export function compileRule(rule: Rule, now: () => number): RuleCheck {
  const hierarchy = hierarchyOf(rule);
  const scopes: string[] = [];
  const choices: (readonly (readonly string[])[])[] = [];
  for (const { scopes: alternatives } of rule) {
    const [only, other] = alternatives ?? [];
    if (only !== undefined && other === undefined) scopes.push(...only);
    else if (alternatives !== undefined) choices.push(alternatives);
  }
  const claimChecks = rule.flatMap((requirement) => requirement.claims.map(createClaimCheck));
  // Rare: fall through to the full check.
  const needsFullCheck = rule.some(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined);

  function meetsRule(viewer: AuthenticatedViewer): boolean {
    for (const scope of scopes) {
      if (!viewer.scopes.has(scope) && !hierarchy?.isHeld(scope, viewer.scopes)) return false;
    }
    for (const check of claimChecks) if (!check(viewer.claims)) return false;
    if (choices.length === 0) return true;
    const held = hierarchy?.heldBy(viewer.scopes) ?? viewer.scopes;
    for (const choice of choices) {
      if (!choice.some((all) => all.every((scope) => held.has(scope)))) return false;
    }
    return true;
  }

  let anonymousResult: UnmetRequirement | undefined;
  let last: { readonly viewer: WeakRef<Viewer>; readonly unmet: UnmetRequirement } | undefined;
  return function checkRule(viewer) {
    if (viewer.kind === 'anonymous') {
      anonymousResult ??= findUnmet(rule, viewer, now);
      return anonymousResult;
    }
    if (!needsFullCheck && meetsRule(viewer)) return undefined;
    if (last?.viewer.deref() === viewer) return last.unmet;
    const unmet = findUnmet(rule, viewer, now);
    // The objects of a list are refused one after the other. Results that depend on time are not kept.
    const isStable = unmet?.kind === 'scope' || unmet?.kind === 'claims';
    last = isStable ? { viewer: new WeakRef(viewer), unmet } : undefined;
    return unmet;
  };
}

function hasScope({ scopes, hierarchy }: Requirement, own: ReadonlySet<string>): boolean {
  if (scopes === undefined) return true;
  const held = hierarchy?.heldBy(own) ?? own;
  return scopes.some((alternative) => alternative.every((scope) => held.has(scope)));
}

function findMissingClaims(rule: Rule, viewer: AuthenticatedViewer): string[] {
  const names = rule.flatMap((requirement) => requirement.claims);
  return [...new Set(names)].filter((name) => !hasClaim(viewer.claims, name));
}

function findStepUp(
  rule: Rule,
  viewer: AuthenticatedViewer,
  now: () => number,
): UnmetRequirement | undefined {
  const stepUp = rule.filter(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined);
  if (stepUp.length === 0) return undefined;

  const acr = intersectAcr(stepUp);
  const maxAge = Math.min(
    ...stepUp.map((requirement) => requirement.maxAge ?? Number.POSITIVE_INFINITY),
  );
  const held: unknown = Object.hasOwn(viewer.claims, 'acr') ? viewer.claims['acr'] : undefined;
  const isTooWeak = acr !== undefined && !acr.some((value) => value === held);
  const isTooOld = Number.isFinite(maxAge) && !(secondsSinceAuthentication(viewer, now) <= maxAge);
  if (!isTooWeak && !isTooOld) return undefined;
  return { kind: 'step-up', ...(isTooWeak ? { acr } : {}), ...(isTooOld ? { maxAge } : {}) };
}

/** The `acr` values that every requirement accepts. Undefined if none of them has `acr`. */
export function intersectAcr(rule: Rule): readonly string[] | undefined {
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
 * Computed from the claim `auth_time` (RFC 9470 §6.1). NaN, which no limit admits, if that is not a
 * number or is in the future. The token's `iat` is at most as far ahead as the authenticator allows.
 */
function secondsSinceAuthentication({ claims }: AuthenticatedViewer, now: () => number): number {
  const time = numericClaim(claims, 'auth_time');
  const seconds = now() / 1000;
  const latest = Math.max(seconds + clockTolerance, numericClaim(claims, 'iat') ?? 0);
  return time !== undefined && time <= latest ? seconds - time : Number.NaN;
}

function numericClaim(claims: AuthenticatedViewer['claims'], name: string): number | undefined {
  const value: unknown = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** Of several alternatives, the one that is easiest for the viewer to meet. */
export function leastDemanding<Alternative extends { readonly unmet: UnmetRequirement }>(
  alternatives: readonly Alternative[],
): Alternative | undefined {
  return alternatives.reduce<Alternative | undefined>(
    (best, next) =>
      best === undefined || demandOf(next.unmet) < demandOf(best.unmet) ? next : best,
    undefined,
  );
}

/**
 * How many alternatives are compared with everything else that applies. An interface can have hundreds of
 * types, and clients choose how often they are compared.
 */
const maxCompared = 10;

/** Of more than ten alternatives, those that are the least demanding by themselves. */
export function selectLeastDemanding<
  Alternative extends { readonly unmet: UnmetRequirement | undefined },
>(alternatives: readonly Alternative[]): readonly Alternative[] {
  if (alternatives.length <= maxCompared) return alternatives;
  return alternatives
    .map((alternative) => ({ alternative, demand: demandOf(alternative.unmet) }))
    .sort((one, other) => one.demand - other.demand)
    .slice(0, maxCompared)
    .map(({ alternative }) => alternative);
}

const kindCosts: Record<UnmetRequirement['kind'], number> = {
  // Another time, it might be met.
  unavailable: -1,
  authentication: 0,
  'step-up': 1,
  scope: 2,
  claims: 3,
  policy: 4,
};

/** How hard something is to meet. Nothing is the easiest. */
function demandOf(unmet: UnmetRequirement | undefined): number {
  if (unmet === undefined) return Number.NEGATIVE_INFINITY;
  const scopes = 'scope' in unmet && unmet.scope !== undefined ? unmet.scope.split(' ').length : 0;
  return kindCosts[unmet.kind] * 10_000 + scopes;
}
