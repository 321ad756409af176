import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../support/free-ports.ts';
import { type MessagesServer, startMessages } from './messages-server.ts';

let server: MessagesServer;
beforeAll(async () => {
  server = await startMessages({ url: `postgres://api@127.0.0.1:${await freePort()}/api` });
});
afterAll(() => server?.stop());

const id = '01234567-89ab-7000-bfff-ffffffffffff';

it.each([
  [`mutation { editMessage(id: "${id}", text: "New") { id } }`, 'read:messages'],
  [`mutation { editMessage(id: "${id}", text: "New") { id } }`, 'write:messages'],
  [`mutation { editMessage(id: "${id}", visibility: PRIVATE) { id } }`, 'write:messages'],
  ['mutation { postMessage(text: "New") { id } }', 'write:messages'],
  [`mutation { deleteMessage(id: "${id}") }`, 'delete:messages'],
  [`{ message(id: "${id}") { id } }`, 'read:messages'],
  ['{ messages { totalCount } }', 'read:messages'],
])('while the database is down, %s (%s) is not a denial', async (operation, scope) => {
  // Through Yoga, and directly.
  for (let time = 0; time < 2; time += 1) {
    const { status, headers, body } = await server.as('ann', scope).send(operation);

    expect([status, headers['retry-after'], headers['www-authenticate']]).toEqual([
      503,
      '1',
      undefined,
    ]);
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'SERVICE_UNAVAILABLE' },
    ]);
  }
});

it('a missing scope is still a denial', async () => {
  const { status } = await server
    .as('ann', 'read:messages')
    .send('mutation { deleteMessage(id: 1) }');

  expect(status).toBe(403);
});
