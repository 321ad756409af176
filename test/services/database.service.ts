import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from '../../src/database/database-unavailable-error.ts';
import { describeDatabase, migrations, notesOf, open } from '../database/database-cases.ts';
import { type PostgresProcess, startPostgres } from './postgres-process.ts';

let postgres: PostgresProcess;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.close());

const outage = { name: 'DatabaseUnavailableError', reason: 'outage' };
const busy = { name: 'DatabaseUnavailableError', reason: 'busy' };

describe('Postgres', () => {
  describeDatabase(() => postgres.createDatabase());

  it('tells row-level security who the viewer is, in this transaction only', async () => {
    const database = open({ url: await postgres.createDatabase(), poolSize: 1 });
    const readViewer = sql<{
      viewer: string;
    }>`select current_setting('app.viewer', true) as viewer`;
    const viewers = await Promise.all(
      ["https://issuer 'quoted'", undefined].map((id) =>
        database.transactionAs(id, async (transaction) => readViewer.execute(transaction)),
      ),
    );
    const outside = await readViewer.execute(database.kysely);
    await database.close();

    expect([...viewers, outside].map(({ rows }) => rows[0]?.viewer)).toEqual([
      "https://issuer 'quoted'",
      '',
      '',
    ]);
  });

  it('ends statements that take too long, and keeps their connection', async () => {
    const database = open({ url: await postgres.createDatabase(), poolSize: 1 });

    await expect(sql`select pg_sleep(20)`.execute(database.kysely)).rejects.toMatchObject(busy);
    expect((await sql`select 1`.execute(database.kysely)).rows).toHaveLength(1);
    expect(database.outages).toEqual([]);
    await database.close();
  });

  it('rejects queries for which no connection is free in time', async () => {
    const database = open({ url: await postgres.createDatabase(), poolSize: 1 });
    const sleeping = sql`select pg_sleep(4)`.execute(database.kysely);

    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject(busy);
    await sleeping;
    expect(database.isUsable()).toBe(true);
    await database.close();
  });

  it('serves with the connections it has if Postgres accepts no more', async () => {
    const url = await postgres.createDatabase();
    await postgres.run(url, 'create role limited login connection limit 3');
    await postgres.run(url, 'grant create on schema public to limited');
    const { pathname } = new URL(url);
    const database = open({ url: postgres.url(pathname.slice(1), 'limited'), poolSize: 10 });
    await database.start();
    await sql`select 1`.execute(database.kysely);
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => sql`select pg_sleep(0.2)`.execute(database.kysely)),
    );
    const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));

    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject(busy);
    expect((await sql`select 1`.execute(database.kysely)).rows).toHaveLength(1);
    expect([database.isUsable(), database.outages]).toEqual([true, []]);
    await database.close();
  });

  it('survives connections that are ended while no query uses them, also within a transaction', async () => {
    const url = await postgres.createDatabase();
    const database = open({ url });
    const terminate = () =>
      postgres.run(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'api'",
      );
    await database.start();
    await sql`select 1`.execute(database.kysely);
    await terminate();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await sql`select 1`.execute(database.kysely)).rows).toHaveLength(1);
    const transaction = database.transactionAs(undefined, async (one) => {
      await sql`select 1`.execute(one);
      await terminate();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return sql`select 1`.execute(one);
    });

    await expect(transaction).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect((await sql`select 1`.execute(database.kysely)).rows).toHaveLength(1);
    expect(database.outages).toEqual([]);
    await database.close();
  });

  it('rejects with the error of the work if its connection has been lost as well', async () => {
    const url = await postgres.createDatabase();
    const database = open({ url });
    const transaction = database.transactionAs(undefined, async () => {
      await postgres.run(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'api'",
      );
      throw new Error('No.');
    });

    await expect(transaction).rejects.toThrow('No.');
    expect((await sql`select 1`.execute(database.kysely)).rows).toHaveLength(1);
    await database.close();
  });

  it('refuses what the role may not do, without calling it an outage', async () => {
    const url = await postgres.createDatabase();
    const owner = open({ url });
    await owner.migrate();
    await owner.close();
    await postgres.run(url, 'create role reader login');
    await postgres.run(url, 'grant select on schema_migrations to reader');
    const { pathname } = new URL(url);
    const database = open({ url: postgres.url(pathname.slice(1), 'reader') });

    await expect(notesOf(database).selectFrom('notes').selectAll().execute()).rejects.toThrow(
      /permission denied/,
    );
    expect(database.outages).toEqual([]);
    await database.close();
  });

  it.each([
    ['a database that does not exist', () => postgres.url('missing'), /"missing" does not exist/],
    ['a role that does not exist', () => postgres.url('postgres', 'missing'), /"missing"/],
  ])('starts, and reports the outage, with %s', async (_case, urlOf, message) => {
    const database = open({ url: urlOf() });
    await database.start();

    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject(outage);
    expect(database.outages).toEqual([
      expect.objectContaining({ message: expect.stringMatching(message) }),
    ]);
    await database.close();
  });
});

describe('a server that stops', () => {
  let server: PostgresProcess;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.close());

  it('is an outage, and queries are answered again when it is back', async () => {
    const database = open({ url: await server.createDatabase() });
    await database.start();
    const insert = notesOf(database).insertInto('notes').values({ text: 'kept', position: 1 });
    await insert.execute();
    await server.kill();

    for (let attempt = 0; attempt < 20; attempt += 1) {
      await expect(insert.execute()).rejects.toMatchObject(outage);
    }
    expect(database.isUsable()).toBe(false);
    await server.start();
    await untilUsable(database);
    const notes = await notesOf(database).selectFrom('notes').select('text').execute();
    expect(notes).toEqual([{ text: 'kept' }]);
    expect([database.outages.length, database.recoveries.length]).toEqual([1, 1]);
    await database.close();
  });

  it('at the start is an outage, and migrations run when it is back', async () => {
    const url = await server.createDatabase();
    await server.kill();
    const database = open({ url });
    await database.start();

    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject(outage);
    await server.start();
    await untilUsable(database);
    expect((await database.migrationState()).applied).toEqual(Object.keys(migrations).sort());
    await database.close();
  });
});

describe('a network that loses everything', () => {
  let proxy: Server;
  const sockets = new Set<Socket>();
  let isLost = false;
  beforeAll(async () => {
    proxy = createServer((client) => {
      const upstream = openSocket(postgres.port, '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(from);
        from.on('data', (data) => isLost || to.write(data));
        from.on('error', () => {});
        from.on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });

  it('does not keep queries waiting', async () => {
    const address = proxy.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const url = (await postgres.createDatabase()).replace(/:\d+/, `:${port}`);
    const database = open({ url, poolSize: 1 });
    await database.start();
    await sql`select 1`.execute(database.kysely);
    isLost = true;

    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject(busy);
    // A new connection shows that it is an outage.
    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject(outage);
    isLost = false;
    await untilUsable(database);
    expect((await sql`select 1`.execute(database.kysely)).rows).toHaveLength(1);
    await database.close();
  });
});

async function untilUsable(database: { isUsable(): boolean }): Promise<void> {
  while (!database.isUsable()) await new Promise((resolve) => setTimeout(resolve, 20));
}
