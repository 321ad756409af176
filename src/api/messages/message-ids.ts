import type { TimeSource } from '../../shared/clock.ts';

/** The largest number that 12 bits hold. */
const maxCount = 0xfff;

/**
 * Creates version 7 UUIDs (RFC 9562 §5.7). Those of one process are in the order in which they were
 * created, also within a millisecond and if the clock is set back; those of several processes are in the
 * order of their clocks.
 */
export function createMessageIds(
  { now }: TimeSource,
  randomBytes: () => Uint8Array = () => crypto.getRandomValues(new Uint8Array(8)),
): () => string {
  let time = 0;
  let count = 0;
  return function createId() {
    const current = now().getTime();
    if (current > time) [time, count] = [current, 0];
    else if (count < maxCount) count += 1;
    else [time, count] = [time + 1, 0];
    const milliseconds = time.toString(16).padStart(12, '0');
    const random = Buffer.from(randomBytes());
    random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
    const tail = random.toString('hex');
    return [
      milliseconds.slice(0, 8),
      milliseconds.slice(8),
      `7${count.toString(16).padStart(3, '0')}`,
      tail.slice(0, 4),
      tail.slice(4),
    ].join('-');
  };
}

/** Whether a text is an ID as `createMessageIds` creates them. No other one is in the database. */
export function isMessageId(text: string): boolean {
  return (
    text.length === 36 &&
    /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(text)
  );
}
