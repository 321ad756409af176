import type { Database } from '../../database/database.ts';
import type { AuthenticatedViewer, ContextServices } from '../../server/api-definition.ts';
import type { TimeSource } from '../../shared/clock.ts';
import type { Message, MessageFilter, MessageVisibility } from './message.ts';
import { isMessageId } from './message-ids.ts';
import {
  badInput,
  readAfter,
  readIdempotencyKey,
  readPageSize,
  readText,
} from './message-input.ts';
import { type MessagePage, MessageRepository } from './message-repository.ts';
import { postedTopic, selectMessages } from './posted-messages.ts';

/** What `ViewerMessages` works with. */
export interface MessageServices {
  readonly database: Database;
  readonly events: ContextServices['events'];
  readonly clock: TimeSource;
  readonly createId: () => string;
}

/** A page, and what is computed only for clients that select it. */
export interface MessageList extends MessagePage {
  hasPreviousPage(): Promise<boolean>;
  totalCount(): Promise<number>;
}

/**
 * The messages as the viewer of one operation gets them. Checks what the client sent before anything
 * reaches the database, and does nothing twice in one operation that several fields need.
 */
export class ViewerMessages {
  readonly #viewer: AuthenticatedViewer;
  readonly #services: MessageServices;
  readonly #repository: MessageRepository;
  readonly #loaded = new Map<string, Promise<Message | undefined>>();
  /** By the author of the filter. */
  readonly #counts = new Map<string | undefined, Promise<number>>();

  constructor(viewer: AuthenticatedViewer, services: MessageServices) {
    this.#viewer = viewer;
    this.#services = services;
    this.#repository = new MessageRepository(services.database, viewer.id);
  }

  /** @throws {GraphQLError} If the client sent a wrong page size or cursor. */
  async list(
    filter: MessageFilter | undefined,
    args: { readonly first?: number | null; readonly after?: string | null },
  ): Promise<MessageList> {
    const [first, after] = [readPageSize(args.first), readAfter(args.after)];
    return {
      ...(await this.#repository.list(filter, { first, after })),
      hasPreviousPage: async () => after !== undefined && this.#repository.hasFrom(filter, after),
      totalCount: () =>
        remember(this.#counts, filter?.authorId, () => this.#repository.count(filter)),
    };
  }

  /** Undefined if there is none that the filter lets through. */
  async find(filter: MessageFilter, id: string): Promise<Message | undefined> {
    return isMessageId(id) ? this.#repository.find(filter, id) : undefined;
  }

  /** Whether the viewer is the author. What was loaded once in this operation is not loaded again. */
  async isAuthor(id: string): Promise<boolean> {
    const { id: authorId } = this.#viewer;
    const message = await remember(this.#loaded, id, () => this.find({ authorId }, id));
    return message?.authorId === authorId;
  }

  /** @throws {GraphQLError} If the client sent a wrong text or key, or a key for another message. */
  async post(args: {
    readonly text: string;
    readonly visibility?: MessageVisibility | null;
    readonly idempotencyKey?: string | null;
  }): Promise<Message> {
    const message: Message = {
      id: this.#services.createId(),
      authorId: this.#viewer.id,
      author: this.#viewer.subject,
      text: readText(args.text),
      visibility: args.visibility ?? 'PUBLIC',
      postedAt: this.#now(),
      editedAt: null,
    };
    const outcome = await this.#repository.post(message, readIdempotencyKey(args.idempotencyKey));
    if (outcome.kind === 'other-request') {
      throw badInput(
        'idempotencyKey',
        'This idempotencyKey was used for a message with another text or visibility. Send a new one.',
      );
    }
    if (outcome.kind === 'deleted') {
      throw badInput(
        'idempotencyKey',
        'The message with this idempotencyKey has been deleted. Send a new one to post it again.',
      );
    }
    if (outcome.kind === 'posted') this.#services.events.publish(postedTopic, message);
    return outcome.message;
  }

  /** Messages that the filter lets through, as soon as they are posted. */
  async posted(filter: MessageFilter): Promise<AsyncIterableIterator<Message>> {
    return selectMessages(await this.#services.events.subscribe(postedTopic), filter);
  }

  /** @throws {GraphQLError} If the client sent a wrong text, or nothing to change. */
  async edit(
    filter: MessageFilter,
    args: {
      readonly id: string;
      readonly text?: string | null;
      readonly visibility?: MessageVisibility | null;
    },
  ): Promise<Message | undefined> {
    const { id, text, visibility } = args;
    if (text == null && visibility == null) {
      throw badInput('text', 'There is nothing to change. Send text, visibility, or both.');
    }
    const changes = {
      ...(text == null ? {} : { text: readText(text) }),
      ...(visibility == null ? {} : { visibility }),
      editedAt: this.#now(),
    };
    return isMessageId(id) ? this.#repository.edit(filter, id, changes) : undefined;
  }

  /** Whether there was such a message to delete. */
  async delete(filter: MessageFilter, id: string): Promise<boolean> {
    return isMessageId(id) && this.#repository.delete(filter, id);
  }

  #now(): string {
    return this.#services.clock.now().toISOString();
  }
}

function remember<Key, Value>(values: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = create();
  values.set(key, value);
  return value;
}
