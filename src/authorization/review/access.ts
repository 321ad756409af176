import { allOf, open, type Requirement, type Rule } from '../rules/requirement.ts';

/**
 * What a coordinate requires of those who use it: every requirement of `all`, and of each group one
 * of its alternatives.
 */
export interface Access {
  readonly all: Rule;
  readonly groups: readonly (readonly Access[])[];
}

export const openAccess: Access = { all: open, groups: [] };

export function isOpen({ all, groups }: Access): boolean {
  return all.length === 0 && groups.length === 0;
}

/** Whether someone meets it, by which rules they meet. */
export function meets(access: Access, meetsRule: (rule: Rule) => boolean): boolean {
  return (
    meetsRule(access.all) &&
    access.groups.every((group) => group.some((one) => meets(one, meetsRule)))
  );
}

/** Every requirement that is named in it. */
export function requirementsOf({ all, groups }: Access): ReadonlySet<Requirement> {
  return new Set([...all, ...groups.flat().flatMap((one) => [...requirementsOf(one)])]);
}

export function ruleAccess(rule: Rule): Access {
  return rule.length === 0 ? openAccess : { all: rule, groups: [] };
}

/** Everything of each. */
export function everyAccess(...parts: readonly Access[]): Access {
  const asking = parts.filter((part) => !isOpen(part));
  if (asking.length < 2) return asking[0] ?? openAccess;
  return {
    all: allOf(...asking.map(({ all }) => all)),
    groups: [...new Set(asking.flatMap(({ groups }) => groups))],
  };
}

/** One of several: what all of them require, and one of what is left of each. */
export function anyAccess(alternatives: readonly Access[]): Access {
  const [first, ...others] = new Set(alternatives);
  if (first === undefined || alternatives.some(isOpen)) return openAccess;
  if (others.length === 0) return first;
  const rests = others.map(({ all }) => new Set(all));
  const common = new Set(first.all.filter((one) => rests.every((rest) => rest.has(one))));
  const left = [first, ...others].map(({ all, groups }) => ({
    all: all.filter((one) => !common.has(one)),
    groups,
  }));
  return { all: [...common], groups: left.some(isOpen) ? [] : [left] };
}
