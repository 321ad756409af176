import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { openEvents } from '../../src/server/events.ts';
import { createContext, resolvers } from '../documentation/examples/events.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { connectAs, subscribeTo } from '../subscriptions/raw-socket.ts';
import { readEvents } from '../subscriptions/read-events.ts';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const typeDefs = `${authDirectives}
  type Query { hello: String }
  type Mutation { publishNews(text: String!): String @auth }
  type Subscription { news: String @auth }
`;

describe('events from a mutation to subscriptions', () => {
  let server: TestServer;
  beforeAll(async () => {
    const api = buildApi({ typeDefs, resolvers, createContext });
    server = await startTestServer({}, undefined, api);
  });
  afterAll(() => server?.stop());

  it('arrive over SSE and over WebSocket', async () => {
    const { endpoint, issuer } = server;
    const token = issuer.sign();
    const query = 'subscription { news }';
    const stream = readEvents(
      await fetch(endpoint, {
        method: 'POST',
        headers: {
          accept: 'text/event-stream',
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query }),
      }),
    );
    const raw = await connectAs(endpoint.replace('http', 'ws'), {
      Authorization: `Bearer ${token}`,
    });
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
    raw.send(subscribeTo(query));
    // Comes back once the subscription has started.
    raw.send(subscribeTo('{ hello }', '2'));
    expect(await raw.next()).toMatchObject({ id: '2', type: 'next' });
    expect(await raw.next()).toMatchObject({ id: '2', type: 'complete' });
    for (const text of ['one', 'two']) {
      await operate(server.endpoint, 'mutation($text: String!) { publishNews(text: $text) }', {
        token,
        variables: { text },
      });
      expect(await stream.next()).toEqual({ data: { news: text } });
      expect(await raw.next()).toMatchObject({ payload: { data: { news: text } } });
    }
    await stream.leave();
    raw.socket.terminate();
  });
});

it('docs/subscriptions.md shows how', () => {
  const shown = blocksOf(readDocument('docs/subscriptions.md')).find(
    ({ heading }) => heading === 'Events',
  );
  const tested = readDocument('test/documentation/examples/events.ts');
  expect(shown?.text).toBe(tested.replace('../../../src/', '../'));
});

describe('in memory', () => {
  const publicUrl = 'https://api.example.com';
  const open = () => openEvents({ redisUrl: undefined, publicUrl, log: pino({ level: 'silent' }) });

  it('each subscriber of the topic gets what is published from then on', async () => {
    const events = await open();
    events.publish('a', 'before');
    const [one, two, other] = await Promise.all([
      events.subscribe('a'),
      events.subscribe('a'),
      events.subscribe('b'),
    ]);
    events.publish('a', 1);
    events.publish('b', 2);
    for (const [payloads, value] of [
      [one, 1],
      [two, 1],
      [other, 2],
    ] as const) {
      expect(await payloads.next()).toEqual({ done: false, value });
    }
  });

  it('a subscriber gets what other processes would get', async () => {
    const events = await open();
    const payloads = await events.subscribe('a');
    const date = new Date(0);
    events.publish('a', { date, left: undefined });
    events.publish('a', undefined);
    expect((await payloads.next()).value).toEqual({ date: '1970-01-01T00:00:00.000Z' });
    expect((await payloads.next()).value).toBe(null);
  });

  it('return() ends readers that wait, and nothing arrives afterwards', async () => {
    const events = await open();
    const payloads = await events.subscribe('a');
    const waiting = payloads.next();
    await payloads.return?.();
    events.publish('a', 1);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await payloads.next()).toEqual({ done: true, value: undefined });
  });

  it('many subscribers are no reason for a warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    const events = await open();
    for (let index = 0; index < 20; index += 1) await events.subscribe('a');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('a subscriber that reads nothing is ended, and others are not', async () => {
    const events = await open();
    const [slow, fast] = [await events.subscribe('a'), await events.subscribe('a')];
    for (let index = 0; index <= 1_000; index += 1) {
      events.publish('a', index);
      expect((await fast.next()).value).toBe(index);
    }
    await expect(slow.next()).rejects.toMatchObject({
      message: 'Too many events were left unread. Subscribe again.',
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    });
    expect(await slow.next()).toEqual({ done: true, value: undefined });
    events.publish('a', 'last');
    expect((await fast.next()).value).toBe('last');
  });
});
