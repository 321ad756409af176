import { type Viewer, viewerId } from '../authentication/viewer.ts';

/** How much may be open at once. */
export interface PlaceLimits {
  /** For one authenticated viewer. Anonymous ones cannot be told apart: half of `inAll` is theirs. */
  readonly perViewer: number;
  /** For all together. */
  readonly inAll: number;
}

/** A place that was taken, or which limit is reached. */
export type Place =
  | { readonly kind: 'taken'; readonly leave: () => void }
  | { readonly kind: 'full'; readonly of: keyof PlaceLimits | 'anonymous' };

/**
 * Counts what is open, for each viewer and in total. Anonymous viewers take at most half, so that
 * a client without a token cannot keep out those that have one.
 */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #mostAnonymous: number;
  readonly #byViewer = new Map<string, number>();
  #anonymous = 0;
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
    this.#mostAnonymous = Math.max(1, Math.floor(limits.inAll / 2));
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a place. It is kept until it is left; leaving twice does no harm. */
  take(viewer: Viewer): Place {
    const key = keyOf(viewer);
    const limit = this.#reached(key);
    if (limit !== undefined) return { kind: 'full', of: limit };
    this.#count(key, 1);
    let isTaken = true;
    return {
      kind: 'taken',
      leave: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#count(key, -1);
      },
    };
  }

  #reached(key: string | undefined): keyof PlaceLimits | 'anonymous' | undefined {
    const { perViewer, inAll } = this.#limits;
    if (key !== undefined && (this.#byViewer.get(key) ?? 0) >= perViewer) return 'perViewer';
    if (this.#taken >= inAll) return 'inAll';
    if (key === undefined && this.#anonymous >= this.#mostAnonymous) return 'anonymous';
    return undefined;
  }

  #count(key: string | undefined, change: 1 | -1): void {
    this.#taken += change;
    if (key === undefined) {
      this.#anonymous += change;
      return;
    }
    const left = (this.#byViewer.get(key) ?? 0) + change;
    if (left === 0) this.#byViewer.delete(key);
    else this.#byViewer.set(key, left);
  }
}

/** Not `viewer.id`: an authenticator of the user's own may have left it out. */
function keyOf(viewer: Viewer): string | undefined {
  return viewer.kind === 'authenticated' ? viewerId(viewer) : undefined;
}
