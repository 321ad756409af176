/** What a parser makes of the text of one variable. */
export type Parsed<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/**
 * Reads the text of one variable, which is never empty. A fault is the rest of a sentence that
 * begins with the variable's name: what is wrong, and what a right value looks like.
 */
export type Parser<Value> = (text: string) => Parsed<Value>;

/** The text is good and means `value`. */
export function accept<Value>(value: Value): Parsed<Value> {
  return { kind: 'value', value };
}

/** The text is bad, for each of these reasons. */
export function refuse(...faults: readonly string[]): Parsed<never> {
  return { kind: 'faults', faults };
}
