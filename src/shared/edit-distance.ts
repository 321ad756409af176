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

/**
 * The optimal string alignment distance: how many characters to insert, remove, replace or swap
 * with their neighbor to turn one text into the other.
 */
function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped =
        from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
          ? at(beforeLast, column - 2) + 1
          : Number.POSITIVE_INFINITY;
      current.push(Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

/** The word closest to a text, ignoring case; undefined if none is within `limit` edits. */
export function findNearestWord(
  text: string,
  words: readonly string[],
  limit: number,
): string | undefined {
  const distances = words
    .filter((word) => Math.abs(word.length - text.length) <= limit)
    .map((word) => ({ word, distance: editDistance(text.toLowerCase(), word.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit);
  return distances.sort((one, other) => one.distance - other.distance)[0]?.word;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
