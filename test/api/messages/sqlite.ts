import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import type { TestDatabase } from './messages-server.ts';

/** A file of its own. */
export async function createSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'messages-'));
  const path = join(folder, 'messages.sqlite');
  return {
    url: `file:${path}`,
    async clear() {
      const database = new Libsql(path);
      database.exec('delete from messages; delete from message_keys');
      database.close();
    },
    close: () => rm(folder, { recursive: true }),
  };
}
