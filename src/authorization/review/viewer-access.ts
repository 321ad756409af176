import type { RuleConditions } from './compare-rules.ts';

/** A kind of viewer: anonymous, or with a token that has some scopes. */
export type ReviewedViewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'authenticated'; readonly scopes: ReadonlySet<string> };

/** `conditional`: the policies, the claims or the authentication of the viewer decide. */
export type ViewerAccess = 'refused' | 'conditional' | 'allowed';

/**
 * The viewers that rules distinguish: anonymous, authenticated without scopes, and one for each set of
 * scopes that is sufficient for a rule.
 */
export function viewersOf(rules: readonly RuleConditions[]): readonly ReviewedViewer[] {
  const sets = new Set(
    rules.flatMap(scopeSets).map((scopes) => [...new Set(scopes.split(' '))].sort().join(' ')),
  );
  return [
    { kind: 'anonymous' },
    { kind: 'authenticated', scopes: new Set() },
    ...[...sets]
      .sort()
      .map((scopes) => ({ kind: 'authenticated' as const, scopes: new Set(scopes.split(' ')) })),
  ];
}

const scopeSets = ({ scope = [], anyOf = [], allOf = [] }: RuleConditions): readonly string[] => [
  ...scope,
  ...[...anyOf, ...allOf].flatMap(scopeSets),
];

const order: readonly ViewerAccess[] = ['refused', 'conditional', 'allowed'];

/** Whether access is wider, narrower or the same. */
export const compareViewerAccess = (one: ViewerAccess, other: ViewerAccess): number =>
  order.indexOf(one) - order.indexOf(other);

/** What a rule is for a viewer. */
export function accessOf(rule: RuleConditions, viewer: ReviewedViewer): ViewerAccess {
  if (rule.access === 'public') return 'allowed';
  if (viewer.kind === 'anonymous') return 'refused';
  const { scope, anyOf, allOf = [] } = rule;
  const hasScope = scope?.some((one) => one.split(' ').every((each) => viewer.scopes.has(each)));
  if (hasScope === false) return 'refused';
  const isConditional = [rule.claims, rule.policy, rule.acr, rule.maxAge].some(
    (condition) => condition !== undefined,
  );
  const parts = [
    isConditional ? ('conditional' as const) : ('allowed' as const),
    ...allOf.map((part) => accessOf(part, viewer)),
    ...(anyOf ? [widest(anyOf.map((part) => accessOf(part, viewer)))] : []),
  ];
  return order.find((access) => parts.includes(access)) ?? 'refused';
}

const widest = (accesses: readonly ViewerAccess[]): ViewerAccess =>
  order.findLast((access) => accesses.includes(access)) ?? 'refused';

/** A viewer in words. */
export const describeViewer = (viewer: ReviewedViewer): string =>
  viewer.kind === 'anonymous'
    ? 'anonymous'
    : viewer.scopes.size === 0
      ? 'authenticated without scopes'
      : [...viewer.scopes].join(' ');
