import type { Viewer } from '../authentication/viewer.ts';

/** How much may be open at once. */
export interface PlaceLimits {
  /** For one authenticated viewer. Anonymous ones cannot be told apart, and count in all only. */
  readonly perViewer: number;
  /** For all together. */
  readonly inAll: number;
}

/** A place that was taken, or why there is none. */
export type Place =
  | { readonly kind: 'taken'; readonly leave: () => void }
  | { readonly kind: 'full'; readonly of: keyof PlaceLimits };

/** Counts what is open, for each viewer and in all. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #byViewer = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a place. It is kept until it is left; leaving twice does no harm. */
  take(viewer: Viewer): Place {
    const { perViewer, inAll } = this.#limits;
    const key = keyOf(viewer);
    const ofViewer = key === undefined ? 0 : (this.#byViewer.get(key) ?? 0);
    if (key !== undefined && ofViewer >= perViewer) return { kind: 'full', of: 'perViewer' };
    if (this.#taken >= inAll) return { kind: 'full', of: 'inAll' };
    this.#taken += 1;
    if (key !== undefined) this.#byViewer.set(key, ofViewer + 1);
    let isTaken = true;
    return {
      kind: 'taken',
      leave: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#taken -= 1;
        if (key !== undefined) this.#leaveViewer(key);
      },
    };
  }

  #leaveViewer(key: string): void {
    const left = (this.#byViewer.get(key) ?? 1) - 1;
    if (left === 0) this.#byViewer.delete(key);
    else this.#byViewer.set(key, left);
  }
}

/** A subject is unique within its issuer only. */
function keyOf(viewer: Viewer): string | undefined {
  return viewer.kind === 'authenticated'
    ? JSON.stringify([viewer.issuer, viewer.subject])
    : undefined;
}
