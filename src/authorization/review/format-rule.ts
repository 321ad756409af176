import type { RuleConditions } from './compare-rules.ts';

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
