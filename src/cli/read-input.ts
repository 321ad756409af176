import { fstatSync } from 'node:fs';

/** Milliseconds in which a pipe must have something, such as the token of another command. */
const timeoutMs = 10_000;

/** Characters. Far longer than a token: what follows is not read. */
const maxLength = 100_000;

/** Reads standard input, as `CommandIO.readInput` describes. */
export async function readStandardInput(isExpected: boolean): Promise<string | undefined> {
  if (isExpected) return readStart();
  const kind = fstatSync(process.stdin.fd);
  if (!kind.isFIFO() && !kind.isFile()) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([readStart(), timedOut]);
  } finally {
    clearTimeout(timer);
    // Otherwise, a pipe that stays open keeps the process alive.
    process.stdin.destroy();
  }
}

async function readStart(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.length > maxLength) break;
  }
  return text;
}
