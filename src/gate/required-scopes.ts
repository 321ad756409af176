import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '../authentication/viewer.ts';
import { allOf, type Requirement } from '../authorization/directives/requirement.ts';
import type { RefusedSelection } from '../authorization/operation/find-refusals.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { findSmallestScope } from '../authorization/rules/smallest-scope.ts';
import type { UnmetRequirement } from '../authorization/rules/unmet.ts';

/** Clients choose which selections are refused together. Sizes are in characters. */
const limits = { max: 1_000, maxSize: 500_000, maxEntrySize: 5_000 };

const noScopes: ReadonlySet<string> = new Set();

/**
 * Finds the scopes that refused selections require together. Choosing among alternatives takes a
 * search, so its results are remembered: by the requirements, and by which of the scopes that they
 * name the viewer has. Nothing else of a token is kept.
 */
export class RequiredScopes {
  readonly #ids = new WeakMap<Requirement, number>();
  #lastId = 0;
  readonly #known = new LRUCache<string, string>({
    ...limits,
    sizeCalculation: (scope, key) => scope.length + key.length,
  });

  /**
   * Returns the smallest set of scopes with which none of the selections would be denied for
   * insufficient scope, space-delimited. Undefined if no rule names a scope, or if what is unmet
   * is something else.
   */
  find(refusals: readonly RefusedSelection[], viewer: Viewer): string | undefined {
    const [first] = refusals;
    if (first === undefined || !refusals.some(({ unmet }) => 'scope' in unmet)) return undefined;
    if (refusals.every(({ rule }) => rule === first.rule)) {
      return 'scope' in first.unmet ? first.unmet.scope : undefined;
    }
    const rule = allOf(...new Set(refusals.map((refusal) => refusal.rule)));
    const held = viewer.kind === 'authenticated' ? viewer.scopes : noScopes;
    const key = this.#keyOf(rule, held);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const scope = findSmallestScope(rule, held);
    if (scope !== undefined) this.#known.set(key, scope);
    return scope;
  }

  /** One part for each requirement that names scopes, in their order, which the result has too. */
  #keyOf(rule: readonly Requirement[], own: ReadonlySet<string>): string {
    let key = '';
    for (const requirement of rule) {
      if (requirement.scopes === undefined) continue;
      key += `${this.#idOf(requirement)}:`;
      if (own.size === 0) continue;
      const held = requirement.hierarchy?.heldBy(own) ?? own;
      for (const alternative of requirement.scopes) {
        for (const scope of alternative) key += held.has(scope) ? '+' : '-';
      }
    }
    return key;
  }

  #idOf(requirement: Requirement): number {
    const known = this.#ids.get(requirement);
    if (known !== undefined) return known;
    this.#lastId += 1;
    this.#ids.set(requirement, this.#lastId);
    return this.#lastId;
  }
}

/** The scopes that would be sufficient for everything that is unmet, those of policies included. */
export function joinScopes(
  unmet: readonly UnmetRequirement[],
  schema: GraphQLSchema,
): string | undefined {
  const scopes = unmet.flatMap((one) => ('scope' in one && one.scope ? one.scope.split(' ') : []));
  const { scopeHierarchy } = guardOf(schema).rules;
  const required = new Set(scopes);
  const smallest = scopeHierarchy?.reduce(required) ?? required;
  return smallest.size > 0 ? [...smallest].join(' ') : undefined;
}
