import type { AuthenticatedViewer, Viewer } from '../authentication/viewer.ts';
import { findMissing, type Missing } from './missing.ts';
import type { Rule } from './requirement.ts';

/** What a viewer lacks to meet one rule, policies aside. */
export type RuleCheck = (viewer: Viewer) => Missing | undefined;

type Condition = (viewer: AuthenticatedViewer) => boolean;

/**
 * Turns a rule into a check that costs viewers who meet it next to nothing; what the others lack
 * is then worked out at leisure.
 */
export function compileRule(rule: Rule, now: () => number): RuleCheck {
  const [first, second, ...others] = conditionsOf(rule, now);
  return function checkRule(viewer) {
    if (
      viewer.kind === 'authenticated' &&
      (first === undefined || first(viewer)) &&
      (second === undefined || second(viewer)) &&
      (others.length === 0 || others.every((condition) => condition(viewer)))
    ) {
      return undefined;
    }
    return findMissing(rule, viewer, now);
  };
}

function conditionsOf(rule: Rule, now: () => number): Condition[] {
  return rule.flatMap((requirement): Condition[] => {
    const { scopes, claims, acr, maxAge } = requirement;
    const conditions: Condition[] = [];
    if (scopes !== undefined) conditions.push(scopeCondition(scopes));
    if (claims.length > 0 || acr !== undefined || maxAge !== undefined) {
      const rest: Rule = [{ ...requirement, scopes: [[]] }];
      conditions.push((viewer) => findMissing(rest, viewer, now) === undefined);
    }
    return conditions;
  });
}

function scopeCondition(alternatives: readonly (readonly string[])[]): Condition {
  const [first, ...others] = alternatives;
  const [only, ...further] = first ?? [];
  if (only !== undefined && others.length === 0 && further.length === 0) {
    return ({ scopes }) => scopes.has(only);
  }
  return ({ scopes }) =>
    alternatives.some((alternative) => alternative.every((scope) => scopes.has(scope)));
}
