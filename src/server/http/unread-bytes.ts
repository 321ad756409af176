/** A connection whose client does not read what it is sent. */
export interface UnreadConnection {
  terminate(): void;
}

/** Maximum numbers of unread bytes. */
export interface UnreadLimits {
  readonly perConnection: number;
  readonly total: number;
}

/**
 * Counts the bytes that the clients of a server have not read. Terminates a connection with too many
 * of them, and if there are too many in total, the connection with the most.
 */
export class UnreadBytes {
  readonly #limits: UnreadLimits;
  readonly #unread = new Map<UnreadConnection, number>();
  #total = 0;

  constructor(limits: UnreadLimits) {
    this.#limits = limits;
  }

  /** The number of unread bytes of all connections. */
  get total(): number {
    return this.#total;
  }

  /** Counts bytes that wait for a client. */
  add(connection: UnreadConnection, bytes: number): void {
    const before = this.#unread.get(connection) ?? 0;
    this.#unread.set(connection, before + bytes);
    this.#total += bytes;
    // A single message can exceed the limit, but not wait behind others.
    if (before > 0 && before + bytes > this.#limits.perConnection) this.#terminate(connection);
    while (this.#total > this.#limits.total) this.#terminateSlowest();
  }

  /** Subtracts bytes that have been sent. */
  remove(connection: UnreadConnection, bytes: number): void {
    const before = this.#unread.get(connection);
    // A terminated connection is no longer counted.
    if (before === undefined) return;
    this.#total -= bytes;
    if (before === bytes) this.#unread.delete(connection);
    else this.#unread.set(connection, before - bytes);
  }

  /** Subtracts all bytes of a connection that is closed. */
  forget(connection: UnreadConnection): void {
    this.#total -= this.#unread.get(connection) ?? 0;
    this.#unread.delete(connection);
  }

  #terminateSlowest(): void {
    const [slowest] = [...this.#unread].sort(([, one], [, other]) => other - one);
    if (slowest !== undefined) this.#terminate(slowest[0]);
  }

  #terminate(connection: UnreadConnection): void {
    this.forget(connection);
    connection.terminate();
  }
}
