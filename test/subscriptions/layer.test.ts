import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  type AuthContext,
  type AuthenticatedViewer,
  anonymous,
  authDirectives,
  guardSchema,
  maskUnexpectedErrors,
  type UseAuthOptions,
  useAuth,
} from '../../src/index.ts';
import { createTestClock } from '../support/clock.ts';
import { readEvents } from './read-events.ts';
import { createSource } from './source.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
  }
  type Subscription {
    news: News @auth(scope: "read")
    everybody: News
  }
  type News {
    text: String
    secret: String @auth(scope: "secret")
    fresh: String @auth(maxAge: 60)
    policed: String @auth(policy: "isSmall")
  }
`;

function setUp(options: Partial<UseAuthOptions> = {}) {
  const clock = createTestClock();
  const source = createSource<{ text: string }>();
  const news = {
    subscribe: () => source.open(),
    resolve: (event: { text: string }) => ({ ...event, secret: 's', fresh: 'f', policed: 'p' }),
  };
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs,
      resolvers: { Subscription: { news, everybody: news } },
    }),
    {
      policies: {
        isSmall: ({ source: event }) =>
          typeof event === 'object' && event !== null && 'text' in event && event.text === 'small',
      },
      now: () => clock.now().getTime(),
    },
  );
  const viewerOf = (authorization: string): AuthenticatedViewer => ({
    kind: 'authenticated',
    id: authorization,
    subject: authorization,
    issuer: 'https://issuer.test/',
    scopes: new Set(authorization.includes('weak') ? [] : ['read']),
    claims: { sub: authorization, auth_time: clock.seconds() },
    expiresAt: new Date(clock.now().getTime() + 600_000),
  });
  const logged: unknown[] = [];
  const yoga = createYoga<object, AuthContext>({
    schema,
    logging: { debug() {}, info() {}, warn() {}, error: (...all: unknown[]) => logged.push(all) },
    maskedErrors: {
      maskError: maskUnexpectedErrors({ report: () => {}, createId: () => 'the-id' }),
    },
    plugins: [
      useAuth({
        authenticator: {
          async authenticate({ headers }) {
            const authorization = headers.get('authorization');
            return authorization === null ? anonymous : viewerOf(authorization);
          },
        },
        clock,
        ...options,
      }),
    ],
  });
  const subscribe = async (
    query: string,
    { as = 'somebody', accept = 'text/event-stream' }: { as?: string; accept?: string } = {},
  ) => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        ...(as ? { authorization: as } : {}),
      },
      body: JSON.stringify({ query }),
    });
    return { response, events: readEvents(response) };
  };
  return { clock, source, yoga, subscribe };
}

const tokenExpired = {
  message: 'The access token has expired. Get a new one.',
  extensions: { code: 'UNAUTHENTICATED', reason: 'token_expired' },
};

describe('a subscription', () => {
  it('gives events until the token ends, then one last error', async () => {
    const { clock, source, subscribe } = setUp();
    const { response, events } = await subscribe('subscription { news { text } }');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    source.publish({ text: 'one' });
    expect(await events.next()).toEqual({ data: { news: { text: 'one' } } });
    clock.advance(599);
    source.publish({ text: 'two' });
    expect(await events.next()).toEqual({ data: { news: { text: 'two' } } });
    clock.advance(1);
    expect(source.isOpen).toBe(0);
    expect(await events.next()).toEqual({ errors: [tokenExpired] });
    expect(await events.next()).toBe('complete');
    expect(await events.next()).toBe('end');
    expect(clock.waiting()).toBe(0);
  });

  it('ends while it waits for an event', async () => {
    const { clock, source, subscribe } = setUp();
    const { events } = await subscribe('subscription { news { text } }');
    const waiting = events.next();
    clock.advance(600);
    expect(await waiting).toEqual({ errors: [tokenExpired] });
    expect(await events.next()).toBe('complete');
    expect(source.isOpen).toBe(0);
  });

  it('lets its timer go when the client does', async () => {
    const { clock, source, subscribe } = setUp();
    const { events } = await subscribe('subscription { news { text } }');
    source.publish({ text: 'one' });
    await events.next();
    expect([source.isOpen, clock.waiting()]).toEqual([1, 1]);
    await events.leave();
    await source.reaches(0);
    expect(clock.waiting()).toBe(0);
  });

  it.each([
    ['an anonymous viewer', '', 401, 'UNAUTHENTICATED'],
    ['a viewer without the scope', 'weak', 403, 'FORBIDDEN'],
  ])('is not started for %s', async (_case, as, status, code) => {
    const { source, subscribe } = setUp();
    const { response, events } = await subscribe('subscription { news { text } }', { as });
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toContain('Bearer realm="graphql"');
    expect(await events.next()).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(source.started).toBe(0);
  });

  it('is not started where a field of its events is refused', async () => {
    const { source, subscribe } = setUp();
    const { response } = await subscribe('subscription { news { text secret } }');
    expect([response.status, source.started]).toEqual([403, 0]);
  });

  it('is checked at each event', async () => {
    const { clock, source, subscribe } = setUp();
    const { events } = await subscribe('subscription { news { text fresh policed } }');
    source.publish({ text: 'small' });
    expect(await events.next()).toEqual({
      data: { news: { text: 'small', fresh: 'f', policed: 'p' } },
    });
    clock.advance(120);
    source.publish({ text: 'large' });
    expect(await events.next()).toMatchObject({
      data: { news: { text: 'large', fresh: null, policed: null } },
      errors: [
        { path: ['news', 'fresh'], extensions: { code: 'UNAUTHENTICATED', maxAge: 60 } },
        { path: ['news', 'policed'], extensions: { code: 'FORBIDDEN' } },
      ],
    });
  });

  it('goes on without end for viewers without a token', async () => {
    const { clock, source, subscribe } = setUp();
    const { events } = await subscribe('subscription { everybody { text } }', { as: '' });
    clock.advance(100_000);
    source.publish({ text: 'one' });
    expect(await events.next()).toEqual({ data: { everybody: { text: 'one' } } });
    expect(clock.waiting()).toBe(0);
  });

  it('masks what its source throws', async () => {
    const { source, subscribe } = setUp();
    const { events } = await subscribe('subscription { news { text } }');
    source.fail(new Error('the database said: password'));
    expect(await events.next()).toMatchObject({
      errors: [{ message: 'Unexpected error.', extensions: { id: 'the-id' } }],
    });
  });

  it.each([
    'application/json',
    'application/graphql-response+json',
    'multipart/mixed',
    'text/html',
  ])('that is asked for as %s is not started', async (accept) => {
    const { clock, source, subscribe } = setUp();
    const { response } = await subscribe('subscription { news { text } }', { accept });
    expect(response.status).toBe(406);
    expect(await response.json()).toEqual({
      errors: [
        {
          message:
            'This operation returns a stream. Send Accept: text/event-stream or use WebSocket.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
    expect([source.isOpen, clock.waiting()]).toEqual([0, 0]);
  });
});

describe('how many there may be', () => {
  const tooMany = (code: string, reason: string) => ({
    errors: [{ extensions: { code, reason } }],
  });
  const news = 'subscription { news { text } }';

  it('is bounded for each viewer', async () => {
    const { source, subscribe } = setUp({ streams: { perViewer: 2 } });
    const first = await subscribe(news);
    await subscribe(news);
    const third = await subscribe(news);
    expect(third.response.status).toBe(429);
    expect(await third.events.next()).toMatchObject(
      tooMany('TOO_MANY_STREAMS', 'too_many_of_viewer'),
    );
    expect((await subscribe(news, { as: 'another' })).response.status).toBe(200);
    expect(source.started).toBe(3);
    source.publish({ text: 'one' });
    await first.events.next();
    await first.events.leave();
    await source.reaches(2);
    expect((await subscribe(news)).response.status).toBe(200);
  });

  it.each([
    { perViewer: 2, total: 2 },
    { perViewer: 2, inAll: 2 },
  ])('is bounded in total: %j', async (streams) => {
    const { subscribe } = setUp({ streams });
    await subscribe(news);
    await subscribe('subscription { everybody { text } }', { as: '' });
    const third = await subscribe(news, { as: 'another' });
    expect(third.response.status).toBe(503);
    expect(third.response.headers.get('retry-after')).toBe('1');
    expect(await third.events.next()).toMatchObject(
      tooMany('SERVICE_UNAVAILABLE', 'too_many_in_all'),
    );
  });

  it('is half of the total for anonymous viewers', async () => {
    const { subscribe } = setUp({ streams: { perViewer: 4, total: 4 } });
    const open = 'subscription { everybody { text } }';
    const statuses: number[] = [];
    for (const as of ['', '', '', 'somebody', 'another', 'third']) {
      statuses.push((await subscribe(open, { as })).response.status);
    }
    expect(statuses).toEqual([200, 200, 503, 200, 200, 503]);
  });

  it('does not count what was refused, or did not begin', async () => {
    const { subscribe } = setUp({ streams: { perViewer: 1 } });
    await subscribe(news, { as: 'weak' });
    await subscribe('subscription { news { none } }');
    expect((await subscribe(news, { as: 'weak but read' })).response.status).toBe(403);
    expect((await subscribe(news)).response.status).toBe(200);
  });

  it.each([
    [{ streams: { perViewer: 0 } }, 'streams.perViewer must be a number above 0.'],
    [{ streams: { total: Number.NaN } }, 'streams.total must be a number above 0.'],
    [{ streams: { inAll: Number.NaN } }, 'streams.inAll must be a number above 0.'],
    [{ streams: { perUser: 1 } }, 'There is no option streams.perUser: perViewer, total.'],
  ])('refuses %j', (options, fault) => {
    expect(() => setUp(options as Partial<UseAuthOptions>)).toThrow(fault);
  });
});

it('ends every stream when Yoga is disposed of, and begins no more', async () => {
  const { clock, source, yoga, subscribe } = setUp();
  const { events } = await subscribe('subscription { news { text } }');
  await yoga.dispose();
  const stopping = { code: 'SERVICE_UNAVAILABLE', reason: 'stopping' };
  expect(await events.next()).toMatchObject({ errors: [{ extensions: stopping }] });
  expect(await events.next()).toBe('complete');
  expect([source.isOpen, clock.waiting()]).toEqual([0, 0]);
  const late = await subscribe('subscription { news { text } }');
  expect([late.response.status, source.started]).toEqual([503, 1]);
});
