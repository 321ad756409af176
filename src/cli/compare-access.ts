import type { AccessRule } from '../authorization/review/access-rules.ts';
import { isWeaker, type RuleConditions } from '../authorization/review/compare-rules.ts';
import { describeAccess } from './describe-access.ts';

/** A coordinate and its rule, as they were kept. */
export type KnownAccess = RuleConditions & { readonly coordinate: string };

/**
 * What somebody may have who might not before, one line each: rules that have become weaker, and
 * new coordinates that are open. What has gone, or has become stricter, is no matter.
 */
export function compareAccess(
  now: readonly AccessRule[],
  before: readonly KnownAccess[],
  isThere: (coordinate: string) => boolean,
): readonly string[] {
  const known = new Map(before.map((rule) => [rule.coordinate, rule]));
  const present = new Set(now.map((rule) => rule.coordinate));
  const changed = now.flatMap((rule) => {
    const was = known.get(rule.coordinate);
    if (was === undefined) {
      return rule.access === 'public' ? [`+ ${rule.coordinate}  is new and public`] : [];
    }
    return isWeaker(rule, was)
      ? [
          `- ${rule.coordinate}  ${describeAccess(was)}`,
          `+ ${rule.coordinate}  ${describeAccess(rule)}`,
        ]
      : [];
  });
  // Arguments, input fields and enum values are listed only while they ask something.
  const noLongerAsking = before.filter(
    ({ coordinate, access }) =>
      access !== 'public' && !present.has(coordinate) && isThere(coordinate),
  );
  return [
    ...changed,
    ...noLongerAsking.map((was) => `- ${was.coordinate}  ${describeAccess(was)}, and now nothing`),
  ];
}
