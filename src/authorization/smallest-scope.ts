import type { Rule } from './requirement.ts';

/** Choices looked at, at most, before the best so far is taken. Rules as people write them need few. */
const patience = 10_000;

/**
 * The scopes that would meet every requirement of a rule: of all alternatives the one of which
 * the viewer lacks least, whole, as one space-delimited string (RFC 6750 §3). Undefined where the
 * rule asks for no scope.
 */
export function smallestScope(rule: Rule, held: ReadonlySet<string>): string | undefined {
  const choices = rule.flatMap((requirement) => (requirement.scopes ? [requirement.scopes] : []));
  if (choices.length === 0) return undefined;

  let best: ReadonlySet<string> | undefined;
  let bestMissing = Number.POSITIVE_INFINITY;
  let looked = 0;
  const chosen = new Set<string>();

  const choose = (index: number, missing: number): void => {
    if (best && (missing > bestMissing || ++looked > patience)) return;
    const alternatives = choices[index];
    if (alternatives === undefined) {
      if (missing < bestMissing || chosen.size < (best?.size ?? 0)) {
        best = new Set(chosen);
        bestMissing = missing;
      }
      return;
    }
    for (const alternative of alternatives) {
      const added = alternative.filter((scope) => !chosen.has(scope));
      for (const scope of added) chosen.add(scope);
      choose(index + 1, missing + added.filter((scope) => !held.has(scope)).length);
      for (const scope of added) chosen.delete(scope);
    }
  };
  choose(0, 0);
  return best && [...best].join(' ');
}
