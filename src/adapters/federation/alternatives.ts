/** Alternative sets of names, one of which is sufficient, as `@requiresScopes` and `@policy` write them. */
export type Alternatives = readonly (readonly string[])[];

/** The largest number of combined alternatives. */
const maxAlternatives = 64;

/**
 * Combines choices, all of which must be met, into one. Undefined if there are none, or if they have more
 * than 64 alternatives together: then `onOverflow` is called.
 */
export function combineAlternatives(
  choices: readonly Alternatives[],
  onOverflow: () => never,
): Alternatives | undefined {
  const [first, ...others] = choices.map(removeRedundant);
  if (first === undefined) return undefined;
  return others.reduce((combined, choice) => {
    if (combined.length * choice.length > maxAlternatives ** 2) onOverflow();
    const product = removeRedundant(
      combined.flatMap((one) => choice.map((other) => [...new Set([...one, ...other])])),
    );
    return product.length > maxAlternatives ? onOverflow() : product;
  }, first);
}

/** Removes alternatives that contain another one. */
function removeRedundant(alternatives: Alternatives): Alternatives {
  return alternatives.filter(
    (one, index) =>
      !alternatives.some(
        (other, otherIndex) =>
          (other.length < one.length || (other.length === one.length && otherIndex < index)) &&
          other.every((name) => one.includes(name)),
      ),
  );
}
