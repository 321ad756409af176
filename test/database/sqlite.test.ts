import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock } from '../support/clock.ts';
import { describeDatabase, open } from './database-cases.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'database-'));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = (): string => {
  count += 1;
  return join(folder, `folder-${count}`, 'api.sqlite');
};

describe('SQLite', () => {
  describeDatabase(async () => `file:${newPath()}`);

  it('creates files that only this user can read', async () => {
    const path = newPath();
    const database = open({ url: `file:${path}` });
    await database.start();
    const modes = await Promise.all(
      [join(path, '..'), path, `${path}-wal`].map(async (name) => (await stat(name)).mode & 0o777),
    );
    await database.close();

    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it.each([
    ['is not a database', async (path: string) => path],
    ['is in a file', async (path: string) => join(path, 'api.sqlite')],
    ['is a folder', async () => folder],
  ])('does not start with a path that %s', async (_case, pathOf) => {
    const file = join(folder, 'text');
    await writeFile(file, 'text '.repeat(1_000));
    const path = await pathOf(file);
    const database = open({ url: `file:${path}` });

    await expect(database.start()).rejects.toThrow(
      new RegExp(`^The file ${path} cannot be opened as a database: .*Choose one in a folder`),
    );
    await database.close();
  });

  it('waits for another process that writes, mostly without blocking this one', async () => {
    const path = newPath();
    let waited = 0;
    const clock = {
      ...createTestClock(),
      setTimer(milliseconds: number, run: () => void) {
        const isAttempt = milliseconds < 1_000;
        const timer = setImmediate(() => {
          if (!isAttempt) return;
          waited += milliseconds;
          run();
        });
        return () => clearImmediate(timer);
      },
    };
    const database = open({ url: `file:${path}`, clock });
    await database.start();
    const other = new Libsql(path);
    other.exec('begin immediate');
    const begun = performance.now();
    await expect(database.transactionAs(undefined, async () => 1)).rejects.toMatchObject({
      name: 'DatabaseUnavailableError',
      reason: 'busy',
    });
    const blocked = performance.now() - begun;
    other.close();

    expect(waited).toBeGreaterThan(1_000);
    expect(waited).toBeLessThan(3_000);
    expect(blocked).toBeLessThan(waited);
    expect(await database.transactionAs(undefined, async () => 1)).toBe(1);
    await database.close();
  });

  it('gives up a query that waits for the transaction in which it is made', async () => {
    const clock = createTestClock();
    const database = open({ url: 'file::memory:', clock });
    await database.start();
    const outcome = database.transactionAs(undefined, async () => {
      const query = sql`select 1`.execute(database.kysely);
      await new Promise(setImmediate);
      clock.advance(5);
      return query;
    });

    await expect(outcome).rejects.toMatchObject({
      name: 'DatabaseUnavailableError',
      reason: 'busy',
      message: expect.stringContaining('Queries inside a transaction must use that transaction'),
    });
    await sql`select 1`.execute(database.kysely);
    expect(clock.waiting()).toBe(0);
    await database.close();
  });

  it.each([
    ['a full disk', 'y'.repeat(100_000), { name: 'DatabaseUnavailableError', reason: 'busy' }],
    ['a constraint', 'unique', { code: 'SQLITE_CONSTRAINT_UNIQUE' }],
  ])(
    'rejects with the error with which SQLite rolls back by itself, and stores nothing: %s',
    async (_case, text, error) => {
      const database = open({ url: `file:${newPath()}` });
      const { kysely } = database;
      await database.start();
      await sql`create table texts (text text unique on conflict rollback)`.execute(kysely);
      await sql`pragma max_page_count = 20`.execute(kysely);
      const insert = (value: string, connection = kysely) =>
        sql`insert into texts values (${value})`.execute(connection);
      await insert('unique');

      const failing = database.transactionAs(undefined, (transaction) => insert(text, transaction));
      await expect(failing).rejects.toMatchObject(error);
      const ignoring = database.transactionAs(undefined, async (transaction) => {
        await insert(text, transaction).catch(() => {});
        await insert('after', transaction).catch(() => {});
      });
      await expect(ignoring).rejects.toMatchObject(error);
      await database.transactionAs(undefined, (transaction) => insert('next', transaction));
      const { rows } = await sql`select text from texts order by text`.execute(kysely);
      expect(rows).toEqual([{ text: 'next' }, { text: 'unique' }]);
      await database.close();
    },
  );

  it.each([
    [true, 1],
    [false, 0],
  ])('stores %s as %s, for which the driver would end the process', async (value, stored) => {
    const database = open({ url: 'file::memory:' });
    const { rows } = await sql`select ${value} as stored`.execute(database.kysely);

    expect(rows).toEqual([{ stored }]);
    await database.close();
  });

  it.each([undefined, Number.NaN])('rejects the parameter %s', async (value) => {
    const database = open({ url: 'file::memory:' });

    await expect(sql`select ${value}`.execute(database.kysely)).rejects.toThrow(TypeError);
    await database.close();
  });
});
