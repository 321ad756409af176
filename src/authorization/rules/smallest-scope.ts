import type { Rule } from '../directives/requirement.ts';

/** Choices looked at, at most, before the best so far is taken. Rules as people write them need few. */
const maxLooks = 250;

type Alternative = readonly string[];

/**
 * The scopes that would meet every requirement of a rule: of all alternatives the one of which
 * the viewer lacks least, whole, as one space-delimited string (RFC 6750 §3). Undefined where the
 * rule requires no scope.
 */
export function findSmallestScope(rule: Rule, held: ReadonlySet<string>): string | undefined {
  const alternatives = rule.flatMap(({ scopes }) => (scopes ? [scopes] : []));
  if (alternatives.length === 0) return undefined;
  const needed = new Set(
    alternatives.flatMap((choice) => (choice.length === 1 ? (choice[0] ?? []) : [])),
  );
  // What is needed anyway decides most choices; the same choice is made once.
  const open = new Map<string, readonly Alternative[]>();
  for (const choice of alternatives) {
    if (choice.length === 1 || choice.some((one) => isWithin(one, needed))) continue;
    open.set(JSON.stringify(choice), choice);
  }
  const chosen = choose([...open.values()], needed, held);
  // In the order in which the rule names them.
  const scopes = alternatives.flatMap((choice) => choice.filter((one) => isWithin(one, chosen)));
  return [...new Set(scopes.flat())].filter((scope) => chosen.has(scope)).join(' ');
}

/** The smallest set that meets every choice, beginning with what is needed anyway. */
function choose(
  choices: readonly (readonly Alternative[])[],
  needed: ReadonlySet<string>,
  held: ReadonlySet<string>,
): ReadonlySet<string> {
  const quick = chooseQuickly(choices, needed, held);
  const limit = countMissing(quick, held);
  let best: ReadonlySet<string> | undefined;
  let bestMissing = limit;
  let looks = 0;
  const chosen = new Set(needed);

  const look = (index: number, missing: number): void => {
    if (missing > bestMissing || ++looks > maxLooks) return;
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
      look(index + 1, missing + countMissing(added, held));
      for (const scope of added) chosen.delete(scope);
    }
  };
  look(0, countMissing(needed, held));
  return best ?? quick;
}

/** Of each choice what adds least: good, where the best would take too long to find. */
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
      // What is held already adds less, but it adds.
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
