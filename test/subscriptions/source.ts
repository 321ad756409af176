/** Where events of a subscription come from, as far as tests look into it. */
export interface TestSource<Event> {
  /** A stream that never ends by itself. */
  open(): AsyncIterableIterator<Event>;
  /** Gives an event to each stream that is open. */
  publish(event: Event): void;
  /** Fails each stream that is open. */
  fail(error: Error): void;
  /** How often it was started. */
  readonly started: number;
  /** How many are open. */
  readonly isOpen: number;
  /** Resolves once so many are open. */
  reaches(open: number): Promise<void>;
}

export function createSource<Event>(): TestSource<Event> {
  const streams = new Set<{ publish(event: Event): void; fail(error: Error): void }>();
  const watchers = new Set<() => void>();
  let started = 0;
  const changed = (): void => {
    for (const watcher of [...watchers]) watcher();
  };

  return {
    open() {
      started += 1;
      const queue: Event[] = [];
      let failure: Error | undefined;
      let isOver = false;
      let wake = (): void => {};
      const stream = {
        publish(event: Event) {
          queue.push(event);
          wake();
        },
        fail(error: Error) {
          failure = error;
          wake();
        },
      };
      streams.add(stream);
      changed();
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        async next() {
          while (queue.length === 0 && !isOver && failure === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          if (failure) {
            streams.delete(stream);
            changed();
            throw failure;
          }
          const [event] = queue.splice(0, 1);
          return isOver || event === undefined
            ? { done: true, value: undefined }
            : { done: false, value: event };
        },
        async return() {
          isOver = true;
          streams.delete(stream);
          wake();
          changed();
          return { done: true, value: undefined };
        },
      };
    },
    publish(event) {
      for (const stream of streams) stream.publish(event);
    },
    fail(error) {
      for (const stream of [...streams]) stream.fail(error);
    },
    get started() {
      return started;
    },
    get isOpen() {
      return streams.size;
    },
    reaches: (open) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (streams.size !== open) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}
