import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectAs, connectRaw, subscribeTo } from './raw-socket.ts';
import { type SubscriptionApi, startApi } from './start-api.ts';

const many = 250;
const limits = { MAX_STREAMS: '2000', MAX_STREAMS_PER_VIEWER: '2000', LOG_LEVEL: 'silent' };

let api: SubscriptionApi;
beforeAll(async () => {
  // In tests, Yoga's heartbeats are forty times as frequent: many streams would be busy with them.
  vi.stubEnv('NODE_ENV', 'production');
  api = await startApi(limits);
});
afterAll(() => {
  vi.unstubAllEnvs();
  return api.stop();
});

const news = 'subscription { news { text } }';

/** Subscribes over SSE; resolves with the request once the answer has begun. */
function subscribe(to: SubscriptionApi, agent: Agent | false = false) {
  return new Promise<{ outgoing: ClientRequest; response: IncomingMessage }>((resolve, reject) => {
    const outgoing = request(
      to.endpoint,
      {
        method: 'POST',
        agent,
        headers: {
          Accept: 'text/event-stream',
          'Content-Type': 'application/json',
          Authorization: `Bearer ${token}`,
        },
      },
      (response) => {
        response.on('error', () => {});
        resolve({ outgoing, response });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify({ query: news }));
  });
}
let token = '';
beforeAll(() => {
  token = api.issuer.sign();
});

describe('clients that vanish leave nothing behind', () => {
  it(`${many} event streams`, async () => {
    const before = api.clock.waiting();
    const clients = await Promise.all(Array.from({ length: many }, () => subscribe(api)));
    await api.source.reaches(many);
    expect(api.clock.waiting()).toBe(before + many);
    for (const { outgoing } of clients) outgoing.destroy();
    await api.source.reaches(0);
    expect(api.clock.waiting()).toBe(before);
  }, 60_000);

  it(`${many} subscriptions over WebSocket`, async () => {
    const before = api.clock.waiting();
    const connections = 20;
    const sockets = await Promise.all(
      Array.from({ length: connections }, () =>
        connectAs(api.webSocket, { Authorization: `Bearer ${token}` }),
      ),
    );
    for (const raw of sockets) {
      await raw.next();
      for (let id = 0; id < many / connections; id += 1) raw.send(subscribeTo(news, String(id)));
    }
    await api.source.reaches(many);
    for (const raw of sockets) raw.socket.terminate();
    await api.source.reaches(0);
    await Promise.all(sockets.map((raw) => raw.closed));
    await expect.poll(() => api.clock.waiting()).toBe(before);
  }, 60_000);

  it('clients that are gone before the answer', async () => {
    const { started } = api.source;
    const outgoing = request(api.endpoint, {
      method: 'POST',
      agent: false,
      headers: {
        Accept: 'text/event-stream',
        'Content-Type': 'application/json',
        Authorization: `Bearer ${token}`,
      },
    });
    outgoing.on('error', () => {});
    outgoing.end(JSON.stringify({ query: 'subscription { late { text } }' }));
    await api.lateAsked;
    outgoing.destroy();
    await expect.poll(() => api.source.started).toBe(started + 1);
    await api.source.reaches(0);
  });
});

describe('a server that stops', () => {
  it('does not wait for connections that have sent nothing', async () => {
    const stopping = await startApi(limits);
    const { hostname, port } = new URL(stopping.origin);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    // The server has seen it by the time that it has answered another.
    await fetch(`${stopping.origin}/livez`);
    const began = performance.now();
    await Promise.all([stopping.stop(), once(silent, 'close')]);
    expect(performance.now() - began).toBeLessThan(900);
  });

  it('ends its streams with one last error, and is done at once', async () => {
    const stopping = await startApi(limits);
    const agent = new Agent({ keepAlive: true });
    const authorization = `Bearer ${stopping.issuer.sign()}`;
    const local = token;
    token = stopping.issuer.sign();
    const { response } = await subscribe(stopping, agent);
    token = local;
    let text = '';
    response.on('data', (data) => {
      text += data;
    });
    const ended = new Promise((resolve) => response.on('end', resolve));
    const raw = await connectAs(stopping.webSocket, { Authorization: authorization });
    const idle = await connectRaw(stopping.webSocket);
    await raw.next();
    raw.send(subscribeTo(news));
    await stopping.source.reaches(2);

    const began = performance.now();
    await stopping.stop();
    expect(performance.now() - began).toBeLessThan(900);
    await ended;
    expect(text).toContain('"reason":"stopping"');
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
    expect(await raw.next()).toMatchObject({
      type: 'next',
      payload: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', reason: 'stopping' } }] },
    });
    const closed = { code: 1001, reason: 'The server is shutting down.' };
    expect(await raw.closed).toEqual(closed);
    expect(await idle.closed).toEqual(closed);
    expect(stopping.source.isOpen).toBe(0);
    expect(stopping.clock.waiting()).toBe(0);
    agent.destroy();
  });
});
