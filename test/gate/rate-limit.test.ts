import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  AuthError,
  type AuthenticationFailure,
  anonymous,
  authDirectives,
  createGate,
  guardSchema,
  type RateLimiter,
  type RateQuota,
} from '../../src/layer.ts';
import { operate } from '../support/http.ts';
import { httpServers } from './http-servers.ts';

const quota = (overrides: Partial<RateQuota> = {}): RateQuota => ({
  limit: 'address',
  points: 2,
  windowSeconds: 60,
  used: 1,
  resetSeconds: 59.2,
  ...overrides,
});

const request = { method: 'POST', url: '/graphql', headers: new Headers() };

describe('a gate with rate limits', () => {
  /** What is called, in this order. */
  async function run(limiter: Partial<RateLimiter>, error?: AuthError) {
    const calls: unknown[] = [];
    const gate = createGate({
      authenticator: {
        async authenticate() {
          calls.push('authenticate');
          if (error) throw error;
          return anonymous;
        },
      },
      rateLimit: {
        countRequest(counted) {
          calls.push('request');
          return limiter.countRequest?.(counted) ?? [];
        },
        countViewer(viewer) {
          calls.push('viewer');
          return limiter.countViewer?.(viewer) ?? [];
        },
        countFailure: (_, failure: AuthenticationFailure) => void calls.push(failure),
      },
    });
    return { outcome: await gate.authenticate(request), calls };
  }

  it('counts before and after authentication', async () => {
    const { outcome, calls } = await run({
      countRequest: () => [quota()],
      countViewer: async () => [quota({ limit: 'viewer', used: 2, resetSeconds: 0.1 })],
    });
    expect(calls).toEqual(['request', 'authenticate', 'viewer']);
    expect(outcome).toMatchObject({
      kind: 'authenticated',
      headers: {
        'RateLimit-Policy': '"address";q=2;w=60, "viewer";q=2;w=60',
        RateLimit: '"address";r=1;t=60, "viewer";r=0;t=1',
      },
    });
  });

  it('does not authenticate beyond a limit', async () => {
    const { outcome, calls } = await run({ countRequest: () => [quota({ used: 3 })] });
    expect(calls).toEqual(['request']);
    expect(outcome).toMatchObject({ status: 429, headers: { 'Retry-After': '60' } });
  });

  it('names the exceeded limit whose window ends last', async () => {
    const { outcome } = await run({
      countViewer: () => [
        quota({ limit: 'a', used: 3, resetSeconds: 5 }),
        quota({ limit: 'b', used: 3, resetSeconds: 50 }),
        quota({ limit: 'c', used: 1, resetSeconds: 500 }),
      ],
    });
    expect(outcome).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '50' },
      errors: [{ extensions: { code: 'RATE_LIMITED', limit: 'b', retryAfter: 50 } }],
    });
  });

  it('says why credentials were refused', async () => {
    const { outcome, calls } = await run({}, new AuthError('token_signature'));
    expect(outcome).toMatchObject({ kind: 'refused', status: 401 });
    expect(calls).toEqual([
      ...['request', 'authenticate'],
      { reason: 'token_signature', status: 401 },
    ]);
  });

  it('serves nothing if a limiter fails', async () => {
    const failing = run({ countViewer: () => Promise.reject(new Error('no counter')) });
    await expect(failing).rejects.toThrow('no counter');
  });
});

describe('a server with rate limits', () => {
  const typeDefs = `${authDirectives} type Query { open: Int secret: Int @auth }`;
  const schema = guardSchema(
    makeExecutableSchema({ typeDefs, resolvers: { Query: { open: () => 1 } } }),
  );
  const authenticator = { authenticate: async () => anonymous };

  it.each(Object.entries(httpServers))('refuses requests beyond a limit: %s', async (_, start) => {
    let used = 0;
    const rateLimit: RateLimiter = {
      countRequest() {
        used += 1;
        return [quota({ points: 1, used })];
      },
      countViewer: () => [],
    };
    const { url, close } = await start({ schema, authenticator, rateLimit });
    try {
      const allowed = await operate(url, '{ open }');
      expect([allowed.status, allowed.body]).toEqual([200, { data: { open: 1 } }]);
      const refused = await operate(url, '{ open }');
      expect(refused.status).toBe(429);
      expect(refused.headers).toMatchObject({
        'retry-after': '60',
        'ratelimit-policy': '"address";q=1;w=60',
        ratelimit: '"address";r=0;t=60',
        'cache-control': 'no-store',
      });
      expect(refused.body).toMatchObject({
        errors: [
          {
            message: 'Too many requests. Try again in 60 seconds.',
            extensions: { code: 'RATE_LIMITED', limit: 'address', retryAfter: 60 },
          },
        ],
      });
    } finally {
      await close();
    }
  });

  it.each(Object.entries(httpServers))('hides what a limiter throws: %s', async (_, start) => {
    // Where there is no other log.
    const log = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const rateLimit: RateLimiter = {
      countRequest: () => [],
      countViewer: () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3:6379')),
    };
    const { url, close } = await start({ schema, authenticator, rateLimit });
    try {
      const { status, text, body } = await operate(url, '{ open }');
      expect([status, body.errors]).toMatchObject([500, [{ message: 'Unexpected error.' }]]);
      expect(text).not.toContain('ECONNREFUSED');
    } finally {
      await close();
    }
  });
});
