import type { Rule } from '../directives/requirement.ts';

/** Steps of one search before the best result so far is used. Rules in practice need few. */
const maxSteps = 250;

type Alternative = readonly string[];

/**
 * Finds the scopes that meet every requirement of a rule, preferring the alternative of which the
 * viewer lacks the fewest. All of its scopes are listed, space-delimited (RFC 6750 §3). Undefined if
 * the rule requires no scope.
 */
export function findSmallestScope(rule: Rule, held: ReadonlySet<string>): string | undefined {
  const alternatives = rule.flatMap(({ scopes }) => (scopes ? [scopes] : []));
  if (alternatives.length === 0) return undefined;
  const needed = new Set(
    alternatives.flatMap((choice) => (choice.length === 1 ? (choice[0] ?? []) : [])),
  );
  // The scopes that are needed in any case settle most choices. Equal choices are made once.
  const unsettled = new Map<string, readonly Alternative[]>();
  for (const choice of alternatives) {
    if (choice.length === 1 || choice.some((one) => isWithin(one, needed))) continue;
    unsettled.set(JSON.stringify(choice), choice);
  }
  const chosen = chooseBest([...unsettled.values()], needed, held);
  // In the order of the rule.
  const scopes = alternatives.flatMap((choice) => choice.filter((one) => isWithin(one, chosen)));
  return [...new Set(scopes.flat())].filter((scope) => chosen.has(scope)).join(' ');
}

/** Finds the smallest set that meets every choice, starting with the scopes that are needed in any case. */
function chooseBest(
  choices: readonly (readonly Alternative[])[],
  needed: ReadonlySet<string>,
  held: ReadonlySet<string>,
): ReadonlySet<string> {
  const quick = chooseQuickly(choices, needed, held);
  const limit = countMissing(quick, held);
  let best: ReadonlySet<string> | undefined;
  let bestMissing = limit;
  let steps = 0;
  const chosen = new Set(needed);

  const search = (index: number, missing: number): void => {
    if (missing > bestMissing || ++steps > maxSteps) return;
    const alternatives = choices[index];
    if (alternatives === undefined) {
      if (best === undefined || missing < bestMissing || chosen.size < best.size) {
        best = new Set(chosen);
        bestMissing = missing;
      }
      return;
    }
    for (const alternative of alternatives) {
      const added = alternative.filter((scope) => !chosen.has(scope));
      for (const scope of added) chosen.add(scope);
      search(index + 1, missing + countMissing(added, held));
      for (const scope of added) chosen.delete(scope);
    }
  };
  search(0, countMissing(needed, held));
  return best ?? quick;
}

/** Picks the alternative of each choice that adds the fewest scopes: a good result if the best would take too long. */
function chooseQuickly(
  choices: readonly (readonly Alternative[])[],
  needed: ReadonlySet<string>,
  held: ReadonlySet<string>,
): ReadonlySet<string> {
  const chosen = new Set(needed);
  for (const alternatives of choices) {
    let least: Alternative = [];
    let leastMissing = Number.POSITIVE_INFINITY;
    for (const alternative of alternatives) {
      const added = alternative.filter((scope) => !chosen.has(scope));
      // Scopes that the viewer has count a little, to prefer shorter alternatives.
      const missing = countMissing(added, held) + added.length / 1_000;
      if (missing >= leastMissing) continue;
      least = alternative;
      leastMissing = missing;
    }
    for (const scope of least) chosen.add(scope);
  }
  return chosen;
}

function countMissing(scopes: Iterable<string>, held: ReadonlySet<string>): number {
  let missing = 0;
  for (const scope of scopes) if (!held.has(scope)) missing += 1;
  return missing;
}

function isWithin(alternative: Alternative, scopes: ReadonlySet<string>): boolean {
  return alternative.every((scope) => scopes.has(scope));
}
