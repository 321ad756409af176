import type { AccessRule } from './access-rules.ts';

/** What of a rule decides who gets in. */
export type RuleTerms = Omit<AccessRule, 'coordinate' | 'from'>;

/**
 * Whether a rule lets somebody in whom another kept out. Policies count by name: what they say is
 * not known here.
 */
export function isWeaker(now: RuleTerms, before: RuleTerms): boolean {
  if (before.access === 'public') return false;
  if (now.access === 'public') return true;
  return (
    !impliesScope(now.scope, before.scope) ||
    !holdsAll(now.claims, before.claims) ||
    !holdsAll(now.policy, before.policy) ||
    (before.acr !== undefined && !holdsAll(before.acr, now.acr ?? ['any class'])) ||
    (before.maxAge !== undefined && (now.maxAge ?? Number.POSITIVE_INFINITY) > before.maxAge)
  );
}

/** Each way in that is left has all the scopes of one of the ways that there were. */
function impliesScope(
  now: readonly string[] | undefined,
  before: readonly string[] | undefined,
): boolean {
  if (before === undefined) return true;
  if (now === undefined) return false;
  const waysBefore = before.map((way) => way.split(' '));
  return now.every((way) => waysBefore.some((scopes) => holdsAll(way.split(' '), scopes)));
}

function holdsAll(all: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return wanted.every((one) => all.includes(one));
}
