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

/** How a word differs from another by at most one letter. */
export type Misspelling = 'none' | 'added' | 'removed' | 'replaced' | 'swapped';

/** Compares two words, ignoring case. Undefined if they differ by more than one letter. */
export function findMisspelling(text: string, word: string): Misspelling | undefined {
  if (Math.abs(text.length - word.length) > 1) return undefined;
  const [from, to] = [text.toLowerCase(), word.toLowerCase()];
  const distance = editDistance(from, to);
  if (distance > 1) return undefined;
  if (distance === 0) return 'none';
  if (from.length !== to.length) return from.length > to.length ? 'added' : 'removed';
  return [...from].sort().join() === [...to].sort().join() ? 'swapped' : 'replaced';
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
