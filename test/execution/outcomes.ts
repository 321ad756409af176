import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll } from 'vitest';
import type { Viewer } from '../../src/authentication/viewer.ts';
import type { GeneratedOperation } from './generated-operation.ts';

/** The contexts of generated operations. */
export const contexts: Record<
  GeneratedOperation['context'],
  (viewer: Viewer, note: (call: string) => void) => unknown
> = {
  plain: (viewer) => ({ viewer }),
  waiting: (viewer, note) => ({ viewer, waitUntil: () => note('waits') }),
  none: () => null,
};

export function isResult(value: unknown): value is ExecutionResult {
  return typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);
}

/** Also what JSON has no form for. */
export function showAll(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'function') return `${typeof value} ${value}`;
  return value instanceof Error && !('toJSON' in value) ? { message: value.message } : value;
}

/** Counts unhandled rejections: Vitest fails on them, and here they are part of what is compared. */
export function countUnhandledRejections() {
  let listeners: NodeJS.UnhandledRejectionListener[] = [];
  let unhandled = 0;
  const count = (): void => {
    unhandled += 1;
  };
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    // Stack traces are not compared, and take an eighth of the time.
    Error.stackTraceLimit = 0;
    listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', count);
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
    process.off('unhandledRejection', count);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  return {
    reset(): void {
      unhandled = 0;
    },
    /** Waits until everything has run; rejections are reported after the microtasks. */
    async settle(): Promise<number> {
      for (let turn = 0; turn < 12; turn += 1) await new Promise((end) => setImmediate(end));
      return unhandled;
    },
  };
}
