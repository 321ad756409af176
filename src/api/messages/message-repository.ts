import { createHash } from 'node:crypto';
import type { Expression, ExpressionBuilder, SqlBool, Transaction } from 'kysely';
import type { Database } from '../../database/database.ts';
import type { Message, MessageFilter, MessageVisibility } from './message.ts';

interface MessageRow {
  readonly id: string;
  readonly author_id: string;
  readonly author: string;
  readonly text: string;
  readonly visibility: MessageVisibility;
  readonly posted_at: string;
  readonly edited_at: string | null;
}

interface MessageKeyRow {
  readonly author_id: string;
  readonly key: string;
  readonly message_id: string;
  readonly request_hash: string;
}

/** The tables that `migrations` create. */
type MessageTables = {
  readonly messages: MessageRow;
  readonly message_keys: MessageKeyRow;
};

/** What `list` returns. */
export interface MessagePage {
  readonly messages: readonly Message[];
  readonly hasNextPage: boolean;
}

/** What `post` did: with an idempotency key that was used before, nothing. */
export type PostOutcome =
  | { readonly kind: 'posted'; readonly message: Message }
  | { readonly kind: 'posted-before'; readonly message: Message }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'other-request' };

/**
 * The messages in the database, as one viewer gets them. Every method but `post` takes the filter of the
 * policy `ownOrPublic`, and treats messages that it does not let through as if they did not exist;
 * `undefined` lets all through. On Postgres, row-level security refuses the same ones again.
 */
export class MessageRepository {
  readonly #database: Database;
  readonly #viewerId: string;

  constructor(database: Database, viewerId: string) {
    this.#database = database;
    this.#viewerId = viewerId;
  }

  /** The newest messages, or those that are older than the one with the ID `after`. */
  async list(
    filter: MessageFilter | undefined,
    { first, after }: { readonly first: number; readonly after: string | undefined },
  ): Promise<MessagePage> {
    const rows = await this.#run((transaction) =>
      transaction
        .selectFrom('messages')
        .selectAll()
        .where(whereVisible(filter))
        .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''))
        .orderBy('id', 'desc')
        .limit(first + 1)
        .execute(),
    );
    return { messages: rows.slice(0, first).map(toMessage), hasNextPage: rows.length > first };
  }

  /** The number of messages. Reads all of them. */
  async count(filter: MessageFilter | undefined): Promise<number> {
    const { count } = await this.#run((transaction) =>
      transaction
        .selectFrom('messages')
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .where(whereVisible(filter))
        .executeTakeFirstOrThrow(),
    );
    return Number(count);
  }

  /** Whether there are messages from this ID on. */
  async hasFrom(filter: MessageFilter | undefined, id: string): Promise<boolean> {
    const row = await this.#run((transaction) =>
      transaction
        .selectFrom('messages')
        .select('id')
        .where(whereVisible(filter))
        .where('id', '>=', id)
        .limit(1)
        .executeTakeFirst(),
    );
    return row !== undefined;
  }

  async find(filter: MessageFilter | undefined, id: string): Promise<Message | undefined> {
    const row = await this.#run((transaction) =>
      transaction
        .selectFrom('messages')
        .selectAll()
        .where(whereVisible(filter))
        .where('id', '=', id)
        .executeTakeFirst(),
    );
    return row && toMessage(row);
  }

  /** Stores a message; with an idempotency key that its author has used before, nothing. */
  async post(message: Message, key: string | undefined): Promise<PostOutcome> {
    return this.#run(async (transaction) => {
      const earlier = key === undefined ? undefined : await claimKey(transaction, message, key);
      if (earlier) return earlier;
      await transaction.insertInto('messages').values(toRow(message)).execute();
      return { kind: 'posted', message };
    });
  }

  /** Changes a message, and returns it. */
  async edit(
    filter: MessageFilter | undefined,
    id: string,
    changes: {
      readonly text?: string;
      readonly visibility?: MessageVisibility;
      readonly editedAt: string;
    },
  ): Promise<Message | undefined> {
    const { editedAt, ...values } = changes;
    const row = await this.#run((transaction) =>
      transaction
        .updateTable('messages')
        .set({ ...values, edited_at: editedAt })
        .where(whereVisible(filter))
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),
    );
    return row && toMessage(row);
  }

  /** Whether there was such a message to delete. */
  async delete(filter: MessageFilter | undefined, id: string): Promise<boolean> {
    const row = await this.#run((transaction) =>
      transaction
        .deleteFrom('messages')
        .where(whereVisible(filter))
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst(),
    );
    return row !== undefined;
  }

  #run<Result>(
    work: (transaction: Transaction<MessageTables>) => Promise<Result>,
  ): Promise<Result> {
    return this.#database.transactionAs(this.#viewerId, (transaction) =>
      work(transaction.withTables<MessageTables>()),
    );
  }
}

/** `isVisible` as a condition of a query. */
function whereVisible(filter: MessageFilter | undefined) {
  return (build: ExpressionBuilder<MessageTables, 'messages'>): Expression<SqlBool> =>
    filter === undefined
      ? build.lit(true)
      : build.or([build('visibility', '=', 'PUBLIC'), build('author_id', '=', filter.authorId)]);
}

/**
 * Reserves an idempotency key for a message. Of two requests at the same time, the second one waits here
 * for the transaction of the first.
 *
 * @returns What became of the first message with this key; undefined if this is the first one.
 */
async function claimKey(
  transaction: Transaction<MessageTables>,
  message: Message,
  key: string,
): Promise<PostOutcome | undefined> {
  const requestHash = hashRequest(message);
  const claimed = await transaction
    .insertInto('message_keys')
    .values({
      author_id: message.authorId,
      key,
      message_id: message.id,
      request_hash: requestHash,
    })
    .onConflict((conflict) => conflict.columns(['author_id', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed) return undefined;
  const { message_id, request_hash } = await transaction
    .selectFrom('message_keys')
    .select(['message_id', 'request_hash'])
    .where('author_id', '=', message.authorId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (request_hash !== requestHash) return { kind: 'other-request' };
  const row = await transaction
    .selectFrom('messages')
    .selectAll()
    .where('id', '=', message_id)
    .executeTakeFirst();
  return row ? { kind: 'posted-before', message: toMessage(row) } : { kind: 'deleted' };
}

/** What must be equal in requests with the same key. */
function hashRequest({ text, visibility }: Message): string {
  return createHash('sha256').update(`${visibility} ${text}`).digest('base64url');
}

function toMessage({ author_id, posted_at, edited_at, ...same }: MessageRow): Message {
  return { ...same, authorId: author_id, postedAt: posted_at, editedAt: edited_at };
}

function toRow({ authorId, postedAt, editedAt, ...same }: Message): MessageRow {
  return { ...same, author_id: authorId, posted_at: postedAt, edited_at: editedAt };
}
