import type { PolicyTerm } from '../directives/requirement.ts';
import type { PolicyOptions } from './policy-definition.ts';

/** What takes the place of what the policies at one place of the schema deny. */
export interface RefusalForm {
  readonly refusedAs: NonNullable<PolicyOptions['refusedAs']>;
  /** Whether no response may differ between what is denied and what does not exist. */
  readonly isHidden: boolean;
}

/** The form of every other rule: an error. */
export const asError: RefusalForm = Object.freeze({ refusedAs: 'error', isHidden: false });

/** Whether a refusal is an ordinary error. */
export const isOrdinary = ({ refusedAs, isHidden }: RefusalForm): boolean =>
  refusedAs === 'error' && !isHidden;

const quietness: Readonly<Record<RefusalForm['refusedAs'], number>> = {
  error: 0,
  null: 1,
  omitted: 2,
};

/**
 * The form of several policies that apply to the same thing: the quietest of them, whichever denies. If
 * it depended on that, the form would tell something about what is denied.
 */
export function quietest(forms: readonly RefusalForm[]): RefusalForm {
  return forms.reduce(
    (all, { refusedAs, isHidden }) => ({
      refusedAs: quietness[refusedAs] > quietness[all.refusedAs] ? refusedAs : all.refusedAs,
      isHidden: all.isHidden || isHidden,
    }),
    asError,
  );
}

/**
 * The form at a place of the schema. What cannot be left out there is null: a value that is not in a list,
 * and an item whose position has a meaning.
 */
export function formAt(form: RefusalForm, canLeaveOut: boolean): RefusalForm {
  return form.refusedAs === 'omitted' && !canLeaveOut ? { ...form, refusedAs: 'null' } : form;
}

/** The forms of policies. */
export class RefusalForms {
  /** Whether some policies are hidden. */
  readonly hideSome: boolean;
  /** Those that are not ordinary. */
  readonly #forms = new Map<string, RefusalForm>();

  constructor(policies: ReadonlyMap<string, object>) {
    for (const [name, options] of policies) {
      const form = readForm(options);
      if (!isOrdinary(form)) this.#forms.set(name, form);
    }
    this.hideSome = [...this.#forms.values()].some(({ isHidden }) => isHidden);
  }

  /** Whether every refusal is an ordinary error. */
  get areOrdinary(): boolean {
    return this.#forms.size === 0;
  }

  /** The form of what these terms deny. */
  of(terms: readonly PolicyTerm[]): RefusalForm {
    if (this.areOrdinary || terms.length === 0) return asError;
    return quietest(this.named(terms).flatMap((name) => this.#forms.get(name) ?? []));
  }

  /** The names in terms whose policies have a form that is not ordinary. */
  named(terms: readonly PolicyTerm[]): readonly string[] {
    const names = terms.flatMap((term) => (typeof term === 'string' ? [term] : term.flat()));
    return names.filter((name) => this.#forms.has(name));
  }
}

function readForm({ refusedAs = 'error', hidden }: PolicyOptions): RefusalForm {
  return { refusedAs, isHidden: hidden === true };
}
