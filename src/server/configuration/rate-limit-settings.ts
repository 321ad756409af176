import type { RateWindow } from '../rate-limits/rate-counter.ts';
import { quoteValue } from './quote-value.ts';
import { setting } from './setting.ts';
import { accept, claimPath, type Parser, reject, wholeNumber } from './setting-parsers.ts';

/** A limit of those who share the value of a claim. */
export interface ClaimLimit extends RateWindow {
  /** The name of the claim, or a path to a member of one. */
  readonly path: string;
}

const maxPoints = 1_000_000_000;
const maxSeconds = 86_400;

/** `POINTS/SECONDS`. */
const rateWindow: Parser<RateWindow> = (text) => {
  const [, points = '', seconds = ''] = /^([1-9]\d{0,9})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  return Number(points) > 0 && Number(points) <= maxPoints && Number(seconds) <= maxSeconds
    ? accept({ points: Number(points), seconds: Number(seconds) })
    : reject(
        `${quoteValue(text)} must be POINTS/SECONDS, such as 100/60 for 100 requests a minute: at most ${maxPoints} points in at most ${maxSeconds} seconds (a day)`,
      );
};

/** `CLAIM=POINTS/SECONDS`. */
const claimLimit: Parser<ClaimLimit> = (text) => {
  const end = text.lastIndexOf('=');
  if (end < 1) {
    return reject(`${quoteValue(text)} must be CLAIM=POINTS/SECONDS, such as org_id=1000/60`);
  }
  const path = claimPath(text.slice(0, end));
  const window = rateWindow(text.slice(end + 1));
  if (path.kind === 'problems') return path;
  return window.kind === 'problems' ? window : accept({ path: path.value, ...window.value });
};

/** Rate limits, and what they are counted by. */
export const rateLimitSettings = {
  RATE_LIMIT_ADDRESS: setting<RateWindow | undefined>({
    description:
      'Requests of one IP address, or IPv6 network of 64 bits: POINTS/SECONDS. Counted before tokens are verified. See docs/limits.md.',
    default: 'no limit',
    fallback: undefined,
    example: '600/60',
    usedBy: 'server',
    parse: rateWindow,
  }),
  RATE_LIMIT_FAILURE_COST: setting<number>({
    description:
      'The points of a request whose credentials are refused, in the limits by address, from 1 to 1000.',
    default: '10',
    fallback: 10,
    example: '20',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 1000 }),
  }),
  RATE_LIMIT_VIEWER: setting<RateWindow | undefined>({
    description: 'Requests of one signed-in viewer: POINTS/SECONDS.',
    default: 'no limit',
    fallback: undefined,
    example: '300/60',
    usedBy: 'server',
    parse: rateWindow,
  }),
  RATE_LIMIT_CLIENT: setting<RateWindow | undefined>({
    description: 'Requests with tokens of one client (client_id or azp): POINTS/SECONDS.',
    default: 'no limit',
    fallback: undefined,
    example: '10000/60',
    usedBy: 'server',
    parse: rateWindow,
  }),
  RATE_LIMIT_CLAIM: setting<ClaimLimit | undefined>({
    description:
      'Requests with tokens that have the same value of a claim, such as an organization: CLAIM=POINTS/SECONDS.',
    default: 'no limit',
    fallback: undefined,
    example: 'org_id=5000/60',
    usedBy: 'server',
    parse: claimLimit,
  }),
  RATE_LIMIT_LOGOUT: setting<RateWindow | undefined>({
    description:
      'Requests to /backchannel-logout of one IP address, counted apart from its others: POINTS/SECONDS.',
    default: 'RATE_LIMIT_ADDRESS',
    fallback: undefined,
    example: '100/60',
    usedBy: 'server',
    parse: rateWindow,
  }),
  PROXY_HOPS: setting<number>({
    description:
      'Number of proxies in front of the API that append to X-Forwarded-For, from 0 to 10. The address of a client is the entry that the outermost of them appended; with 0, that of the connection.',
    default: '0',
    fallback: 0,
    example: '1',
    usedBy: 'server',
    parse: wholeNumber({ from: 0, to: 10 }),
  }),
} as const;
