import { setting } from './setting.ts';
import { wholeNumber } from './setting-parsers.ts';
import type { SettingReader } from './setting-reader.ts';

/** How the API stops. */
export const shutdownSettings = {
  SHUTDOWN_DELAY: setting<number | undefined>({
    description:
      'Seconds that the API still serves requests after a signal to stop, from 0 to 300, while /readyz says unavailable. See docs/production.md.',
    default: '0 in development, 5 in production',
    fallback: undefined,
    example: '15',
    usedBy: 'server',
    parse: wholeNumber({ from: 0, to: 300, of: 'seconds' }),
  }),
} as const;

/** A load balancer that checks every two seconds has noticed by then. */
const productionDelayMs = 5_000;

/** The milliseconds for which the API still serves requests after a signal to stop. */
export function readShutdownDelay(
  reader: SettingReader,
  { isProduction }: { readonly isProduction: boolean },
): number {
  const seconds = reader.read('SHUTDOWN_DELAY');
  if (seconds !== undefined) return seconds * 1_000;
  return isProduction ? productionDelayMs : 0;
}
