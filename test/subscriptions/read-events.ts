/** What an event stream holds: results, its end as the protocol says it, and its end as HTTP does. */
export interface EventReader {
  next(): Promise<unknown>;
  /** How many comments have come, by which connections are kept alive. */
  readonly comments: () => number;
  /** Goes away without a word. */
  leave(): Promise<void>;
}

/** Reads the events of a response by hand. */
export function readEvents(response: Response): EventReader {
  const chunks = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let comments = 0;
  return {
    comments: () => comments,
    leave: async () => chunks?.cancel(),
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end === -1) {
          const chunk = await chunks?.read();
          if (chunk === undefined || chunk.done) return 'end';
          text += decoder.decode(chunk.value, { stream: true });
          continue;
        }
        const block = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        if (block.every((line) => line.startsWith(':'))) {
          comments += 1;
          continue;
        }
        const field = (name: string): string =>
          block
            .find((line) => line.startsWith(`${name}:`))
            ?.slice(name.length + 1)
            .trim() ?? '';
        if (field('event') !== 'next') return field('event');
        return JSON.parse(field('data'));
      }
    },
  };
}
