import { type Kysely, sql } from 'kysely';
import type { Migrations } from '../../database/migrations.ts';

/** The tables of messages. On Postgres, row-level security shows each viewer what `isVisible` allows. */
export const migrations: Migrations = {
  '2026-11-26-messages': async (database, dialect) => {
    // IDs must be in the order of their bytes, whatever the language of the database.
    const ordered = dialect === 'postgres' ? sql`text collate "C"` : sql`text`;
    await database.schema
      .createTable('messages')
      .addColumn('id', ordered, (column) => column.notNull().primaryKey())
      .addColumn('author_id', 'text', (column) => column.notNull())
      .addColumn('author', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('visibility', 'text', (column) =>
        column.notNull().check(sql`visibility in ('PUBLIC', 'PRIVATE')`),
      )
      .addColumn('posted_at', 'text', (column) => column.notNull())
      .addColumn('edited_at', 'text')
      .execute();
    // Apart from the messages: a key that was used stays used when its message is deleted.
    await database.schema
      .createTable('message_keys')
      .addColumn('author_id', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('message_id', 'text', (column) => column.notNull())
      .addColumn('request_hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('message_keys_primary', ['author_id', 'key'])
      .execute();
    if (dialect === 'postgres') await enableRowLevelSecurity(database);
  },
};

/**
 * The second line of defense, by `app.viewer` of the transaction. Without a viewer, only public messages
 * can be read, and nothing can be posted. `force`: it applies to the owner of the tables as well, though
 * never to superusers and roles with BYPASSRLS.
 */
async function enableRowLevelSecurity(database: Kysely<unknown>): Promise<void> {
  const own = sql`author_id = nullif(current_setting('app.viewer', true), '')`;
  const visible = sql`(visibility = 'PUBLIC' or ${own})`;
  for (const statement of [
    sql`alter table messages enable row level security, force row level security`,
    sql`create policy messages_read on messages for select using ${visible}`,
    sql`create policy messages_post on messages for insert with check (${own})`,
    sql`create policy messages_edit on messages for update using ${visible} with check ${visible}`,
    sql`create policy messages_delete on messages for delete using ${visible}`,
    sql`alter table message_keys enable row level security, force row level security`,
    sql`create policy message_keys_own on message_keys using (${own}) with check (${own})`,
  ]) {
    await statement.execute(database);
  }
}
