import type { RuleConditions } from '../../authorization/review/compare-rules.ts';

/** What decides about a coordinate: nothing, any token, or what else a rule requires. */
export const ruleKinds = ['public', 'signed in', 'scope', 'claims', 'policy', 'step-up'] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** What a rule requires, anywhere in it. */
export function ruleKindsOf(rule: RuleConditions): readonly RuleKind[] {
  if (rule.access === 'public') return ['public'];
  const parts = partsOf(rule);
  const has = (isRequired: (part: RuleConditions) => boolean, kind: RuleKind): RuleKind[] =>
    parts.some(isRequired) ? [kind] : [];
  const kinds = [
    ...has(({ scope }) => scope !== undefined, 'scope'),
    ...has(({ claims }) => claims !== undefined, 'claims'),
    ...has(({ policy }) => policy !== undefined, 'policy'),
    ...has(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined, 'step-up'),
  ];
  return kinds.length === 0 ? ['signed in'] : kinds;
}

const partsOf = (rule: RuleConditions): readonly RuleConditions[] => [
  rule,
  ...[...(rule.anyOf ?? []), ...(rule.allOf ?? [])].flatMap(partsOf),
];
