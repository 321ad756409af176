import { type ClientOptions, createClient as createSseClient } from 'graphql-sse';
import { createClient as createWebSocketClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readEvents } from './read-events.ts';
import { type SubscriptionApi, startApi } from './start-api.ts';

let api: SubscriptionApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
afterEach(() => api.source.reaches(0));

const tokenFor = (seconds: number) =>
  api.issuer.sign({ claims: { exp: api.clock.seconds() + seconds } });
const tokenExpired = { extensions: { code: 'UNAUTHENTICATED', reason: 'token_expired' } };
const news = { query: 'subscription { news { text } }' };
const clock = { query: 'subscription { clock { time tokenEndsIn } }' };

describe('graphql-sse', () => {
  const clientWith = (options: Partial<ClientOptions> = {}) =>
    createSseClient({
      url: api.endpoint,
      retryAttempts: 0,
      headers: () => ({ Authorization: `Bearer ${tokenFor(10)}` }),
      ...options,
    });

  it('hears events until the token ends, renews it and subscribes again', async () => {
    const client = clientWith();
    for (const round of ['first', 'second']) {
      const results = client.iterate(news);
      const first = results.next();
      await api.source.reaches(1);
      api.source.publish({ text: round });
      expect((await first).value).toEqual({ data: { news: { text: round } } });
      const last = results.next();
      api.clock.advance(10);
      expect((await last).value).toMatchObject({ errors: [tokenExpired] });
      expect((await results.next()).done).toBe(true);
      expect(api.source.isOpen).toBe(0);
    }
    client.dispose();
  });

  it('sees the clock go', async () => {
    const client = clientWith();
    const ticks = client.iterate(clock);
    const start = api.clock.now().getTime();
    const tick = (seconds: number) => ({
      data: {
        clock: {
          time: new Date(start + seconds * 1000).toISOString(),
          tokenEndsIn: 10 - seconds,
        },
      },
    });
    expect((await ticks.next()).value).toEqual(tick(0));
    const second = ticks.next();
    api.clock.advance(1);
    expect((await second).value).toEqual(tick(1));
    await ticks.return?.();
    client.dispose();
  });

  it('is told by the status that it may not', async () => {
    const { started } = api.source;
    const client = clientWith({ headers: {} });
    await expect(client.iterate(news).next()).rejects.toMatchObject({
      response: { status: 401, headers: expect.anything() },
    });
    expect(api.source.started).toBe(started);
    client.dispose();
  });
});

describe('event streams by hand', () => {
  it.each(['POST', 'GET'])(
    'begin with a comment, and are kept alive by more: %s',
    async (method) => {
      const leaving = new AbortController();
      const headers = {
        Accept: 'text/event-stream',
        Authorization: `Bearer ${tokenFor(10)}`,
      };
      const response =
        method === 'GET'
          ? await fetch(`${api.endpoint}?${new URLSearchParams(news)}`, {
              headers,
              signal: leaving.signal,
            })
          : await fetch(api.endpoint, {
              method,
              headers: { ...headers, 'Content-Type': 'application/json' },
              body: JSON.stringify(news),
              signal: leaving.signal,
            });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const events = readEvents(response);
      await api.source.reaches(1);
      api.source.publish({ text: 'one' });
      expect(await events.next()).toEqual({ data: { news: { text: 'one' } } });
      const begun = events.comments();
      expect(begun).toBeGreaterThan(0);
      // Yoga's own timer, which is faster in tests.
      events.next().catch(() => {});
      await expect.poll(() => events.comments()).toBeGreaterThan(begun);
      leaving.abort();
      await api.source.reaches(0);
    },
  );

  it('tell a refusal as other answers do', async () => {
    const response = await fetch(api.endpoint, {
      method: 'POST',
      headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
      body: JSON.stringify(news),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    const text = await response.text();
    expect(text).toContain('"code":"UNAUTHENTICATED"');
    expect(text).not.toContain('"http"');
  });
});

describe('graphql-ws', () => {
  it('hears events until the token ends, renews it and subscribes again', async () => {
    const inits: string[] = [];
    const client = createWebSocketClient({
      url: api.webSocket,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: () => {
        const token = tokenFor(10);
        inits.push(token);
        return { Authorization: `Bearer ${token}` };
      },
    });
    for (const round of ['first', 'second']) {
      const closed = new Promise((resolve) => {
        const off = client.on('closed', (event) => {
          off();
          resolve(event);
        });
      });
      const results = client.iterate(news);
      const first = results.next();
      await api.source.reaches(1);
      api.source.publish({ text: round });
      expect((await first).value).toEqual({ data: { news: { text: round } } });
      const last = results.next();
      api.clock.advance(10);
      expect((await last).value).toMatchObject({ errors: [tokenExpired] });
      expect((await results.next()).done).toBe(true);
      await closed;
    }
    expect(new Set(inits).size).toBe(2);
    await client.dispose();
  });

  it('connects again by itself after 4403, with credentials that it gets anew', async () => {
    let tries = 0;
    const client = createWebSocketClient({
      url: api.webSocket,
      webSocketImpl: WebSocket,
      retryAttempts: 1,
      retryWait: async () => {},
      shouldRetry: () => true,
      connectionParams: () => {
        tries += 1;
        return { Authorization: `Bearer ${tokenFor(tries === 1 ? -60 : 10)}` };
      },
    });
    const ticks = client.iterate({ query: '{ private { subject } }' });
    expect((await ticks.next()).value).toEqual({
      data: { private: { subject: 'auth0|somebody' } },
    });
    expect(tries).toBe(2);
    await client.dispose();
  });

  it('throws the errors of what is refused', async () => {
    const client = createWebSocketClient({ url: api.webSocket, webSocketImpl: WebSocket });
    await expect(client.iterate(news).next()).rejects.toMatchObject([
      { path: ['news'], extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    await client.dispose();
  });
});
