/** If an interface shows `ifShown`, an implementing type must show `needed`; otherwise `relation` is hidden. */
interface Conformance {
  readonly ifShown: number;
  readonly needed: number;
  readonly relation: number;
}

/**
 * Elements that can be hidden, and what hiding each of them hides as well. Built once. Finding what is
 * hidden then takes linear time in the size of the graph.
 */
export class ElementGraph {
  readonly #numbers = new Map<string, number>();
  readonly #dependents: number[][] = [];
  /** The group that an element is a member of. */
  readonly #groups: (number | undefined)[] = [];
  readonly #sizes: number[] = [];
  readonly #conformances: Conformance[] = [];
  readonly #conformancesOf = new Map<number, Conformance[]>();
  readonly #edges: { readonly via: number; readonly to: number }[][] = [];
  readonly #reachable = new Set<number>();
  readonly #roots: number[] = [];

  /** Gets the number of an element, and adds it if it is new. */
  add(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const element = this.#dependents.length;
    this.#numbers.set(key, element);
    this.#dependents.push([]);
    this.#groups.push(undefined);
    this.#sizes.push(0);
    this.#edges.push([]);
    return element;
  }

  /** The number of an element. Undefined if it was not added. */
  find(key: string): number | undefined {
    return this.#numbers.get(key);
  }

  /** If `element` is hidden, so is `other`. */
  hidesToo(element: number, other: number): void {
    this.#dependents[element]?.push(other);
  }

  /** If the last member of `group` is hidden, so is the group. */
  isMemberOf(element: number, group: number): void {
    this.#groups[element] = group;
    this.#sizes[group] = (this.#sizes[group] ?? 0) + 1;
  }

  /** If `ifShown` is shown and `needed` is not, `relation` is hidden. Relations hide nothing else. */
  conforms(conformance: Conformance): void {
    this.#conformances.push(conformance);
    const known = this.#conformancesOf.get(conformance.needed);
    if (known) known.push(conformance);
    else this.#conformancesOf.set(conformance.needed, [conformance]);
  }

  /** `to` is reachable from `from` if `via` is shown. Unreachable elements are hidden. */
  reaches(from: number, via: number, to: number): void {
    this.#edges[from]?.push({ via, to });
    this.#reachable.add(to);
  }

  /** Elements that need not be reachable. */
  isRoot(element: number): void {
    this.#roots.push(element);
  }

  /**
   * Hides some elements, and what depends on them, except `kept`. Returns 1 for each hidden element, by
   * number.
   */
  hide(elements: Iterable<number>, kept: number | undefined): Uint8Array {
    const hidden = new Uint8Array(this.#dependents.length);
    const remainingMembers = [...this.#sizes];
    const pending: number[] = [];
    const hideOne = (element: number): void => {
      if (hidden[element] === 1) return;
      hidden[element] = 1;
      pending.push(element);
    };

    for (const element of elements) hideOne(element);
    for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
      for (const other of this.#dependents[element] ?? []) hideOne(other);
      const group = this.#groups[element];
      if (group === undefined) continue;
      const remaining = (remainingMembers[group] ?? 0) - 1;
      remainingMembers[group] = remaining;
      if (remaining === 0) hideOne(group);
    }
    // Relations are decided when everything else is.
    const decide = ({ ifShown, needed, relation }: Conformance): void => {
      if (hidden[ifShown] === 0 && hidden[needed] === 1) hideOne(relation);
    };
    for (const conformance of this.#conformances) decide(conformance);
    for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
      for (const conformance of this.#conformancesOf.get(element) ?? []) decide(conformance);
    }
    if (kept !== undefined) hidden[kept] = 0;
    this.#hideUnreached(hidden);
    return hidden;
  }

  #hideUnreached(hidden: Uint8Array): void {
    const reached = new Set(this.#roots.filter((root) => hidden[root] === 0));
    // Iterating over a set also visits what is added on the way.
    for (const from of reached) {
      for (const { via, to } of this.#edges[from] ?? []) {
        if (hidden[via] === 0 && hidden[to] === 0) reached.add(to);
      }
    }
    for (const element of this.#reachable) if (!reached.has(element)) hidden[element] = 1;
  }
}
