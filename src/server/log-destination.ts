import type { DestinationStream } from 'pino';

/** What the log is written to: standard output, which stays open after errors. */
export interface LogOutput {
  /** Bytes that have been written to it and are not taken yet. */
  readonly writableLength: number;
  write(text: string, onWritten: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** A destination for the log. */
export interface LogDestination extends DestinationStream {
  /** Resolves once everything is written; what cannot be after so many milliseconds is lost. */
  flush(timeout: number): Promise<void>;
}

/** Bytes that may wait to be taken. */
const maxWaiting = 1_000_000;

/**
 * Writes the log so that it can neither stop nor end the process. What a reader does not take in time
 * waits, up to {@link maxWaiting}; what is beyond is dropped, and counted in one line once there is
 * room again. Errors, such as those of a full disk or of a reader that has gone, are dropped with
 * the lines that they are of, and later lines are tried again.
 */
export function createLogDestination(output: LogOutput, now = () => Date.now()): LogDestination {
  let lost = 0;
  let isReporting = false;
  const onWritten = (error?: Error | null): void => {
    if (error) lost += 1;
  };
  const reportLost = (): void => {
    const reported = lost;
    const msg = 'Lines of the log were lost: they could not be written in time.';
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
      if (output.writableLength + line.length > maxWaiting) {
        lost += 1;
        return;
      }
      if (lost > 0 && !isReporting) reportLost();
      output.write(line, onWritten);
    },
    async flush(timeout) {
      const step = 10;
      for (let waited = 0; output.writableLength > 0 && waited < timeout; waited += step) {
        await new Promise((resolve) => setTimeout(resolve, step));
      }
    },
  };
}
