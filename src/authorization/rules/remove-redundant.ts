/**
 * Removes alternatives that contain another one: whoever has the larger set has the smaller one too. Of
 * equal ones, the first is kept. Compares each with every other one.
 */
export function removeRedundant(
  alternatives: readonly ReadonlySet<string>[],
): readonly ReadonlySet<string>[] {
  return alternatives.filter(
    (one, index) =>
      !alternatives.some(
        (other, otherIndex) =>
          (other.size < one.size || otherIndex < index) &&
          [...other].every((name) => one.has(name)),
      ),
  );
}
