import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Limits of an `OperationCache`, in whatever unit its sizes have. */
export interface OperationCacheLimits {
  /** Maximum total size. */
  readonly maxSize: number;
  /** Larger values are not cached. */
  readonly maxEntrySize: number;
}

interface CachedValue<Value> {
  readonly value: Value;
  readonly entry: CacheEntry;
}

/** Identifies a value without keeping its document alive: that is up to the document's owner. */
interface CacheEntry {
  readonly document: WeakRef<DocumentNode>;
  readonly operationName: string | undefined;
}

/** What was made of operations, by document and operation name. Keeps what was used most recently. */
export class OperationCache<Value> {
  readonly #values = new WeakMap<DocumentNode, Map<string | undefined, CachedValue<Value>>>();
  readonly #sizes: LRUCache<CacheEntry, number>;

  constructor(limits: OperationCacheLimits) {
    this.#sizes = new LRUCache<CacheEntry, number>({
      ...limits,
      sizeCalculation: (size) => size,
      dispose: (_size, { document, operationName }) => {
        const key = document.deref();
        if (key !== undefined) this.#values.get(key)?.delete(operationName);
      },
    });
  }

  /** The total size of the cached values. */
  get size(): number {
    return this.#sizes.calculatedSize;
  }

  get(document: DocumentNode, operationName: string | undefined): Value | undefined {
    const cached = this.#values.get(document)?.get(operationName);
    if (cached === undefined) return undefined;
    this.#sizes.get(cached.entry);
    return cached.value;
  }

  set(document: DocumentNode, operationName: string | undefined, value: Value, size: number): void {
    const values = this.#values.get(document) ?? new Map<string | undefined, CachedValue<Value>>();
    this.#values.set(document, values);
    const entry = { document: new WeakRef(document), operationName };
    values.set(operationName, { value, entry });
    this.#sizes.set(entry, size);
    if (!this.#sizes.has(entry)) values.delete(operationName);
  }
}
