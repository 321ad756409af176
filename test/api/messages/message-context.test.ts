import { expect, it } from 'vitest';
import { createMessageContext } from '../../../src/api/messages/context.ts';
import { anonymous } from '../../../src/authentication/viewer.ts';
import type { Events } from '../../../src/server/events.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { viewerWith } from '../../../src/testing/viewer-with.ts';
import { openMessages } from './repository-cases.ts';

const events: Events = {
  publish() {},
  subscribe: () => Promise.reject(new Error('There are no subscriptions here.')),
};

it('gives each viewer in a context messages of their own', async () => {
  const database = await openMessages('file::memory:');
  try {
    const request = new Request('http://localhost/graphql');
    const services = { database, events };
    const { messagesFor } = createMessageContext(systemClock)(anonymous, request, services);
    const [ann, bob] = [viewerWith({ subject: 'ann' }), viewerWith({ subject: 'bob' })];
    const { id } = await messagesFor(ann).post({ text: 'Hello!', visibility: 'PRIVATE' });

    expect(await messagesFor(ann).isAuthor(id)).toBe(true);
    expect(await messagesFor(bob).isAuthor(id)).toBe(false);
    expect(messagesFor(ann)).toBe(messagesFor(ann));
  } finally {
    await database.close();
  }
});
