import { quoteValue } from './quote-value.ts';
import { setting } from './setting.ts';
import { accept, fraction, oneOf, type Parser, reject } from './setting-parsers.ts';
import type { SettingReader } from './setting-reader.ts';

/** What the log has of requests. */
export interface LogConfiguration {
  /** Whether each request has a line. */
  readonly requests: boolean;
  /** The share of operations whose decisions are logged, from 0 to 1. */
  readonly decisions: number;
}

/** `off`, or a number from 0 to 1. */
const sampleRate: Parser<number> = (text) => {
  if (text === 'off') return accept(0);
  const parsed = fraction(text);
  return parsed.kind === 'value'
    ? parsed
    : reject(
        `${quoteValue(text)} must be off, or a number from 0 to 1, such as 0.01 for one operation in a hundred`,
      );
};

/** What is logged of requests. */
export const logSettings = {
  LOG_REQUESTS: setting<'on' | 'off'>({
    description: 'Whether the log has a line for each request: on or off. See docs/production.md.',
    default: 'on',
    fallback: 'on',
    example: 'off',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  LOG_DECISIONS: setting<number>({
    description:
      'Share of operations for which the log says what was allowed and denied, from 0 to 1, or off.',
    default: 'off',
    fallback: 0,
    example: '0.01',
    usedBy: 'server',
    parse: sampleRate,
  }),
} as const;

/** Reads what is logged of requests. */
export function readLog(reader: SettingReader): LogConfiguration {
  return {
    requests: reader.read('LOG_REQUESTS') === 'on',
    decisions: reader.read('LOG_DECISIONS'),
  };
}
