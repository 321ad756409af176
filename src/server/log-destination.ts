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
  /** Resolves once everything is written, or after so many milliseconds. */
  flush(timeoutMs: number): Promise<void>;
}

/** Maximum number of buffered bytes. */
const maxBufferedBytes = 1_000_000;

/**
 * Writes the log without ever blocking or ending the process. If the reader is too slow, up to
 * {@link maxBufferedBytes} are buffered; further lines are dropped, and counted in one line once
 * there is room again. A line that cannot be written, because the disk is full or the reader has
 * gone, is dropped too, and later lines are tried again.
 */
export function createLogDestination(output: LogOutput, now = () => Date.now()): LogDestination {
  let lost = 0;
  let isReporting = false;
  const onWritten = (error?: Error | null): void => {
    if (error) lost += 1;
  };
  const reportLost = (): void => {
    const reported = lost;
    const msg = 'Log lines were lost: they could not be written in time.';
    isReporting = true;
    output.write(
      `${JSON.stringify({ level: 40, time: now(), lost: reported, msg })}\n`,
      (error) => {
        isReporting = false;
        if (!error) lost -= reported;
      },
    );
  };
  output.on('error', () => {});
  return {
    write(line) {
      if (output.writableLength + line.length > maxBufferedBytes) {
        lost += 1;
        return;
      }
      if (lost > 0 && !isReporting) reportLost();
      output.write(line, onWritten);
    },
    async flush(timeoutMs) {
      const step = 10;
      for (let waited = 0; output.writableLength > 0 && waited < timeoutMs; waited += step) {
        await new Promise((resolve) => setTimeout(resolve, step));
      }
    },
  };
}
