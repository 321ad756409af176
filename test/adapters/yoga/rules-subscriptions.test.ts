import { describe, expect, test } from 'vitest';
import { createViewer, RulesApi } from '../../support/rules-api.ts';

/* Subscriptions over server-sent events: refused before their source starts, and guarded event by event. */

const schema = `
  type Query { a: Int }
  type Subscription {
    open: T
    closed: T @auth(scope: "read")
    asks: T @auth(policy: "mine")
    argument(a: Int @auth): T
    returnsGuarded: G
  }
  type T { s: String @auth own: String e: E es: [E] }
  type G @auth { s: String }
  enum E { PLAIN SECRET @auth(scope: "read") }
`;

async function* events(): AsyncGenerator<unknown> {
  const es = Array.from({ length: 120 }, () => 'SECRET');
  for (const own of ['one', 'two', 'three']) {
    const event = { s: 'secret', own, e: own === 'two' ? 'SECRET' : 'PLAIN', es };
    yield { open: event, closed: event, asks: event, argument: event, returnsGuarded: event };
  }
}

function api(policy: (source: unknown) => boolean = () => true) {
  return new RulesApi(schema, {
    subscribe: {
      open: events,
      closed: events,
      asks: events,
      argument: events,
      returnsGuarded: events,
    },
    policies: { mine: ({ source }) => policy(source) },
  });
}

async function listen(server: RulesApi, query: string, viewer = createViewer('')) {
  const response = await server.post({ query }, viewer, 'text/event-stream');
  const text = await response.text();
  const results = [...text.matchAll(/^data: (.+)$/gm)].flatMap(([, data]) => {
    const parsed: unknown = JSON.parse(data ?? 'null');
    return typeof parsed === 'object' && parsed !== null ? [parsed] : [];
  });
  return { status: response.status, results, text, ran: server.ran };
}

describe('refused', () => {
  test.each([
    ['a field', 'subscription { closed { own } }', 403, 'FORBIDDEN'],
    ['a field below it', 'subscription { open { own s } }', 401, 'UNAUTHENTICATED'],
    ['an argument', 'subscription { argument(a: 1) { own } }', 401, 'UNAUTHENTICATED'],
    [
      'a guarded return type',
      'subscription { returnsGuarded { __typename } }',
      401,
      'UNAUTHENTICATED',
    ],
  ])('%s', async (_name, query, status, code) => {
    const server = api();
    const { kind } = createViewer();
    const viewer = status === 403 ? createViewer('other') : undefined;
    const accept = 'text/event-stream';
    const response = await server.post({ query }, viewer, accept);
    const text = await response.text();
    expect(kind).toBe('authenticated');
    expect(text).toContain(code);
    expect(text).not.toContain('secret');
    expect(server.ran).toEqual([]);
    const asJson = await server.post({ query }, viewer);
    expect(asJson.status).toBe(status);
    expect(server.ran).toEqual([]);
  });

  test('by a policy, before the source starts', async () => {
    const server = api(() => false);
    expect((await listen(server, 'subscription { asks { own } }')).ran).toEqual([]);
  });
});

describe('each event', () => {
  test('is guarded, the last like the first', async () => {
    const { results } = await listen(api(), 'subscription { open { own e } }', createViewer());
    expect(results).toMatchObject([
      { data: { open: { own: 'one', e: 'PLAIN' } } },
      { data: { open: { own: 'two', e: null } }, errors: [{ path: ['open', 'e'] }] },
      { data: { open: { own: 'three', e: 'PLAIN' } } },
    ]);
  });

  test('has a hundred refusals of its own', async () => {
    const { results } = await listen(api(), 'subscription { open { es } }', createViewer());
    expect(results).toHaveLength(3);
    for (const result of results) {
      const errors = 'errors' in result && Array.isArray(result.errors) ? result.errors : [];
      expect(errors.map(({ path, extensions }) => path ?? extensions)).toEqual([
        ...Array.from({ length: 100 }, (_, at) => ['open', 'es', at]),
        { code: 'FORBIDDEN', refused: 20 },
      ]);
    }
  });

  test('is asked about by the policies, as its source', async () => {
    const sources: unknown[] = [];
    const server = api((source) => {
      sources.push(source);
      return !JSON.stringify(source ?? null).includes('two');
    });
    const { results } = await listen(server, 'subscription { asks { own } }');
    expect(sources).toHaveLength(4);
    expect(sources[0]).toBeUndefined();
    expect(results).toMatchObject([
      { data: { asks: { own: 'one' } } },
      { data: { asks: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
      { data: { asks: { own: 'three' } } },
    ]);
  });
});
