import type { ViewerGuard } from '../authorization/operation/guard.ts';
import type { Run } from './run.ts';

/**
 * A function of the schema, called without its guard in the runs whose viewer passes it. The guard
 * decides once per run. Functions can be replaced in place, so the current one is passed each time.
 */
export class GuardedFunction<Given extends object> {
  readonly #guards: Pick<WeakMap<Given, ViewerGuard<Given>>, 'get'>;
  #known: Given | undefined;
  #guard: ViewerGuard<Given> | undefined;
  #decidedIn = 0;
  #isAllowed = false;

  constructor(guards: Pick<WeakMap<Given, ViewerGuard<Given>>, 'get'>) {
    this.#guards = guards;
  }

  /** The function to call. Undefined for the default. */
  in(run: Run, current: Given): Given | undefined {
    if (current !== this.#known) {
      this.#known = current;
      this.#guard = this.#guards.get(current);
      this.#decidedIn = 0;
    }
    const guard = this.#guard;
    if (guard === undefined) return current;
    if (this.#decidedIn !== run.id) {
      // Before anything is kept: a check that throws must not leave the verdict of another run.
      const isAllowed = guard.check(run.viewer) === undefined;
      this.#decidedIn = run.id;
      this.#isAllowed = isAllowed;
    }
    return this.#isAllowed ? guard.original : current;
  }
}
