import type { Viewer } from '../../authentication/viewer.ts';
import { allOf, type Rule } from '../directives/requirement.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import {
  findUnmet,
  leastDemanding,
  selectLeastDemanding,
  type UnmetRequirement,
} from '../rules/unmet.ts';

/** What is unmet of a rule. */
export interface UnmetAlternative {
  readonly unmet: UnmetRequirement;
  /** Everything that applied, met or not. */
  readonly rule: Rule;
}

/** Finds what viewers do not meet of fields that return interfaces and unions whose types are all denied. */
export class ReturnedRules {
  readonly #check: (rule: Rule, viewer: Viewer) => UnmetRequirement | undefined;
  readonly #now: () => number;
  /** The objects of a list, perhaps thousands, are refused one after the other. */
  readonly #last = new WeakMap<FieldRule, LastRefusal>();
  readonly #selected = new WeakMap<readonly Rule[], Selection>();

  /** @param check Checks a viewer against a rule of the schema, other than its policies. */
  constructor(
    check: (rule: Rule, viewer: Viewer) => UnmetRequirement | undefined,
    now: () => number,
  ) {
    this.#check = check;
    this.#now = now;
  }

  /**
   * Finds what the viewer does not meet of the least demanding type that a field can return.
   *
   * @param rule What else applies to the field.
   */
  find(field: FieldRule, rule: Rule, viewer: Viewer): UnmetAlternative | undefined {
    const last = this.#last.get(field);
    if (last?.applied === rule && last.viewer.deref() === viewer) return last.found;
    const found = leastDemanding(
      this.#select(field.anyOf, viewer).flatMap((possible) => {
        const combined = allOf(rule, possible);
        const unmet = findUnmet(combined, viewer, this.#now);
        return unmet ? [{ unmet, rule: combined }] : [];
      }),
    );
    // Results that depend on time are not kept.
    if (found !== undefined && found.unmet.kind !== 'step-up') {
      this.#last.set(field, { viewer: new WeakRef(viewer), applied: rule, found });
    }
    return found;
  }

  #select(possible: readonly Rule[], viewer: Viewer): readonly Rule[] {
    const known = this.#selected.get(possible);
    if (known?.viewer.deref() === viewer) return known.rules;
    const rules = selectLeastDemanding(
      possible.map((rule) => ({ rule, unmet: this.#check(rule, viewer) })),
    ).map(({ rule }) => rule);
    this.#selected.set(possible, { viewer: new WeakRef(viewer), rules });
    return rules;
  }
}

interface LastRefusal {
  readonly viewer: WeakRef<Viewer>;
  readonly applied: Rule;
  readonly found: UnmetAlternative;
}

/** The rules that are compared for a viewer. */
interface Selection {
  readonly viewer: WeakRef<Viewer>;
  readonly rules: readonly Rule[];
}
