import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createMetrics, type MetricsOptions } from '../../../src/adapters/metrics/index.ts';
import {
  AuthError,
  anonymous,
  authDirectives,
  createAuthenticator,
  createGate,
  guardSchema,
  useAuth,
  type Viewer,
  viewerWith,
} from '../../../src/index.ts';
import { withSystemTimers } from '../../support/clock.ts';
import { createTestIssuer } from '../../support/tokens.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: String
    user: String @auth
    admin: String @auth(scope: "admin")
    broken: String
    failing: String @auth(policy: "failing")
    denied: String @auth(policy: "denying")
  }
  type Mutation {
    touch: String @auth
  }
  type Subscription {
    counts: Int @auth
  }
`;

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: {
        open: () => 'open',
        broken: () => {
          throw new Error('a message of the resolver');
        },
      },
      Subscription: {
        counts: {
          async *subscribe() {
            yield { counts: 1 };
          },
        },
      },
    },
  }),
  {
    policies: {
      failing() {
        throw new Error('a message of the policy');
      },
      denying: () => false,
    },
  },
);
const ada = viewerWith({ subject: 'ada', scopes: ['read'], claims: {} });

/** The samples of counters and gauges that are not zero, without the prefix. */
async function samplesOf(registry: Registry, prefix = 'graphql_resource_server_') {
  const lines = (await registry.metrics()).split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#') && !/duration_seconds|\s0$/.test(line))
    .map((line) => line.replace(prefix, ''))
    .sort();
}

/** Sends an operation through a gate with metrics. */
async function measure(viewer: Viewer | AuthError, operation: string, options?: MetricsOptions) {
  const metrics = createMetrics(options);
  const gate = createGate({
    authenticator: {
      async authenticate() {
        if (viewer instanceof AuthError) throw viewer;
        return viewer;
      },
    },
    observers: [metrics],
  });
  const authenticated = await gate.authenticate({
    method: 'POST',
    url: '/graphql',
    headers: new Headers(),
  });
  if (authenticated.kind === 'authenticated') {
    const contextValue = { viewer: authenticated.viewer };
    const allowed = await gate.authorize({ schema, document: parse(operation), contextValue });
    if (allowed.kind === 'allowed') allowed.finish(await execute(allowed.args));
  }
  return metrics;
}

describe('what happens at the gate is counted', () => {
  test.each<[string, Viewer | AuthError, string, readonly string[]]>([
    ['anonymous requests', anonymous, '{ open }', ['authentications_total{outcome="anonymous"} 1']],
    ['authenticated ones', ada, '{ user }', ['authentications_total{outcome="authenticated"} 1']],
    [
      'refused credentials',
      new AuthError('token_expired'),
      '{ open }',
      [
        'authentications_total{outcome="refused"} 1',
        'refusals_total{kind="credentials",reason="token_expired",code="UNAUTHENTICATED",coordinate=""} 1',
      ],
    ],
    [
      'a refused operation',
      anonymous,
      'mutation { touch }',
      [
        'authentications_total{outcome="anonymous"} 1',
        'operations_total{type="mutation",outcome="refused"} 1',
        'refusals_total{kind="rule",reason="authentication",code="UNAUTHENTICATED",coordinate="Mutation.touch"} 1',
      ],
    ],
    [
      'a refused field',
      ada,
      '{ open admin }',
      [
        'authentications_total{outcome="authenticated"} 1',
        'refusals_total{kind="rule",reason="scope",code="FORBIDDEN",coordinate="Query.admin"} 1',
      ],
    ],
    [
      'a policy that fails, unlike one that denies',
      ada,
      '{ open failing denied }',
      [
        'authentications_total{outcome="authenticated"} 1',
        'policy_errors_total{policy="failing"} 1',
        'refusals_total{kind="rule",reason="policy",code="FORBIDDEN",coordinate="Query.denied"} 1',
        'refusals_total{kind="rule",reason="policy",code="FORBIDDEN",coordinate="Query.failing"} 1',
      ],
    ],
  ])('%s', async (_name, viewer, operation, expected) => {
    const { registry } = await measure(viewer, operation);
    expect(await samplesOf(registry)).toEqual(expected);
  });

  test('operations that are executed, and streams', async () => {
    const issuer = createTestIssuer();
    const authenticator = createAuthenticator({
      issuer: issuer.issuer,
      audience: issuer.audience,
      fetch: issuer.fetch,
      clock: issuer.clock,
    });
    const metrics = createMetrics({ authenticator, clock: issuer.clock });
    const auth = useAuth({
      authenticator,
      observers: [metrics],
      clock: withSystemTimers(issuer.clock),
    });
    const yoga = createYoga({ schema, plugins: [auth], logging: false });
    const token = issuer.sign();
    const send = async (query: string): Promise<string> => {
      const response = await yoga.fetch('http://api.test/graphql', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Accept: 'text/event-stream, application/json',
          Authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query }),
      });
      return response.text();
    };
    await send('{ user }');
    issuer.clock.advance(90);
    await send('{ open broken }');
    await send('{ broken }');
    await send('subscription { counts }');
    expect(await samplesOf(metrics.registry)).toEqual(
      [
        'authentications_total{outcome="authenticated"} 4',
        `issuer_fetches_total{issuer="${issuer.issuer}",result="ok"} 1`,
        `issuer_keys_age_seconds{issuer="${issuer.issuer}"} 90`,
        `issuer_up{issuer="${issuer.issuer}"} 1`,
        'known_tokens 1',
        'operations_total{type="query",outcome="completed"} 1',
        'operations_total{type="query",outcome="partial"} 2',
        'operations_total{type="subscription",outcome="stream"} 1',
        'streams_ended_total{reason="complete"} 1',
        'token_lookups_total{result="hit"} 3',
        'token_lookups_total{result="miss"} 1',
      ].sort(),
    );
  });
});

test('steps are measured', async () => {
  const { registry } = await measure(ada, '{ open }');
  const text = await registry.metrics();
  for (const step of ['authenticate', 'authorize']) {
    expect(text).toContain(`step_duration_seconds_count{step="${step}"} 1`);
  }
});

test('a label has no more values than allowed', async () => {
  const metrics = createMetrics({ maxLabelValues: 2 });
  for (const reason of ['a', 'b', 'c', 'd', 'a']) {
    metrics.onRefusal?.({
      kind: 'credentials',
      reason,
      code: 'UNAUTHENTICATED',
      status: 401,
      scheme: 'Bearer',
    });
  }
  expect(await samplesOf(metrics.registry)).toEqual(
    ['a', 'b', 'other'].map(
      (reason, index) =>
        `refusals_total{kind="credentials",reason="${reason}",code="UNAUTHENTICATED",coordinate=""} ${[2, 1, 2][index]}`,
    ),
  );
});

test('the registry and the prefix can be chosen', async () => {
  const registry = new Registry();
  const metrics = await measure(ada, '{ open }', { registry, prefix: 'my_' });
  expect(metrics.registry).toBe(registry);
  expect(await samplesOf(registry, 'my_')).toEqual([
    'authentications_total{outcome="authenticated"} 1',
  ]);
});

test.each<[object, RegExp]>([
  [{ prefixes: 'x' }, /no option prefixes/],
  [{ prefix: 'my-' }, /prefix must consist/],
  [{ maxLabelValues: 0 }, /maxLabelValues must be/],
  [{ authenticator: {} }, /authenticator must be/],
  [{ registry: {} }, /registry must be/],
])('%o is not accepted', (options, message) => {
  expect(() => createMetrics(options)).toThrow(message);
});
