/** A page of messages, newest first. A message that is not allowed is null. */
export interface MessagePage<Message> {
  readonly edges: readonly { readonly node: Message | null }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly totalCount: number;
}

interface Identified {
  readonly id: string;
}

/** The messages that are loaded, newest first, and where the next page begins. */
export interface MessageList<Message> {
  readonly messages: readonly Message[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
  /** Of all pages. */
  readonly totalCount: number;
}

/** The list after its first page has been loaded, also again. */
export function withFirstPage<Message extends Identified>(
  list: MessageList<Message> | undefined,
  page: MessagePage<Message>,
): MessageList<Message> {
  const messages = messagesOf(page);
  const last = messages.at(-1);
  const known = list?.messages.findIndex(({ id }) => id === last?.id) ?? -1;
  const { endCursor, hasNextPage } = page.pageInfo;
  // Without an overlap there could be a gap between the page and the known messages.
  if (list === undefined || known < 0 || !hasNextPage) {
    return { messages, endCursor, hasNextPage, totalCount: page.totalCount };
  }
  const older = list.messages.slice(known + 1);
  return { ...list, messages: [...messages, ...older], totalCount: page.totalCount };
}

/** The list with its next page. */
export function withNextPage<Message extends Identified>(
  list: MessageList<Message>,
  page: MessagePage<Message>,
): MessageList<Message> {
  const known = new Set(list.messages.map(({ id }) => id));
  const { endCursor, hasNextPage } = page.pageInfo;
  return {
    messages: [...list.messages, ...messagesOf(page).filter(({ id }) => !known.has(id))],
    endCursor,
    hasNextPage,
    totalCount: page.totalCount,
  };
}

/** The list with a message that has been posted, or that is known and has been edited. */
export function withMessage<Message extends Identified>(
  list: MessageList<Message>,
  message: Message,
): MessageList<Message> {
  const isKnown = list.messages.some(({ id }) => id === message.id);
  if (isKnown) {
    const messages = list.messages.map((one) => (one.id === message.id ? message : one));
    return { ...list, messages };
  }
  return { ...list, messages: [message, ...list.messages], totalCount: list.totalCount + 1 };
}

/** The list without a message that has been deleted. */
export function withoutMessage<Message extends Identified>(
  list: MessageList<Message>,
  id: string,
): MessageList<Message> {
  const messages = list.messages.filter((message) => message.id !== id);
  const totalCount = list.totalCount - (list.messages.length - messages.length);
  return { ...list, messages, totalCount };
}

function messagesOf<Message>({ edges }: MessagePage<Message>): readonly Message[] {
  return edges.flatMap(({ node }) => node ?? []);
}
