import { expect, test } from 'vitest';
import {
  type MessageList,
  type MessagePage,
  withFirstPage,
  withMessage,
  withNextPage,
  withoutMessage,
} from '../../examples/shared/messages/message-list.ts';

interface Message {
  readonly id: string;
  readonly text: string;
}

const message = (id: string, text = ''): Message => ({ id, text });

const list = (ids: string, { hasNextPage = true, totalCount = 9 } = {}): MessageList<Message> => ({
  messages: [...ids].map((id) => message(id)),
  endCursor: ids.at(-1) ?? null,
  hasNextPage,
  totalCount,
});

const page = (ids: string, { hasNextPage = true, totalCount = 9 } = {}): MessagePage<Message> => ({
  edges: [...ids].map((id) => ({ node: id === '-' ? null : message(id) })),
  pageInfo: { endCursor: ids.at(-1) ?? null, hasNextPage },
  totalCount,
});

const end = { hasNextPage: false };

/** IDs, the cursor of the next page, and how many there are in total. */
const summary = ({ messages, endCursor, hasNextPage, totalCount }: MessageList<Message>): string =>
  `${messages.map(({ id }) => id).join('')} ${hasNextPage ? endCursor : 'end'} ${totalCount}`;

test.each<[string, MessageList<Message>, string]>([
  ['the first page', withFirstPage(undefined, page('987')), '987 7 9'],
  ['what the viewer cannot read', withFirstPage(undefined, page('9-7')), '97 7 9'],
  ['no messages', withFirstPage(undefined, page('', { ...end, totalCount: 0 })), ' end 0'],
  ['again, unchanged', withFirstPage(list('987654'), page('987')), '987654 4 9'],
  ['again, with new ones', withFirstPage(list('654321'), page('987654')), '987654321 1 9'],
  ['again, without a deleted one', withFirstPage(list('98765'), page('976')), '9765 5 9'],
  ['again, after more than a page of new ones', withFirstPage(list('321'), page('987')), '987 7 9'],
  ['again, with fewer than a page', withFirstPage(list('987'), page('98', end)), '98 end 9'],
  ['the next page', withNextPage(list('987'), page('654')), '987654 4 9'],
  ['the next page, partly known', withNextPage(list('987'), page('76')), '9876 6 9'],
  ['the last page', withNextPage(list('987'), page('65', end)), '98765 end 9'],
  ['a new message', withMessage(list('87'), message('9')), '987 7 10'],
  ['a known message', withMessage(list('987'), message('8', 'edited')), '987 7 9'],
  ['a deleted message', withoutMessage(list('987'), '8'), '97 7 8'],
  ['a deleted message that is not shown', withoutMessage(list('987'), '1'), '987 7 9'],
])('%s', (_case, list, expected) => {
  expect(summary(list)).toBe(expected);
});

test('a message that has been edited replaces the known one', () => {
  const { messages } = withMessage(list('987'), message('8', 'edited'));

  expect(messages.map(({ text }) => text)).toEqual(['', 'edited', '']);
});
