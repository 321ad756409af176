import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isVisible, type Message, type MessageFilter } from '../../../src/api/messages/message.ts';
import { createMessageIds } from '../../../src/api/messages/message-ids.ts';
import { MessageRepository } from '../../../src/api/messages/message-repository.ts';
import { migrations } from '../../../src/api/messages/migrations.ts';
import { type Database, openDatabase } from '../../../src/database/database.ts';
import { createTestClock } from '../../support/clock.ts';
import type { TestDatabase } from './messages-server.ts';

const people = ['ann', 'bob', 'cid'];
const drafts = fc.array(
  fc.record({
    authorId: fc.constantFrom(...people),
    visibility: fc.constantFrom('PUBLIC' as const, 'PRIVATE' as const),
  }),
  { maxLength: 12 },
);

/** Opens a database with the tables of messages. */
export async function openMessages(url: string): Promise<Database> {
  const database = openDatabase({ url, migrations });
  await database.start();
  return database;
}

/**
 * Compares the database with `isVisible`: whatever the policy refuses for an object, no query, change or
 * deletion reaches it.
 *
 * @param filterFor What the repository gets. Undefined leaves it to row-level security.
 */
export function describeRepository(
  createDatabase: () => Promise<TestDatabase>,
  filterFor: (authorId: string) => MessageFilter | undefined,
): void {
  let source: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    source = await createDatabase();
    database = await openMessages(source.url);
  });
  afterAll(async () => {
    await database?.close();
    await source?.close();
  });

  const clock = createTestClock();
  const createId = createMessageIds(clock);
  const now = clock.now().toISOString();

  it('gives each viewer what the policy allows for each object', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        drafts,
        fc.constantFrom(...people, 'eve'),
        fc.integer({ min: 1, max: 5 }),
        async (made, viewer, first) => {
          await source.clear();
          const messages = made.map((draft): Message => {
            const id = createId();
            return {
              ...draft,
              id,
              author: draft.authorId,
              text: id,
              postedAt: now,
              editedAt: null,
            };
          });
          for (const message of messages) {
            await new MessageRepository(database, message.authorId).post(message, undefined);
          }
          const repository = new MessageRepository(database, viewer);
          const filter = filterFor(viewer);
          const visible = messages.filter((message) => isVisible({ authorId: viewer }, message));
          const ids = visible.map(({ id }) => id);

          const pages: Message[] = [];
          for (let after: string | undefined, hasNextPage = true; hasNextPage; ) {
            const page = await repository.list(filter, { first, after });
            pages.push(...page.messages);
            after = page.messages.at(-1)?.id;
            hasNextPage = page.hasNextPage;
            if (after !== undefined) expect(await repository.hasFrom(filter, after)).toBe(true);
          }
          expect(pages).toEqual([...visible].reverse());
          expect(await repository.count(filter)).toBe(visible.length);
          for (const message of messages) {
            const isAllowed = ids.includes(message.id);
            const expected = isAllowed ? message : undefined;
            expect(await repository.find(filter, message.id)).toEqual(expected);
            expect(await repository.edit(filter, message.id, { editedAt: now })).toEqual(
              expected && { ...expected, editedAt: now },
            );
            expect(await repository.delete(filter, message.id)).toBe(isAllowed);
          }
          for (const message of messages) {
            const author = new MessageRepository(database, message.authorId);
            const left = await author.find({ authorId: message.authorId }, message.id);
            expect(left).toEqual(ids.includes(message.id) ? undefined : message);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
}
