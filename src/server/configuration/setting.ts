import type { Parser } from './setting-parsers.ts';

/** One variable of the environment. */
export interface Setting<Value> {
  /** One line, for .env.example and the documentation. */
  readonly description: string;
  /** The default as text, or in words if it depends on other settings. */
  readonly default: string;
  /** The default as a value; undefined if it depends on other settings. */
  readonly fallback: Value;
  /** A valid value. */
  readonly example: string;
  /** What reads it. */
  readonly usedBy: 'server' | 'command line';
  readonly parse: Parser<Value>;
}

/** Keeps the type of the value. */
export function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}
