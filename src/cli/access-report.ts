import type { AccessRule } from '../authorization/review/access-rules.ts';
import { isWeaker, type RuleConditions } from '../authorization/review/compare-rules.ts';
import { formatRule } from '../authorization/review/format-rule.ts';
import {
  accessOf,
  compareViewerAccess,
  describeViewer,
  viewersOf,
} from '../authorization/review/viewer-access.ts';

/** The rules of an earlier schema, as `access --json` prints them. */
export type AccessBaseline = readonly (RuleConditions & { readonly coordinate: string })[];

/** What changed since a baseline, as lines to print. */
export interface AccessChanges {
  /** Weaker rules, and new coordinates that are public. */
  readonly opened: readonly string[];
  /** Coordinates that some viewers could access before, and cannot any more. */
  readonly closed: readonly string[];
}

/**
 * Compares rules with those of a baseline, and says for which viewers each change matters. Removed
 * coordinates are not listed.
 *
 * @param exists Whether the schema has a coordinate.
 */
export function compareAccess(
  now: readonly AccessRule[],
  baseline: AccessBaseline,
  exists: (coordinate: string) => boolean,
): AccessChanges {
  const known = new Map(baseline.map((rule) => [rule.coordinate, rule]));
  const present = new Set(now.map((rule) => rule.coordinate));
  const viewers = viewersOf([...now, ...baseline]);
  const forWhom = (was: RuleConditions, is: RuleConditions): readonly string[] => {
    const changed = (isWanted: (change: number) => boolean): string =>
      viewers
        .filter((viewer) =>
          isWanted(compareViewerAccess(accessOf(is, viewer), accessOf(was, viewer))),
        )
        .map(describeViewer)
        .join(', ');
    const [opened, closed] = [changed((change) => change > 0), changed((change) => change < 0)];
    return [
      ...(opened ? [`    opened for ${opened}`] : []),
      ...(closed ? [`    closed for ${closed}`] : []),
    ];
  };
  // Arguments, input fields and enum values are listed only if they have a rule.
  const withoutRule = baseline
    .filter(
      ({ coordinate, access }) =>
        access !== 'public' && !present.has(coordinate) && exists(coordinate),
    )
    .flatMap((was) => [
      `- ${was.coordinate}  ${formatRule(was)}, now without a rule`,
      ...forWhom(was, { access: 'public' }),
    ]);
  const opened: string[] = [];
  const closed: string[] = [];
  for (const rule of now) {
    const was = known.get(rule.coordinate);
    if (was === undefined) {
      if (rule.access === 'public') opened.push(`+ ${rule.coordinate}  is new and public`);
      continue;
    }
    const lines = [
      `- ${rule.coordinate}  ${formatRule(was)}`,
      `+ ${rule.coordinate}  ${formatRule(rule)}`,
      ...forWhom(was, rule),
    ];
    if (isWeaker(rule, was)) opened.push(...lines);
    else if (isWeaker(was, rule)) closed.push(...lines);
  }
  return { opened: [...opened, ...withoutRule], closed };
}
