import type { AuthenticatedViewer, Viewer } from '../../authentication/viewer.ts';
import { findMissing, hasClaim, type Missing } from './missing.ts';
import type { Rule } from './requirement.ts';

/** What a viewer lacks to meet one rule, policies aside. */
export type RuleCheck = (viewer: Viewer) => Missing | undefined;

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
  const asksMore = rule.some(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined);

  function meets(viewer: AuthenticatedViewer): boolean {
    for (const scope of scopes) if (!viewer.scopes.has(scope)) return false;
    for (const claim of claims) if (!hasClaim(viewer, claim)) return false;
    for (const choice of choices) {
      if (!choice.some((all) => all.every((scope) => viewer.scopes.has(scope)))) return false;
    }
    return true;
  }

  let anonymousLacks: Missing | undefined;
  let last: { readonly viewer: WeakRef<Viewer>; readonly missing: Missing } | undefined;
  return function checkRule(viewer) {
    if (viewer.kind === 'anonymous') {
      anonymousLacks ??= findMissing(rule, viewer, now);
      return anonymousLacks;
    }
    if (!asksMore && meets(viewer)) return undefined;
    if (last?.viewer.deref() === viewer) return last.missing;
    const missing = findMissing(rule, viewer, now);
    // The objects of a list are refused one after the other. What time changes is asked each time.
    const stays = missing?.kind === 'scope' || missing?.kind === 'claims';
    last = stays ? { viewer: new WeakRef(viewer), missing } : undefined;
    return missing;
  };
}
