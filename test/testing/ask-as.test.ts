import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anonymous,
  askAs,
  createTestIssuer,
  expectResponse,
  type TestableServer,
  viewerWith,
} from '../../src/index.ts';
import { createGuardedYoga } from './guarded-yoga.ts';

const issuer = createTestIssuer();
const publicUrl = 'http://localhost';
const yoga = createGuardedYoga(issuer, { dpop: 'optional', publicUrl });
const running = createServer(yoga);
const runningUrl = (): string => {
  const address = running.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`;
};
const viewers = {
  guest: issuer.viewer({ subject: 'ada' }),
  manager: issuer.viewer({ scopes: ['read:messages', 'profile'] }),
  bound: issuer.viewer({ dpop: true, subject: 'bob' }),
};

beforeAll(() => new Promise<void>((resolve) => running.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  running.close();
  running.closeAllConnections();
});

describe.each<[string, () => TestableServer]>([
  ['a fetch function', () => yoga.fetch],
  ['an object with a fetch function', () => ({ fetch: (request) => yoga.fetch(request) })],
  ['Yoga', () => yoga],
  [
    'a request listener',
    () => (request: IncomingMessage, response: ServerResponse) => yoga(request, response),
  ],
  ['a server of Node', () => createServer(yoga)],
  ['a server that listens', () => running],
  ['a URL', () => new URL(runningUrl())],
  ['the text of a URL', runningUrl],
])('askAs, with %s', (name, getServer) => {
  it('returns data', async () => {
    const response = await askAs(getServer(), viewers.guest, '{ open owner }');

    expect(response.status).toBe(200);
    expect(response.body).toEqual({ data: { open: 'open', owner: 'ada' } });
    expect(response.challenge).toBeUndefined();
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('sends variables', async () => {
    const operation = {
      query: 'query A { open } query B($text: String) { echo(text: $text) }',
      variables: { text: 'hello' },
      operationName: 'B',
    };

    const { body } = await askAs(getServer(), anonymous, operation);

    expect(body).toEqual({ data: { echo: 'hello' } });
  });

  it('parses challenges', async () => {
    const { status, challenge, challenges } = await askAs(getServer(), viewers.guest, '{ notes }');

    expect(status).toBe(403);
    expect(challenges).toEqual([challenge]);
    expect(challenge).toMatchObject({
      scheme: 'Bearer',
      error: 'insufficient_scope',
      scope: 'read:messages profile',
      error_description: 'The access token is missing a scope that this operation requires.',
    });
  });

  it('parses the challenge of each scheme', async () => {
    const { status, challenges } = await askAs(getServer(), anonymous, '{ owner }');

    expect(status).toBe(401);
    expect(challenges.map(({ scheme, error }) => [scheme, error])).toEqual([
      ['Bearer', undefined],
      ['DPoP', undefined],
    ]);
    expect(challenges[1]?.algs).toContain('ES256 ');
  });

  it('sends the text of a token', async () => {
    const { body } = await askAs(getServer(), await issuer.token({ subject: 'eve' }), '{ owner }');

    expect(body.data).toEqual({ owner: 'eve' });
  });

  it('sends proofs for the URL that clients see', async () => {
    const url = `${publicUrl}/graphql`;
    // A request to a URL goes there, so that is where its clients see it.
    if (/URL/.test(name)) {
      const { challenge } = await askAs(getServer(), viewers.bound, '{ owner }');
      expect(challenge?.error).toBe('invalid_dpop_proof');
    } else {
      const { body } = await askAs(getServer(), viewers.bound, '{ owner }', { url });
      expect(body.data).toEqual({ owner: 'bob' });
    }
  });
});

describe('askAs', () => {
  it('does not leave a server running that it started', async () => {
    const server = createServer(yoga);
    await askAs(server, anonymous, '{ open }');

    expect(server.listening).toBe(false);
    expect(running.listening).toBe(true);
  });

  it('sends requests at the same time to a server that is not listening', async () => {
    const server = createServer(yoga);
    const before = server.listenerCount('error');
    const ask = () => askAs(server, anonymous, '{ open }');
    const responses = await Promise.all([ask(), ask(), ask()]);

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(server.listenerCount('error')).toBe(before);
  });

  it('works with the request listener of graphql-http', async () => {
    const listener = createHandler({
      schema: buildSchema('type Query { open: String }'),
      rootValue: { open: 'open' },
    });

    const response = await askAs(listener, anonymous, '{ open }', { url: 'http://localhost/' });

    expectResponse(response).toHaveData({ open: 'open' });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a viewer without a token',
      () => {
        const viewer = viewerWith();
        // @ts-expect-error It has no credentials.
        return askAs(yoga, viewer, '{ owner }');
      },
      'Create it with the viewer method of a test issuer',
    ],
    [
      'another URL',
      () => askAs(yoga, anonymous, '{ open }', { url: 'http://localhost/other' }),
      'http://localhost/other responded with status 404',
    ],
    [
      'a stream',
      () =>
        askAs(yoga, anonymous, '{ open }', {
          headers: { Accept: 'text/event-stream' },
        }),
      'a stream',
    ],
    [
      'JSON that is not a result',
      () => askAs(() => Response.json({ hello: 1 }), anonymous, '{ open }'),
      'not with a GraphQL response: {"hello":1}',
    ],
    [
      'a listener without parameters',
      () => askAs(() => {}, anonymous, '{ open }'),
      'returned no response',
    ],
    [
      'something else',
      () =>
        // @ts-expect-error It is not a server.
        askAs({}, anonymous, '{ open }'),
      'the server must be',
    ],
  ])('explains %s', async (_, run, message) => {
    await expect(run()).rejects.toThrow(message);
  });
});
