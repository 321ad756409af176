import type { ApiResponse } from '../result.ts';

export interface Message {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly visibility: Visibility;
  readonly postedAt: string;
  readonly editedAt: string | null;
}

/** Private messages can be read by their author only. */
export type Visibility = 'PUBLIC' | 'PRIVATE';

/** A page of messages, newest first. */
export interface MessagePage {
  readonly edges: readonly { readonly node: Message | null }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly totalCount: number;
}

/** What the user can write about a message. */
export interface Draft {
  readonly text: string;
  readonly visibility: Visibility;
}

/** An operation, and the types of its data and variables. A denied field is null. */
export interface Operation<Data, Variables> {
  readonly kind: 'query' | 'mutation';
  readonly text: string;
  /** Never set: it only carries the types. */
  readonly types?: (variables: Variables) => Data;
}

/** Sends an operation to the API. */
export type Send = <Data, Variables extends Record<string, unknown>>(
  operation: Operation<Data, Variables>,
  variables: Variables,
) => Promise<ApiResponse<Data>>;

const selection = '{ id author text visibility postedAt editedAt }';

export const listMessages: Operation<
  { messages: MessagePage | null },
  { first: number; after: string | null }
> = {
  kind: 'query',
  text: `query Messages($first: Int, $after: String) {
  messages(first: $first, after: $after) {
    edges { node ${selection} }
    pageInfo { endCursor hasNextPage }
    totalCount
  }
}`,
};

export const postMessage: Operation<
  { postMessage: Message | null },
  { text: string; visibility: Visibility; idempotencyKey: string }
> = {
  kind: 'mutation',
  text: `mutation PostMessage($text: String!, $visibility: MessageVisibility, $idempotencyKey: ID) {
  postMessage(text: $text, visibility: $visibility, idempotencyKey: $idempotencyKey) ${selection}
}`,
};

export const editMessage: Operation<
  { editMessage: Message | null },
  { id: string; text?: string; visibility?: Visibility }
> = {
  kind: 'mutation',
  text: `mutation EditMessage($id: ID!, $text: String, $visibility: MessageVisibility) {
  editMessage(id: $id, text: $text, visibility: $visibility) ${selection}
}`,
};

export const deleteMessage: Operation<{ deleteMessage: string | null }, { id: string }> = {
  kind: 'mutation',
  text: `mutation DeleteMessage($id: ID!) {
  deleteMessage(id: $id)
}`,
};

/** Newly posted messages, also the user's own. */
export const messagePosted = `subscription MessagePosted {
  messagePosted ${selection}
}`;
