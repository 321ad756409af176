/** Problems of options that do not exist: a misspelled one would silently have no effect. */
export function findUnknownOptions(
  options: object,
  known: readonly string[],
  prefix = '',
): readonly string[] {
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `There is no option ${prefix}${name}: ${known.join(', ')}.`);
}
