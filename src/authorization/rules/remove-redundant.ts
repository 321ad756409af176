/**
 * Removes alternatives that contain another one, which is easier to meet. Of equal ones, the first is
 * kept. Compares each with every other one.
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
