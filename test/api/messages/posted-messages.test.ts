import { expect, it } from 'vitest';
import type { Message } from '../../../src/api/messages/message.ts';
import { selectMessages } from '../../../src/api/messages/posted-messages.ts';

const message: Message = {
  id: '01234567-89ab-7000-bfff-ffffffffffff',
  authorId: 'ann',
  author: 'ann',
  text: 'Hello',
  visibility: 'PUBLIC',
  postedAt: '2026-11-26T12:00:00.000Z',
  editedAt: null,
};

it.each<readonly [string, unknown, Message | undefined]>([
  ['a message', message, message],
  [
    'a private one of the viewer',
    { ...message, authorId: 'eve', visibility: 'PRIVATE' },
    { ...message, authorId: 'eve', visibility: 'PRIVATE' },
  ],
  ['a private one of others', { ...message, visibility: 'PRIVATE' }, undefined],
  [
    'members of a newer version, or that execution would call',
    { ...message, ...JSON.parse('{"then":1,"color":"red"}') },
    message,
  ],
  ['an unknown visibility', { ...message, visibility: 'TEAM' }, undefined],
  ['no author', { ...message, authorId: undefined }, undefined],
  ['a text that is none', { ...message, text: {} }, undefined],
  ['a list', [message], undefined],
  ['nothing', null, undefined],
  ['members that are inherited', JSON.parse(`{"__proto__":${JSON.stringify(message)}}`), undefined],
])('takes from other instances: %s', async (_what, payload, expected) => {
  async function* payloads() {
    yield payload;
  }
  const { value } = await selectMessages(payloads(), { authorId: 'eve' }).next();
  expect(value).toEqual(expected);
});
