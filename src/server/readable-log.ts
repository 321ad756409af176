/**
 * Loads what makes lines of the log readable for a person: the time, the level, the message, and the rest
 * below. In this process, so that nothing is written later than the destination writes it.
 *
 * @returns undefined if pino-pretty is not installed, as in production
 */
export async function loadReadableLog(
  hasColors: boolean,
): Promise<((line: string) => string) | undefined> {
  try {
    const { prettyFactory } = await import('pino-pretty');
    const toText = prettyFactory({ colorize: hasColors, translateTime: 'SYS:HH:MM:ss.l' });
    return (line) => toText(line) ?? line;
  } catch {
    return undefined;
  }
}
