import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operate } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('a condition on the root field of a subscription', () => {
  test.each<[operation: string, variables?: Readonly<Record<string, unknown>>]>([
    ['subscription { clock @skip(if: true) { time } }'],
    ['subscription { clock @include(if: false) { time } }'],
    ['subscription { clock @skip(if: false) { time } }'],
    ['subscription ($no: Boolean!) { clock @skip(if: $no) { time } }', { no: false }],
    ['subscription ($no: Boolean!) { clock @skip(if: $no) { time } }', { no: true }],
    ['subscription ($no: Boolean = true) { clock @skip(if: $no) { time } }'],
    ['subscription { ... @skip(if: true) { clock { time } } }'],
    ['subscription { ...F } fragment F on Subscription { ... { clock @skip(if: true) { time } } }'],
    ['subscription { ...F @include(if: false) } fragment F on Subscription { clock { time } }'],
  ])('%s is one request error', async (query, variables = {}) => {
    const { status, body } = await operate(server.endpoint, query, {
      variables,
      token: server.issuer.sign(),
      accept: 'application/graphql-response+json',
    });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([
      {
        message: expect.stringContaining(
          'The root field of a subscription cannot have a condition',
        ),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ]);
  });

  test.each([
    'subscription { clock { time @skip(if: true) tokenEndsIn } }',
    'query { public @skip(if: false) { message } }',
  ])('%s is not one', async (query) => {
    const { body } = await operate(server.endpoint, query, { accept: 'application/json' });
    expect(JSON.stringify(body)).not.toContain('cannot have a condition');
  });
});
