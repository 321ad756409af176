import type { ConnectionTimeouts } from '../http/connections.ts';
import { setting } from './setting.ts';
import { wholeNumber } from './setting-parsers.ts';
import type { SettingReader } from './setting-reader.ts';

/** How long clients can take. */
export const timeoutSettings = {
  REQUEST_TIMEOUT: setting<number>({
    description:
      'Seconds in which a client must send a request, from 1 to 600; its headers, in a third of them. See docs/limits.md.',
    default: '60',
    fallback: 60,
    example: '30',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 600, of: 'seconds' }),
  }),
  // Longer than common load balancers (60 s), which could otherwise send a request on a closing connection.
  IDLE_TIMEOUT: setting<number>({
    description:
      'Seconds for which a connection without a request stays open, from 1 to 3600: longer than a load balancer in front keeps it.',
    default: '65',
    fallback: 65,
    example: '620',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 3600, of: 'seconds' }),
  }),
  WRITE_TIMEOUT: setting<number>({
    description:
      'Seconds in which a client must read something of a pending response, from 5 to 600.',
    default: '60',
    fallback: 60,
    example: '30',
    usedBy: 'server',
    parse: wholeNumber({ from: 5, to: 600, of: 'seconds' }),
  }),
} as const;

/** Reads how long clients can take. */
export function readTimeouts(reader: SettingReader): ConnectionTimeouts {
  return {
    requestMs: reader.read('REQUEST_TIMEOUT') * 1_000,
    idleMs: reader.read('IDLE_TIMEOUT') * 1_000,
    writeMs: reader.read('WRITE_TIMEOUT') * 1_000,
  };
}
