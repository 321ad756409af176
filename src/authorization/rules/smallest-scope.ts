import { hierarchyOf, type Rule } from '../directives/requirement.ts';
import type { HeldScopes } from '../directives/scope-hierarchy.ts';

/** Steps of one search before the best result so far is used. Rules in practice need few. */
const maxSteps = 250;

type Alternative = readonly string[];

/**
 * Finds the scopes that meet every requirement of a rule, preferring the alternative with the fewest
 * scopes that the viewer lacks, those that it implies included. All of its scopes are listed, space-delimited
 * (RFC 6750 §3), except for those that others of them imply. Undefined if the rule requires no scope.
 */
export function findSmallestScope(rule: Rule, own: ReadonlySet<string>): string | undefined {
  const hierarchy = hierarchyOf(rule);
  const required = rule.flatMap(({ scopes }) => (scopes ? [scopes] : []));
  if (required.length === 0) return undefined;
  const alternatives = hierarchy
    ? required.map((choice) => choice.map((one) => [...hierarchy.withImplied(one)]))
    : required;
  const needed = new Set(
    alternatives.flatMap((choice) => (choice.length === 1 ? (choice[0] ?? []) : [])),
  );
  // The scopes that are needed in any case settle most choices. Equal choices are made once.
  const unsettled = new Map<string, readonly Alternative[]>();
  for (const choice of alternatives) {
    if (choice.length === 1 || choice.some((one) => isWithin(one, needed))) continue;
    unsettled.set(JSON.stringify(choice), choice);
  }
  const held = hierarchy?.heldBy(own) ?? own;
  const reduce = (scopes: ReadonlySet<string>) => hierarchy?.reduce(scopes) ?? scopes;
  const chosen = chooseBest([...unsettled.values()], needed, held, reduce);
  const listed = reduce(chosen);
  // In the order of the rule.
  const scopes = alternatives.flatMap((choice) => choice.filter((one) => isWithin(one, chosen)));
  return [...new Set(scopes.flat())].filter((scope) => listed.has(scope)).join(' ');
}

/** Finds the smallest set that meets every choice, starting with the scopes that are needed in any case. */
function chooseBest(
  choices: readonly (readonly Alternative[])[],
  needed: ReadonlySet<string>,
  held: HeldScopes,
  reduce: (scopes: ReadonlySet<string>) => ReadonlySet<string>,
): ReadonlySet<string> {
  const quick = chooseQuickly(choices, needed, held);
  let best: ReadonlySet<string> | undefined;
  let bestMissing = countMissing(quick, held);
  let bestSize = Number.POSITIVE_INFINITY;
  let steps = 0;
  const chosen = new Set(needed);

  const search = (index: number, missing: number): void => {
    if (missing > bestMissing || ++steps > maxSteps) return;
    const alternatives = choices[index];
    if (alternatives === undefined) {
      const { size } = reduce(chosen);
      if (missing < bestMissing || size < bestSize) {
        best = new Set(chosen);
        bestMissing = missing;
        bestSize = size;
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
  held: HeldScopes,
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

function countMissing(scopes: Iterable<string>, held: HeldScopes): number {
  let missing = 0;
  for (const scope of scopes) if (!held.has(scope)) missing += 1;
  return missing;
}

function isWithin(alternative: Alternative, scopes: ReadonlySet<string>): boolean {
  return alternative.every((scope) => scopes.has(scope));
}
