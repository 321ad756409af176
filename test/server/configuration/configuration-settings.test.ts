import { describe, expect, test } from 'vitest';
import { readClientCredentials } from '../../../src/server/configuration/client-credentials.ts';
import { readConfiguration } from '../../../src/server/configuration/configuration.ts';
import type { Setting } from '../../../src/server/configuration/setting.ts';
import { settings } from '../../../src/server/configuration/settings.ts';

const rows: readonly [string, Setting<unknown>][] = Object.entries(settings);

describe('each setting', () => {
  test.each(rows)('%s has a valid example that is not its default', (_name, row) => {
    expect(row.parse(row.example)).toMatchObject({ kind: 'value' });
    expect(row.example).not.toBe(row.default);
  });

  test.each(rows)('%s is described in one line that ends with a period', (_name, row) => {
    expect(row.description).toMatch(/^[\x20-\x7e]+\.$/);
    expect(row.default).not.toMatch(/\n/);
  });

  test.each(
    rows.filter(([, row]) => typeof row.fallback === 'number' || typeof row.fallback === 'string'),
  )('%s states its actual default', (_name, row) => {
    expect(row.parse(row.default)).toEqual({ kind: 'value', value: row.fallback });
  });

  test.each(rows)('%s is read by the server or the command line', (name, row) => {
    const read = row.usedBy === 'server' ? readConfiguration : readClientCredentials;
    expect(() => read({ [name]: '\t' })).toThrowError(`${name} has only white space`);
  });
});
