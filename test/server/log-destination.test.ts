import { describe, expect, it, vi } from 'vitest';
import { createLogDestination } from '../../src/server/log-destination.ts';
import { loadReadableLog } from '../../src/server/readable-log.ts';

interface Write {
  readonly text: string;
  readonly done: (error?: Error | null) => void;
}
function createOutput() {
  const writes: Write[] = [];
  const listeners: (() => void)[] = [];
  const output = {
    get writableLength() {
      return writes.reduce((sum, { text }) => sum + text.length, 0);
    },
    write: (text: string, done: Write['done']) => writes.push({ text, done }),
    on: (_event: 'error', listener: () => void) => listeners.push(listener),
  };
  /** Takes all that waits, or fails to. */
  const take = (error?: Error): string[] =>
    writes.splice(0).map(({ text, done }) => {
      done(error);
      return text;
    });
  return { output, listeners, take };
}

describe('the destination of the log', () => {
  it('buffers up to a limit, and counts the lines beyond it', () => {
    const { output, take } = createOutput();
    const destination = createLogDestination(output, {
      now: () => 5,
      schedule: (write) => write(),
    });
    const line = `${'x'.repeat(99_999)}\n`;
    for (let index = 0; index < 1_000; index += 1) destination.write(line);
    expect(output.writableLength).toBe(1_000_000);
    take();
    destination.write('next\n');
    const [notice = '', next] = take();
    expect(JSON.parse(notice)).toMatchObject({ level: 40, time: 5, lost: 990 });
    expect(next).toBe('next\n');
    destination.write('after\n');
    expect(take()).toEqual(['after\n']);
  });

  it('continues after errors, and counts the lost lines', () => {
    const { output, listeners, take } = createOutput();
    const destination = createLogDestination(output, { schedule: (write) => write() });
    expect(listeners).toHaveLength(1);
    for (const line of ['a\n', 'b\n', 'c\n']) {
      destination.write(line);
      take(new Error('ENOSPC'));
    }
    destination.write('d\n');
    // Three lines, and two notices of them.
    const [notice = '', line] = take();
    expect([JSON.parse(notice).lost, line]).toEqual([3, 'd\n']);
  });

  it('is flushed until a timeout', async () => {
    const { output } = createOutput();
    const destination = createLogDestination(output);
    destination.write('stays\n');
    await destination.flush(20);
    expect(output.writableLength).toBe(6);
  });

  describe('writes lines together', () => {
    /** A destination, and what runs the scheduled write. */
    function open() {
      const { output, take } = createOutput();
      const scheduled: (() => void)[] = [];
      const schedule = (write: () => void) => void scheduled.push(write);
      const destination = createLogDestination(output, { schedule });
      /** Runs what is scheduled. */
      const elapse = (): number => {
        const due = scheduled.splice(0);
        for (const write of due) write();
        return due.length;
      };
      return { destination, take, elapse };
    }

    it('that come in the same time, in one write', () => {
      const { destination, take, elapse } = open();
      for (const line of ['a\n', 'b\n', 'c\n']) destination.write(line);
      expect(take()).toEqual([]);
      expect(elapse()).toBe(1);
      expect(take()).toEqual(['a\nb\nc\n']);
      // The next ones have a time of their own, and without lines there is none.
      expect(elapse()).toBe(0);
      destination.write('d\n');
      expect(elapse()).toBe(1);
      expect(take()).toEqual(['d\n']);
    });

    it('earlier, if they are long', () => {
      const { destination, take, elapse } = open();
      const line = `${'x'.repeat(39_999)}\n`;
      destination.write(line);
      expect(take()).toEqual([]);
      destination.write(line);
      expect(take()).toEqual([line + line]);
      // What was scheduled finds nothing to write.
      expect(elapse()).toBe(1);
      expect(take()).toEqual([]);
    });

    it('at the latest after 20 milliseconds, and when the process ends', () => {
      vi.useFakeTimers();
      try {
        const { output, take } = createOutput();
        const destination = createLogDestination(output);
        destination.write('a\n');
        vi.advanceTimersByTime(19);
        expect(take()).toEqual([]);
        vi.advanceTimersByTime(1);
        expect(take()).toEqual(['a\n']);
        destination.write('b\n');
        destination.writePending();
        expect(take()).toEqual(['b\n']);
      } finally {
        vi.useRealTimers();
      }
    });

    it('and counts each of them if the write fails', () => {
      const { destination, take, elapse } = open();
      for (const line of ['a\n', 'b\n', 'c\n']) destination.write(line);
      elapse();
      take(new Error('EPIPE'));
      expect(destination.lostLines()).toBe(3);
      destination.write('d\n');
      elapse();
      const [notice = '', line] = take();
      expect([JSON.parse(notice).lost, line]).toEqual([3, 'd\n']);
      // Counters of metrics only grow.
      expect(destination.lostLines()).toBe(3);
    });
  });
});

describe('a readable log', () => {
  const line = JSON.stringify({ level: 40, time: 0, request: 'abc', msg: 'Something happened.' });

  it.each([
    [false, /^\[\d\d:\d\d:\d\d\.000\] WARN: Something happened\.\n {4}request: "abc"\n$/],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colors are control characters.
    [true, /\u001b\[33mWARN\u001b\[39m: \u001b\[36mSomething happened\./],
  ])('has time, level, message and the rest; with colors: %s', async (hasColors, expected) => {
    const { output, take } = createOutput();
    const destination = createLogDestination(output, { schedule: (write) => write() });
    const toText = await loadReadableLog(hasColors);
    if (toText === undefined) throw new Error('pino-pretty is not installed.');
    destination.format(toText);
    destination.write(`${line}\n`);
    expect(take().join('')).toMatch(expected);
  });
});
