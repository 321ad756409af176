/** What does not read what it is sent. */
export interface Reader {
  terminate(): void;
}

/** How many bytes may wait. */
export interface UnreadLimits {
  readonly perReader: number;
  readonly inTotal: number;
}

/**
 * Counts the bytes that wait for the clients of a server. It ends a connection for which too many
 * wait, and where too many wait in total, the one for which most do.
 */
export class UnreadBytes {
  readonly #limits: UnreadLimits;
  readonly #waiting = new Map<Reader, number>();
  #total = 0;

  constructor(limits: UnreadLimits) {
    this.#limits = limits;
  }

  /** How many wait in total. */
  get total(): number {
    return this.#total;
  }

  /** So many more wait for a client. */
  add(reader: Reader, bytes: number): void {
    const before = this.#waiting.get(reader) ?? 0;
    this.#waiting.set(reader, before + bytes);
    this.#total += bytes;
    // One message may be larger than all that may wait: it must not wait with others.
    if (before > 0 && before + bytes > this.#limits.perReader) this.#end(reader);
    while (this.#total > this.#limits.inTotal) this.#endSlowest();
  }

  /** So many no longer wait. */
  remove(reader: Reader, bytes: number): void {
    const before = this.#waiting.get(reader);
    // It was ended, and what waited for it is not counted any more.
    if (before === undefined) return;
    this.#total -= bytes;
    if (before === bytes) this.#waiting.delete(reader);
    else this.#waiting.set(reader, before - bytes);
  }

  /** Nothing waits for a client that has gone. */
  forget(reader: Reader): void {
    this.#total -= this.#waiting.get(reader) ?? 0;
    this.#waiting.delete(reader);
  }

  #endSlowest(): void {
    const [slowest] = [...this.#waiting].sort(([, one], [, other]) => other - one);
    if (slowest !== undefined) this.#end(slowest[0]);
  }

  #end(reader: Reader): void {
    this.forget(reader);
    reader.terminate();
  }
}
