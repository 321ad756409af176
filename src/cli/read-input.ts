import { fstatSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** Milliseconds in which a pipe must have something, such as the token of another command. */
const timeoutMs = 10_000;

/** Bytes of a token, generously. */
const maxLength = 65_536;

/** Reads standard input, as `CommandIO.readInput` describes. */
export async function readStandardInput(isExpected: boolean): Promise<string | undefined> {
  if (isExpected) return read();
  const kind = fstatSync(process.stdin.fd);
  if (!kind.isFIFO() && !kind.isFile()) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([read(), timedOut]);
  } finally {
    clearTimeout(timer);
    // Otherwise, a pipe that stays open keeps the process alive.
    process.stdin.destroy();
  }
}

async function read(): Promise<string> {
  const input = await text(process.stdin);
  return input.slice(0, maxLength);
}
