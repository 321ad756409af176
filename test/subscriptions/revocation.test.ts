import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { expect, it } from 'vitest';
import {
  type AuthContext,
  authDirectives,
  createRevocationList,
  guardSchema,
  type RefusalEvent,
  type Revocations,
  useAuth,
} from '../../src/index.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer } from '../support/tokens.ts';
import { readEvents } from './read-events.ts';
import { createSource } from './source.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
  }
  type Subscription {
    news: News
  }
  type News {
    text: String
  }
`;

const settle = () => new Promise((resolve) => setImmediate(resolve));

function setUp(own?: Revocations) {
  const clock = createTestClock();
  const issuer = createTestIssuer({ clock });
  const list = createRevocationList({ clock });
  const source = createSource<{ text: string }>();
  const refusals: RefusalEvent[] = [];
  const yoga = createYoga<object, AuthContext>({
    schema: guardSchema(
      makeExecutableSchema<AuthContext>({
        typeDefs,
        resolvers: {
          Subscription: {
            news: { subscribe: () => source.open(), resolve: (event: object) => event },
          },
        },
      }),
      { allowNoRules: true },
    ),
    plugins: [
      useAuth({
        authenticator: authenticatorFor(issuer, { revocations: own ?? list }),
        clock,
        onRefusal: (refusal) => refusals.push(refusal),
      }),
    ],
  });
  const subscribe = async (token: string | undefined) => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: 'subscription { news { text } }' }),
    });
    return readEvents(response);
  };
  return { clock, issuer, list, source, refusals, subscribe };
}

const last = (message: string, code: string, reason: string) => ({
  errors: [{ message, extensions: { code, reason } }],
});
const revoked = last(
  'The access token was revoked. Get a new one.',
  'UNAUTHENTICATED',
  'token_revoked',
);
const unavailable = last(
  'Whether the access token was revoked cannot be checked right now. Try again shortly.',
  'SERVICE_UNAVAILABLE',
  'revocation_unavailable',
);

it('all streams of a revoked token end within 2 seconds, and no others', async () => {
  const { clock, issuer, list, source, refusals, subscribe } = setUp();
  const token = issuer.sign({ claims: { sub: 'ada' } });
  const ended = [await subscribe(token), await subscribe(token)];
  const others = [
    await subscribe(issuer.sign({ claims: { sub: 'bob' } })),
    await subscribe(undefined),
  ];
  expect(source.isOpen).toBe(4);
  await list.revoke({ issuer: issuer.issuer, subject: 'ada' });
  clock.advance(2);
  for (const events of ended) {
    expect(await events.next()).toEqual(revoked);
    expect(await events.next()).toBe('complete');
  }
  expect(source.isOpen).toBe(2);
  expect(refusals).toEqual(
    Array.from({ length: 2 }, () => ({
      kind: 'stream',
      reason: 'token_revoked',
      code: 'UNAUTHENTICATED',
      viewer: { kind: 'authenticated', id: expect.any(String) },
    })),
  );
  clock.advance(60);
  source.publish({ text: 'one' });
  for (const events of others) {
    expect(await events.next()).toEqual({ data: { news: { text: 'one' } } });
  }
});

it('a viewer is checked once for all streams, and not after the last one', async () => {
  const checked: string[] = [];
  const { clock, issuer, source, subscribe } = setUp({
    async isRevoked({ subject }) {
      checked.push(subject);
      return false;
    },
  });
  const token = issuer.sign({ claims: { sub: 'ada' } });
  await subscribe(token);
  await subscribe(token);
  checked.length = 0;
  clock.advance(2);
  await settle();
  clock.advance(2);
  await settle();
  expect(checked).toEqual(['ada', 'ada']);
  clock.advance(600);
  expect(source.isOpen).toBe(0);
  await settle();
  checked.length = 0;
  clock.advance(2);
  await settle();
  expect(checked).toEqual([]);
  expect(clock.waiting()).toBe(0);
});

it('a viewer whose token has expired, within the clock tolerance, is not checked after the stream', async () => {
  const checked: string[] = [];
  const { clock, issuer, source, subscribe } = setUp({
    isRevoked({ subject }) {
      checked.push(subject);
      return false;
    },
  });
  const exp = clock.seconds() - 2;
  const events = await subscribe(issuer.sign({ claims: { sub: 'ada', exp } }));
  expect(await events.next()).toMatchObject({
    errors: [{ extensions: { reason: 'token_expired' } }],
  });
  expect(await events.next()).toBe('complete');
  expect(source.isOpen).toBe(0);
  expect(checked).toEqual(['ada']);
  clock.advance(2);
  await settle();
  expect(checked).toEqual(['ada']);
  expect(clock.waiting()).toBe(0);
});

it.each<[string, () => boolean | Promise<boolean>, object]>([
  ['revoked', async () => true, revoked],
  [
    'unknown',
    () => {
      throw new Error('down');
    },
    unavailable,
  ],
  ['unknown, asynchronously', () => Promise.reject(new Error('down')), unavailable],
])('streams end if it is %s', async (_case, then, final) => {
  let isRevoked: () => boolean | Promise<boolean> = () => false;
  const { clock, issuer, subscribe } = setUp({ isRevoked: () => isRevoked() });
  const events = await subscribe(issuer.sign());
  isRevoked = then;
  clock.advance(2);
  expect(await events.next()).toEqual(final);
  expect(await events.next()).toBe('complete');
});
