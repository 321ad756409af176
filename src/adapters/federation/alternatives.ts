import { removeRedundant } from '../../authorization/rules/remove-redundant.ts';

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
  const [first, ...others] = choices.map((choice) =>
    removeRedundant(choice.map((names) => new Set(names))),
  );
  if (first === undefined) return undefined;
  const combined = others.reduce((known, choice) => {
    if (known.length * choice.length > maxAlternatives ** 2) onOverflow();
    const product = removeRedundant(
      known.flatMap((one) => choice.map((other) => new Set([...one, ...other]))),
    );
    return product.length > maxAlternatives ? onOverflow() : product;
  }, first);
  return combined.map((names) => [...names]);
}
