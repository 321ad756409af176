import { expect, it } from 'vitest';
import { connectAs, connectRaw, type RawSocket, subscribeTo } from './raw-socket.ts';
import { startApi } from './start-api.ts';

const closed = { code: 1001, reason: 'The server is shutting down.' };
const stopping = { extensions: { code: 'SERVICE_UNAVAILABLE', reason: 'stopping' } };

async function read(raw: RawSocket, count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  for (let read = 0; read < count; read += 1) messages.push(await raw.next());
  return messages;
}

it('a server that stops answers the operations that run, and begins no more', async () => {
  const api = await startApi();
  const authorization = { Authorization: `Bearer ${api.issuer.sign()}` };
  const busy = await connectAs(api.webSocket, authorization);
  const other = await connectAs(api.webSocket, {});
  const idle = await connectAs(api.webSocket, {});
  const silent = await connectRaw(api.webSocket);
  for (const raw of [busy, other, idle]) await raw.next();
  busy.send(subscribeTo('{ hold }', 'query'));
  busy.send(subscribeTo('mutation { hold }', 'mutation'));
  busy.send(subscribeTo('subscription { news { text } }', 'subscription'));
  other.send(subscribeTo('mutation { hold }', 'mutation'));
  await api.source.reaches(1);
  await expect.poll(() => api.holding.length).toBe(3);

  const stopped = api.stop();
  expect(await idle.closed).toEqual(closed);
  expect(await silent.closed).toEqual(closed);
  expect(await read(busy, 2)).toMatchObject([
    { id: 'subscription', type: 'next', payload: { errors: [stopping] } },
    { id: 'subscription', type: 'complete' },
  ]);
  busy.send(subscribeTo('mutation { touch }', 'late'));
  busy.send(subscribeTo('subscription { news { text } }', 'later'));
  expect(await read(busy, 2)).toMatchObject([
    { id: 'late', type: 'error', payload: [stopping] },
    { id: 'later', type: 'error', payload: [stopping] },
  ]);
  expect(api.touched()).toBe(0);
  await expect(connectRaw(api.webSocket)).rejects.toThrow();

  for (const finish of api.holding) finish();
  const answers = await read(busy, 4);
  for (const id of ['query', 'mutation']) {
    expect(answers).toContainEqual({ id, type: 'next', payload: { data: { hold: 'held' } } });
    expect(answers).toContainEqual({ id, type: 'complete' });
  }
  expect(await read(other, 2)).toMatchObject([{ payload: { data: { hold: 'held' } } }, {}]);
  expect(await busy.closed).toEqual(closed);
  expect(await other.closed).toEqual(closed);
  await stopped;
  expect(api.clock.waiting()).toBe(0);
});
