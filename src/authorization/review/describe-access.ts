import { type Access, isPublicAccess, requirementsOf } from '../rules/schema-access.ts';
import { toAccessTerms } from './access-terms.ts';
import { formatRule } from './format-rule.ts';

/** A rule as text, and where it comes from. */
export interface DescribedAccess {
  /** As an `@auth` directive, joined with `and` and `or` if one cannot express it; `public` if none applies. */
  readonly rule: string;
  /** The coordinates whose `@auth` it comes from, outermost first. */
  readonly from: readonly string[];
}

/** Beyond it, alternatives are counted instead of compared: an interface can have hundreds of types. */
const maxAlternatives = 64;
/** Characters of a rule, and the number of coordinates. */
const maxCharacters = 500;
const maxCoordinates = 20;

/** Describes what it takes to use a coordinate, in a bounded time and length. */
export function describeAccess(access: Access): DescribedAccess {
  if (isPublicAccess(access)) return { rule: 'public', from: [] };
  const alternatives = countAlternatives(access);
  if (alternatives <= maxAlternatives) {
    const terms = toAccessTerms(access);
    return bound({ rule: formatRule(terms), from: terms.from });
  }
  const { rule } = describeAccess({ all: access.all, groups: [] });
  const from = [...requirementsOf(access)].map(({ coordinate }) => coordinate);
  const choice = `one of ${alternatives} alternatives`;
  return bound({
    rule: access.all.length === 0 ? choice : `${rule} and ${choice}`,
    from: [...new Set(from)],
  });
}

function countAlternatives({ groups }: Access): number {
  return groups
    .flat()
    .reduce((sum, one) => (sum > 1e6 ? sum : sum + 1 + countAlternatives(one)), 0);
}

const bound = ({ rule, from }: DescribedAccess): DescribedAccess => ({
  rule: rule.length > maxCharacters ? `${rule.slice(0, maxCharacters)}…` : rule,
  from: from.slice(0, maxCoordinates),
});
