import type { RuleConditions } from '../authorization/review/compare-rules.ts';

/** A rule as one `@auth` would say it, and what it cannot say in words; `public` where there is none. */
export function describeAccess(rule: RuleConditions): string {
  if (rule.access === 'public') return 'public';
  const terms = (['scope', 'claims', 'policy', 'acr', 'maxAge'] as const).flatMap((name) => {
    const value = rule[name];
    if (value === undefined) return [];
    const [first, ...others] = typeof value === 'number' ? [value] : value;
    const text = JSON.stringify(others.length === 0 ? first : value).replaceAll('","', '", "');
    return [`${name}: ${text}`];
  });
  const further = [
    ...(rule.anyOf ? [`(${rule.anyOf.map(describeAccess).join(' or ')})`] : []),
    ...(rule.allOf ?? []).map(describeAccess),
  ];
  if (terms.length === 0 && further.length > 0) return further.join(' and ');
  const own = terms.length === 0 ? '@auth' : `@auth(${terms.join(', ')})`;
  return [own, ...further].join(' and ');
}
