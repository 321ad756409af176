import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/api/messages/message.ts';
import { createMessageIds } from '../../../src/api/messages/message-ids.ts';
import { MessageRepository } from '../../../src/api/messages/message-repository.ts';
import type { Database } from '../../../src/database/database.ts';
import { type PostgresProcess, startPostgres } from '../../services/postgres-process.ts';
import { createTestClock } from '../../support/clock.ts';
import { describeMessages } from './message-cases.ts';
import type { TestDatabase } from './messages-server.ts';
import { describeRepository, openMessages } from './repository-cases.ts';

let postgres: PostgresProcess;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.close());

async function createPostgres(): Promise<TestDatabase> {
  const url = await postgres.createDatabase();
  return {
    url,
    async clear() {
      await postgres.run(url, 'truncate messages, message_keys');
    },
    close: async () => {},
  };
}

describe('messages in Postgres', () => {
  describeMessages(createPostgres);
});

describe('the filter, in Postgres', () => {
  describeRepository(createPostgres, (authorId) => ({ authorId }));
});

describe('row-level security alone, where the filter was forgotten', () => {
  describeRepository(createPostgres, () => undefined);
});

describe('row-level security', () => {
  let url: string;
  let database: Database;
  const createId = createMessageIds(createTestClock());
  const message = (visibility: Message['visibility'], text: string): Message => ({
    id: createId(),
    authorId: 'ann',
    author: 'ann',
    text,
    visibility,
    postedAt: '2026-11-26T12:00:00.000Z',
    editedAt: null,
  });
  const ofAnn = [message('PUBLIC', 'public'), message('PRIVATE', 'private')];
  beforeAll(async () => {
    url = await postgres.createDatabase();
    database = await openMessages(url);
    const repository = new MessageRepository(database, 'ann');
    for (const one of ofAnn) await repository.post(one, one.text);
  });
  afterAll(() => database?.close());

  /** Sends SQL as the API does, without its repository. */
  const runAs = (viewerId: string | undefined, statement: string) =>
    database.transactionAs(viewerId, async (transaction) => {
      const { rows } = await sql.raw(statement).execute(transaction);
      return rows;
    });

  const refused = /row-level security/;
  it.each<readonly [string, string | undefined, string, unknown]>([
    [
      'reads public messages without a viewer',
      undefined,
      'select text from messages',
      [{ text: 'public' }],
    ],
    [
      'reads public messages as someone else',
      'bob',
      'select text from messages',
      [{ text: 'public' }],
    ],
    [
      'reads all as the author',
      'ann',
      'select text from messages order by text',
      [{ text: 'private' }, { text: 'public' }],
    ],
    [
      'does not change what it does not show',
      'bob',
      "update messages set text = 'x' where text = 'private' returning text",
      [],
    ],
    [
      'does not delete what it does not show',
      'bob',
      "delete from messages where text = 'private' returning text",
      [],
    ],
    [
      'does not hide a message from its author',
      'bob',
      "update messages set visibility = 'PRIVATE'",
      refused,
    ],
    [
      'does not post for others',
      'bob',
      "insert into messages values ('1', 'ann', 'ann', 'x', 'PUBLIC', '')",
      refused,
    ],
    [
      'does not post without a viewer',
      undefined,
      "insert into messages values ('1', '', '', 'x', 'PUBLIC', '')",
      refused,
    ],
    ['does not show the keys of others', 'bob', 'select key from message_keys', []],
    [
      'shows the own keys',
      'ann',
      'select key from message_keys order by key',
      [{ key: 'private' }, { key: 'public' }],
    ],
    ['does not delete the keys of others', 'bob', 'delete from message_keys returning key', []],
  ])('%s', async (_what, viewerId, statement, expected) => {
    const running = runAs(viewerId, statement);
    if (expected instanceof RegExp) await expect(running).rejects.toThrow(expected);
    else expect(await running).toEqual(expected);
  });

  it('applies to roles that do not own the tables as well', async () => {
    await postgres.run(url, 'create role reader login; grant select on messages to reader');
    const client = new pg.Client(postgres.url(new URL(url).pathname.slice(1), 'reader'));
    await client.connect();
    try {
      const { rows } = await client.query('select text from messages');
      expect(rows).toEqual([{ text: 'public' }]);
    } finally {
      await client.end();
    }
  });
});
