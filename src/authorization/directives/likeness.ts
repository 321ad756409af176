/** How a name differs from another one, letter case aside: not at all, or by one letter. */
export type Likeness = 'same' | 'longer' | 'shorter' | 'other letter' | 'swapped';

/** How a name is like another one, as a misspelling is; undefined where it is not. */
export function likeness(name: string, other: string): Likeness | undefined {
  const written = name.toLowerCase();
  if (written === other) return 'same';
  let start = 0;
  while (start < written.length && written[start] === other[start]) start += 1;
  const rest = written.slice(start);
  const otherRest = other.slice(start);
  if (rest.slice(1) === otherRest) return 'longer';
  if (rest === otherRest.slice(1)) return 'shorter';
  if (rest.slice(1) === otherRest.slice(1)) return 'other letter';
  const isSwapped =
    rest[0] === otherRest[1] && rest[1] === otherRest[0] && rest.slice(2) === otherRest.slice(2);
  return isSwapped ? 'swapped' : undefined;
}
