import { type Viewer, viewerId } from '../authentication/viewer.ts';
import { isObject } from '../shared/type-guards.ts';
import { findUnknownOptions } from '../shared/unknown-options.ts';

/** How many streams or connections can be open at the same time. */
export interface ConcurrencyLimits {
  /** For one authenticated viewer. */
  readonly perViewer: number;
  /** For all viewers together. Anonymous ones, who cannot be told apart, share half of it. */
  readonly total: number;
}

/**
 * The limits by their former names.
 *
 * @deprecated Use `ConcurrencyLimits`: `total` in place of `inAll`.
 */
export interface PlaceLimits {
  readonly perViewer: number;
  readonly inAll: number;
}

/** Fills in the defaults, and reads the former name of `total`. */
export function resolveLimits({
  perViewer = 100,
  inAll = 10_000,
  total = inAll,
}: Partial<ConcurrencyLimits & PlaceLimits> = {}): ConcurrencyLimits {
  return { perViewer, total };
}

/**
 * Problems of limits.
 *
 * @param option The option that they are the value of.
 */
export function findConcurrencyProblems(option: string, limits: unknown): readonly string[] {
  if (limits === undefined) return [];
  if (!isObject(limits)) return [`${option} must be an object, such as { perViewer: 10 }.`];
  // The former name is accepted, and not suggested.
  const { inAll: _, ...others } = limits;
  const problems = [...findUnknownOptions(others, ['perViewer', 'total'], `${option}.`)];
  for (const name of ['perViewer', 'total', 'inAll'] as const) {
    const limit = limits[name];
    if (limit !== undefined && !(typeof limit === 'number' && limit > 0)) {
      problems.push(`${option}.${name} must be a number above 0.`);
    }
  }
  return problems;
}

/** An acquired slot, or the limit that is reached. `release` can be called more than once. */
export type ConcurrencySlot =
  | { readonly kind: 'acquired'; readonly release: () => void }
  | { readonly kind: 'rejected'; readonly limit: keyof ConcurrencyLimits | 'anonymous' };

/**
 * Counts what is open, for each viewer and in total. Anonymous viewers get at most half, so that
 * clients without a token cannot lock out those that have one.
 */
export class ConcurrencyLimiter {
  readonly #limits: ConcurrencyLimits;
  readonly #maxAnonymous: number;
  readonly #byViewer = new Map<string, number>();
  #anonymous = 0;
  #open = 0;

  constructor(limits: ConcurrencyLimits) {
    this.#limits = limits;
    this.#maxAnonymous = Math.max(1, Math.floor(limits.total / 2));
  }

  /** How many slots are in use. */
  get open(): number {
    return this.#open;
  }

  /** Acquires a slot for a viewer, if a limit does not prevent it. */
  acquire(viewer: Viewer): ConcurrencySlot {
    const key = keyOf(viewer);
    const limit = this.#reachedLimit(key);
    if (limit !== undefined) return { kind: 'rejected', limit };
    this.#count(key, 1);
    let isHeld = true;
    return {
      kind: 'acquired',
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#count(key, -1);
      },
    };
  }

  #reachedLimit(key: string | undefined): keyof ConcurrencyLimits | 'anonymous' | undefined {
    const { perViewer, total } = this.#limits;
    if (key !== undefined && (this.#byViewer.get(key) ?? 0) >= perViewer) return 'perViewer';
    if (this.#open >= total) return 'total';
    if (key === undefined && this.#anonymous >= this.#maxAnonymous) return 'anonymous';
    return undefined;
  }

  #count(key: string | undefined, change: 1 | -1): void {
    this.#open += change;
    if (key === undefined) {
      this.#anonymous += change;
      return;
    }
    const count = (this.#byViewer.get(key) ?? 0) + change;
    if (count === 0) this.#byViewer.delete(key);
    else this.#byViewer.set(key, count);
  }
}

/** Not `viewer.id`: a custom authenticator can omit it. */
function keyOf(viewer: Viewer): string | undefined {
  return viewer.kind === 'authenticated' ? viewerId(viewer) : undefined;
}
