/** An interface that shows `ifShown` is implemented only by types that show `needed`. */
interface Conformance {
  readonly ifShown: number;
  readonly needed: number;
  readonly relation: number;
}

/**
 * Elements that can be hidden, and what is hidden along with each. Built once; what is left after
 * some elements are hidden is then worked out in time linear in the size of the graph.
 */
export class ElementGraph {
  readonly #numbers = new Map<string, number>();
  readonly #takes: number[][] = [];
  /** The group that an element is a member of. */
  readonly #groups: (number | undefined)[] = [];
  readonly #sizes: number[] = [];
  readonly #conformances: Conformance[] = [];
  readonly #conformancesOf = new Map<number, Conformance[]>();
  readonly #edges: { readonly via: number; readonly to: number }[][] = [];
  readonly #reachable = new Set<number>();
  readonly #roots: number[] = [];

  /** The number of an element; added when it is first asked for. */
  add(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const element = this.#takes.length;
    this.#numbers.set(key, element);
    this.#takes.push([]);
    this.#groups.push(undefined);
    this.#sizes.push(0);
    this.#edges.push([]);
    return element;
  }

  /** The number of an element that was added; undefined where there is none. */
  find(key: string): number | undefined {
    return this.#numbers.get(key);
  }

  /** When `element` is hidden, so is `other`. */
  hidesToo(element: number, other: number): void {
    this.#takes[element]?.push(other);
  }

  /** When the last member of `group` is hidden, so is the group. */
  isMemberOf(element: number, group: number): void {
    this.#groups[element] = group;
    this.#sizes[group] = (this.#sizes[group] ?? 0) + 1;
  }

  /** While `ifShown` is shown and `needed` is not, `relation` is hidden. Relations hide nothing else. */
  conforms(conformance: Conformance): void {
    this.#conformances.push(conformance);
    const known = this.#conformancesOf.get(conformance.needed);
    if (known) known.push(conformance);
    else this.#conformancesOf.set(conformance.needed, [conformance]);
  }

  /** Through `via`, while it is shown, `to` is reached from `from`; else it is hidden. */
  reaches(from: number, via: number, to: number): void {
    this.#edges[from]?.push({ via, to });
    this.#reachable.add(to);
  }

  /** What is there without being reached from anywhere. */
  isRoot(element: number): void {
    this.#roots.push(element);
  }

  /**
   * What is hidden once some elements are, `kept` excepted: 1 for each hidden element, by number.
   */
  hide(elements: Iterable<number>, kept: number | undefined): Uint8Array {
    const hidden = new Uint8Array(this.#takes.length);
    const left = [...this.#sizes];
    const found: number[] = [];
    const hideOne = (element: number): void => {
      if (hidden[element] === 1) return;
      hidden[element] = 1;
      found.push(element);
    };

    for (const element of elements) hideOne(element);
    for (let element = found.pop(); element !== undefined; element = found.pop()) {
      for (const other of this.#takes[element] ?? []) hideOne(other);
      const group = this.#groups[element];
      if (group === undefined) continue;
      const remaining = (left[group] ?? 0) - 1;
      left[group] = remaining;
      if (remaining === 0) hideOne(group);
    }
    // Which relations hold is decided when everything else is settled.
    const decide = ({ ifShown, needed, relation }: Conformance): void => {
      if (hidden[ifShown] === 0 && hidden[needed] === 1) hideOne(relation);
    };
    for (const conformance of this.#conformances) decide(conformance);
    for (let element = found.pop(); element !== undefined; element = found.pop()) {
      for (const conformance of this.#conformancesOf.get(element) ?? []) decide(conformance);
    }
    if (kept !== undefined) hidden[kept] = 0;
    this.#hideUnreached(hidden);
    return hidden;
  }

  #hideUnreached(hidden: Uint8Array): void {
    const reached = new Set(this.#roots.filter((root) => hidden[root] === 0));
    // A set is walked in the order of insertion, and what is added on the way is walked too.
    for (const from of reached) {
      for (const { via, to } of this.#edges[from] ?? []) {
        if (hidden[via] === 0 && hidden[to] === 0) reached.add(to);
      }
    }
    for (const element of this.#reachable) if (!reached.has(element)) hidden[element] = 1;
  }
}
