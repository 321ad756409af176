import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { type Database, type DatabaseOptions, openDatabase } from '../../src/database/database.ts';
import type { Migrations } from '../../src/database/migrations.ts';
import { systemClock } from '../../src/shared/clock.ts';

/** The options of a test, with defaults for the others. */
export function open(
  options: Pick<DatabaseOptions, 'url'> & Partial<DatabaseOptions>,
): Database & { readonly outages: unknown[]; readonly recoveries: unknown[] } {
  const outages: unknown[] = [];
  const recoveries: unknown[] = [];
  const database = openDatabase({
    poolSize: 4,
    migrations,
    clock: systemClock,
    onOutage: (error) => outages.push(error),
    onRecovery: () => recoveries.push('recovered'),
    ...options,
  });
  return { ...database, outages, recoveries };
}

type Tables = { notes: { text: string; position: number } };

/** Not in order: their names decide. */
export const migrations: Migrations = {
  '2026-02-01-position': (database) =>
    database.schema.alterTable('notes').addColumn('position', 'integer').execute(),
  '2026-01-01-notes': (database) =>
    database.schema.createTable('notes').addColumn('text', 'text').execute(),
};

export const notesOf = ({ kysely }: Database) => kysely.withTables<Tables>();

const textsOf = async (database: Database): Promise<readonly string[]> =>
  (await notesOf(database).selectFrom('notes').select('text').orderBy('text').execute()).map(
    ({ text }) => text,
  );

/** What is true of every database. `createUrl` is called for each test. */
export function describeDatabase(createUrl: () => Promise<string>): void {
  const opened: Database[] = [];
  const openOne: typeof open = (options) => {
    const database = open(options);
    opened.push(database);
    return database;
  };
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  describe('migrations', () => {
    it('run in the order of their names, each once', async () => {
      const url = await createUrl();
      const first = openOne({ url });

      expect(await first.migrationState()).toEqual({
        applied: [],
        pending: ['2026-01-01-notes', '2026-02-01-position'],
      });
      expect(await first.migrate()).toEqual(['2026-01-01-notes', '2026-02-01-position']);
      expect(await openOne({ url }).migrate()).toEqual([]);
      expect((await openOne({ url }).migrationState()).pending).toEqual([]);
    });

    it('that fail leave nothing, neither of themselves nor of the ones before them', async () => {
      const url = await createUrl();
      const failing: Migrations = {
        ...migrations,
        '2026-03-01-failing': async (database) => {
          await database.schema.createTable('half').addColumn('text', 'text').execute();
          await sql`select * from missing`.execute(database);
        },
      };

      await expect(openOne({ url, migrations: failing }).start()).rejects.toThrow(
        /^The migration 2026-03-01-failing failed, and nothing was changed: .*missing/,
      );
      expect((await openOne({ url }).migrationState()).applied).toEqual([]);
      // Neither table exists.
      const again: Migrations = {
        ...migrations,
        '2026-03-01-failing': (database) =>
          database.schema.createTable('half').addColumn('text', 'text').execute(),
      };
      expect(await openOne({ url, migrations: again }).migrate()).toHaveLength(3);
    });

    it('of a newer version are an error', async () => {
      const url = await createUrl();
      await openOne({ url }).start();
      const { '2026-01-01-notes': notes } = migrations;

      await expect(
        openOne({ url, migrations: notes ? { '2026-01-01-notes': notes } : {} }).start(),
      ).rejects.toThrow(
        /^The database is newer than this version of the API, which does not have the migration 2026-02-01-position\./,
      );
    });

    it('are applied by one of several instances that start at the same time', async () => {
      const url = await createUrl();
      let runs = 0;
      const counted: Migrations = {
        '2026-01-01-notes': async (database) => {
          runs += 1;
          await database.schema.createTable('notes').addColumn('text', 'text').execute();
        },
      };
      const instances = Array.from({ length: 5 }, () => openOne({ url, migrations: counted }));
      await Promise.all(instances.map((one) => one.start()));

      expect(runs).toBe(1);
      expect(instances.map((one) => one.isUsable())).toEqual([true, true, true, true, true]);
    });
  });

  describe('transactions', () => {
    it('are rolled back if their work throws', async () => {
      const database = openOne({ url: await createUrl() });
      await database.start();
      const insert = (text: string, error?: Error) =>
        database.transactionAs('issuer subject', async (transaction) => {
          await transaction
            .withTables<Tables>()
            .insertInto('notes')
            .values({ text, position: 1 })
            .execute();
          if (error) throw error;
        });
      await insert('kept');

      await expect(insert('lost', new Error('No.'))).rejects.toThrow('No.');
      expect(await textsOf(database)).toEqual(['kept']);
    });

    it('wait for each other', async () => {
      const database = openOne({ url: await createUrl() });
      await database.start();
      await notesOf(database).insertInto('notes').values({ text: 'count', position: 0 }).execute();
      await Promise.all(
        Array.from({ length: 20 }, () =>
          database.transactionAs(undefined, (transaction) =>
            sql`update notes set position = position + 1`.execute(transaction),
          ),
        ),
      );

      const [note] = await notesOf(database).selectFrom('notes').select('position').execute();
      expect(note?.position).toBe(20);
    });
  });

  describe('values', () => {
    it.each([`'; drop table notes; --`, '" ` \\ %_ $1 ?', 'Ä ö ß 👩‍👩‍👧 \u202e', ''])(
      'are stored as they are: %j',
      async (text) => {
        const database = openOne({ url: await createUrl() });
        await database.start();
        await notesOf(database).insertInto('notes').values({ text, position: 1 }).execute();

        expect(await textsOf(database)).toEqual([text]);
      },
    );

    it('with a NUL character are rejected', async () => {
      const database = openOne({ url: await createUrl() });
      await database.start();
      const insert = notesOf(database).insertInto('notes').values({ text: 'a\0b', position: 1 });

      await expect(insert.execute()).rejects.toThrow(/NUL|0x00/);
      expect(await textsOf(database)).toEqual([]);
    });

    it('of counts are numbers', async () => {
      const database = openOne({ url: await createUrl() });
      await database.start();
      const { rows } = await sql`select count(*) as total from notes`.execute(database.kysely);

      expect(rows).toEqual([{ total: 0 }]);
    });
  });

  it('migrates at the first query if it was not started', async () => {
    const database = openOne({ url: await createUrl() });

    expect(await textsOf(database)).toEqual([]);
  });

  it('rejects queries once it is closed', async () => {
    const database = openOne({ url: await createUrl() });
    await database.start();
    await database.close();

    await expect(textsOf(database)).rejects.toThrow('The database cannot be reached.');
    expect(database.isUsable()).toBe(false);
  });
}
