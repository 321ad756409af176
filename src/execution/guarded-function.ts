import type { Shortcut } from '../authorization/operation/guard.ts';
import type { Run } from './run.ts';

/**
 * A function of the schema, called without its guard in the runs whose viewer passes it: the guard decides
 * once per run. Guards with policies are called as `Shortcut` says. Functions can be replaced in place, so
 * the current one is passed each time.
 */
export class GuardedFunction<Given extends object, Call = Given> {
  readonly #shortcuts: Pick<WeakMap<Given, Shortcut<Given, Call>>, 'get'>;
  #known: Given | undefined;
  #shortcut: Shortcut<Given, Call> | undefined;
  #decidedIn = 0;
  #isAllowed = false;

  constructor(shortcuts: Pick<WeakMap<Given, Shortcut<Given, Call>>, 'get'>) {
    this.#shortcuts = shortcuts;
  }

  /** The function to call. Undefined for the default. */
  in(run: Run, current: Given): Given | Call | undefined {
    if (current !== this.#known) {
      this.#known = current;
      this.#shortcut = this.#shortcuts.get(current);
      this.#decidedIn = 0;
    }
    const shortcut = this.#shortcut;
    if (shortcut === undefined) return current;
    if (shortcut.kind === 'policies') return shortcut.call;
    if (this.#decidedIn !== run.id) {
      // Before anything is kept: a check that throws must not leave the verdict of another run.
      const isAllowed = shortcut.check(run.viewer) === undefined;
      this.#decidedIn = run.id;
      this.#isAllowed = isAllowed;
    }
    return this.#isAllowed ? shortcut.original : current;
  }
}
