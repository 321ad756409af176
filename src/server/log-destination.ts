import type { DestinationStream } from 'pino';

/** The output for the log: standard output, which stays open after errors. */
export interface LogOutput {
  /** Bytes that are buffered: written, but not accepted by the operating system. */
  readonly writableLength: number;
  write(text: string, onWritten: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** A destination for the log. */
export interface LogDestination extends DestinationStream {
  /** Writes what waits for its turn. */
  writePending(): void;
  /** How many lines could not be written, since the process started. */
  lostLines(): number;
  /** Resolves once everything is written, or after so many milliseconds. */
  flush(timeoutMs: number): Promise<void>;
  /** Changes how further lines look. Default: JSON, as they are. */
  format(toText: (line: string) => string): void;
}

/** Options for `createLogDestination`. */
export interface LogDestinationOptions {
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** Calls what writes the lines that have come together. Default: after 20 milliseconds. */
  readonly schedule?: (write: () => void) => void;
}

/** Maximum number of buffered bytes. */
const maxBufferedBytes = 1_000_000;
/** Characters that are written without waiting for more. */
const maxPendingCharacters = 65_536;
/** Milliseconds in which lines come together: one write of many costs little more than one of one. */
const batchMs = 20;

const afterBatch = (write: () => void): void => void setTimeout(write, batchMs);

/**
 * Writes the log without ever blocking or ending the process. Lines are written together, at most
 * 20 milliseconds after the first of them. If the reader is too slow, up to {@link maxBufferedBytes} are
 * buffered; further lines are dropped, and counted in one line once there is room again. Lines that
 * cannot be written, because the disk is full or the reader has gone, are dropped too, and later lines are
 * tried again.
 */
export function createLogDestination(
  output: LogOutput,
  { now = () => Date.now(), schedule = afterBatch }: LogDestinationOptions = {},
): LogDestination {
  let pending: string[] = [];
  let pendingCharacters = 0;
  let isScheduled = false;
  /** Lines that no line in the log accounts for so far, and those before. */
  let lost = 0;
  let reportedLost = 0;
  let isReporting = false;
  let toText = (line: string): string => line;

  function reportLost(): void {
    const reported = lost;
    const msg = 'Log lines were lost: they could not be written in time.';
    isReporting = true;
    const line = `${JSON.stringify({ level: 40, time: now(), lost: reported, msg })}\n`;
    output.write(toText(line), (error) => {
      isReporting = false;
      if (error) return;
      lost -= reported;
      reportedLost += reported;
    });
  }

  function writePending(): void {
    if (pending.length === 0) return;
    const lines = pending;
    pending = [];
    pendingCharacters = 0;
    if (lost > 0 && !isReporting) reportLost();
    output.write(lines.join(''), (error) => {
      if (error) lost += lines.length;
    });
  }

  output.on('error', () => {});
  return {
    lostLines: () => lost + reportedLost,
    write(line) {
      if (output.writableLength + pendingCharacters + line.length > maxBufferedBytes) {
        lost += 1;
        return;
      }
      const text = toText(line);
      pending.push(text);
      pendingCharacters += text.length;
      if (pendingCharacters >= maxPendingCharacters) {
        writePending();
      } else if (!isScheduled) {
        isScheduled = true;
        schedule(() => {
          isScheduled = false;
          writePending();
        });
      }
    },
    writePending,
    async flush(timeoutMs) {
      writePending();
      const step = 10;
      for (let waited = 0; output.writableLength > 0 && waited < timeoutMs; waited += step) {
        await new Promise((resolve) => setTimeout(resolve, step));
      }
    },
    format(next) {
      toText = next;
    },
  };
}
