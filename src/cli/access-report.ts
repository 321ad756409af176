import type { AccessRule } from '../authorization/review/access-rules.ts';
import { isWeaker, type RuleConditions } from '../authorization/review/compare-rules.ts';

/** The rules of an earlier schema, as `access --json` prints them. */
export type AccessBaseline = readonly (RuleConditions & { readonly coordinate: string })[];

/**
 * Lists what is accessible that was not before, one line each: weaker rules and new public
 * coordinates. Removed coordinates and stricter rules are not listed.
 *
 * @param exists Whether the schema has a coordinate.
 */
export function compareAccess(
  now: readonly AccessRule[],
  baseline: AccessBaseline,
  exists: (coordinate: string) => boolean,
): readonly string[] {
  const known = new Map(baseline.map((rule) => [rule.coordinate, rule]));
  const present = new Set(now.map((rule) => rule.coordinate));
  const changed = now.flatMap((rule) => {
    const was = known.get(rule.coordinate);
    if (was === undefined) {
      return rule.access === 'public' ? [`+ ${rule.coordinate}  is new and public`] : [];
    }
    return isWeaker(rule, was)
      ? [`- ${rule.coordinate}  ${formatRule(was)}`, `+ ${rule.coordinate}  ${formatRule(rule)}`]
      : [];
  });
  // Arguments, input fields and enum values are listed only if they have a rule.
  const withoutRule = baseline.filter(
    ({ coordinate, access }) =>
      access !== 'public' && !present.has(coordinate) && exists(coordinate),
  );
  return [
    ...changed,
    ...withoutRule.map((was) => `- ${was.coordinate}  ${formatRule(was)}, now without a rule`),
  ];
}

/** A rule as an `@auth` directive, joined with `and` and `or` if one cannot express it. */
export function formatRule(rule: RuleConditions): string {
  if (rule.access === 'public') return 'public';
  const terms = (['scope', 'claims', 'policy', 'acr', 'maxAge'] as const).flatMap((name) => {
    const value = rule[name];
    if (value === undefined) return [];
    const [first, ...others] = typeof value === 'number' ? [value] : value;
    const text = JSON.stringify(others.length === 0 ? first : value).replaceAll('","', '", "');
    return [`${name}: ${text}`];
  });
  const further = [
    ...(rule.anyOf ? [`(${rule.anyOf.map(formatRule).join(' or ')})`] : []),
    ...(rule.allOf ?? []).map(formatRule),
  ];
  if (terms.length === 0 && further.length > 0) return further.join(' and ');
  const own = terms.length === 0 ? '@auth' : `@auth(${terms.join(', ')})`;
  return [own, ...further].join(' and ');
}
