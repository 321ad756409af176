import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { readDocument, root } from '../documentation/markdown.ts';
import { copyProject } from '../support/copy-project.ts';
import { freePort, freePorts } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';
import { type PostgresProcess, startPostgres } from './postgres-process.ts';
import { at, type PrometheusProcess, promtool, startPrometheus } from './prometheus-process.ts';
import { type RedisProcess, startRedis } from './redis-process.ts';

const typeDefs = `${authDirectives}

type Query {
  open: Int
  guarded: Int @auth
  admin: Int @auth(scope: "admin")
  failing: Int @auth(policy: "failing")
  broken: Int
}

type Subscription {
  numbers: Int @auth
}
`;

const api = `export const resolvers = {
  Query: {
    open: () => 1,
    guarded: () => 1,
    admin: () => 1,
    failing: () => 1,
    broken: () => { throw new Error('broken'); },
  },
  Subscription: {
    numbers: {
      async *subscribe() {
        for (let number = 1; number < 3; number += 1) yield { numbers: number };
      },
    },
  },
};
export const policies = { failing: () => { throw new Error('failed'); } };
export const modules = [
  { name: 'data', typeDefs: '', resolvers: {}, migrations: { '001-nothing': async () => {} } },
];
export const testUsers = [{ name: 'ann', scopes: [] }];
`;

const deployed = (name: string): string =>
  fileURLToPath(new URL(`deploy/prometheus/${name}`, root));
const alerts = deployed('alerts.yaml');

let project: string;
let redis: RedisProcess;
let postgres: PostgresProcess;
let server: ServerProcess;
let prometheus: PrometheusProcess;
let metricsUrl: string;
let endpoint: string;
beforeAll(async () => {
  project = await copyProject();
  await writeFile(join(project, 'schema.graphql'), typeDefs);
  await writeFile(join(project, 'src/api/index.ts'), api);
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  const [port] = await freePorts();
  const metricsPort = await freePort();
  server = startProcess(
    project,
    {
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      WORKERS: '2',
      REDIS_URL: redis.url,
      REVOCATION: 'on',
      DATABASE_URL: await postgres.createDatabase(),
    },
    { main: join(project, 'src/main.ts') },
  );
  await server.waitForOutput('for GraphiQL');
  metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  prometheus = await startPrometheus(metricsPort, {
    job: 'graphql-resource-server',
    rules: alerts,
  });
  const { access_token: token } = await signInAs({
    issuer: `http://localhost:${port + 1}/`,
    user: 'ann',
  });
  endpoint = `http://localhost:${port}/graphql`;
  await untilScraped();
  for (let times = 0; times < 10; times += 1) {
    await operate(endpoint, '{ open guarded }', { token });
    await operate(endpoint, '{ guarded }');
    await operate(endpoint, '{ open admin }', { token });
    await operate(endpoint, '{ broken }', { token });
    await operate(endpoint, '{ open failing }', { token });
    await operate(endpoint, '{ open }', { token: 'not-a-token' });
    await send(endpoint, {
      method: 'POST',
      headers: [
        ...['Content-Type', 'application/json', 'Accept', 'text/event-stream'],
        ...['Authorization', `Bearer ${token}`],
      ],
      body: '{"query":"subscription { numbers }"}',
    });
  }
  // The next one may have begun before, and rates need two samples.
  for (let times = 0; times < 3; times += 1) await untilScraped();
}, 180_000);
afterAll(async () => {
  server?.signal('SIGTERM');
  await server?.ended;
  await prometheus?.close();
  await postgres?.close();
  await redis?.close();
  await rm(project, { recursive: true });
});

/** Waits for another scrape that succeeds: on a busy machine, some fail. */
async function untilScraped(): Promise<void> {
  const countScrapes = async () => {
    const [scrapes] = await prometheus.query('sum_over_time(up[10m])');
    return scrapes?.value ?? 0;
  };
  const before = await countScrapes();
  while ((await countScrapes()) <= before) await new Promise((resolve) => setTimeout(resolve, 100));
}

const scrape = async (): Promise<string> => (await send(metricsUrl)).text;

/** The names of metrics in a text, without what histograms append. */
const namesIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/\b(?:graphql_resource_server|nodejs|process)_\w+/g)].map(([name]) =>
      name.replace(/_bucket$/, ''),
    ),
  );

describe('the metrics of an API', () => {
  it('have names and types that promtool accepts', async () => {
    expect(await promtool(['check', 'metrics'], await scrape())).toBe('');
  });

  it('are those of all workers', async () => {
    expect(await prometheus.query('graphql_resource_server_processes')).toMatchObject([
      { value: 2 },
    ]);
    expect(
      await prometheus.query('sum(graphql_resource_server_operations_total{type="query"})'),
    ).toMatchObject([{ value: 50 }]);
  });

  it('say who was refused what', async () => {
    const refusals = await prometheus.query('graphql_resource_server_refusals_total');
    expect(
      refusals
        .map(({ metric: { kind, reason, code, coordinate = '' }, value }) => [
          kind,
          reason,
          code,
          coordinate,
          value,
        ])
        .sort(),
    ).toEqual([
      ['credentials', 'token_not_jws', 'UNAUTHENTICATED', '', 10],
      ['rule', 'authentication', 'UNAUTHENTICATED', 'Query.guarded', 10],
      ['rule', 'policy', 'FORBIDDEN', 'Query.failing', 10],
      ['rule', 'scope', 'FORBIDDEN', 'Query.admin', 10],
    ]);
  });

  it('tell a policy that fails from one that denies', async () => {
    const errors = await prometheus.query('graphql_resource_server_policy_errors_total');
    expect(errors.map(({ metric, value }) => [metric['policy'], value])).toEqual([['failing', 10]]);
  });

  it('do not grow with what clients send', async () => {
    const countSeries = async () =>
      (await scrape()).match(/^graphql_resource_server_.*$/gm)?.length;
    const sendUnlike = async (index: number): Promise<void> => {
      const text = `x${index}`;
      const post = (body: object, headers: readonly string[] = []) =>
        send(endpoint, {
          method: 'POST',
          headers: ['Content-Type', 'application/json', ...headers],
          body: JSON.stringify(body),
        });
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { iss: `https://${text}.example.com/`, sub: text, client_id: text };
      const token = `${part({ alg: 'RS256', kid: text })}.${part(claims)}.${'A'.repeat(342)}`;
      await post({ query: `query ${text} { open }` });
      await post({ query: `{ ${text} }` });
      await post({ query: '{ open }' }, ['Authorization', `Bearer ${token}`]);
      await post({ query: '{ open }' }, ['Authorization', `${text} y`, 'X-Request-Id', text]);
      await send(`${endpoint}/${text}`);
    };
    await sendUnlike(0);
    const before = await countSeries();
    for (let index = 1; index <= 100; index += 1) await sendUnlike(index);
    expect(await countSeries()).toBe(before);
  });

  it('are listed in the docs, all of them and no others', async () => {
    const prefix = 'graphql_resource_server_';
    const scraped = [...(await scrape()).matchAll(/^# TYPE (\w+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
    const rows = readDocument('docs/observability.md')
      .split('\n## Traces')[0]
      ?.matchAll(/^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|/gm);
    const listed = [...(rows ?? [])]
      .flatMap(([, names = '']) => names.split(', '))
      .map((name) => name.slice(1, -1));
    // No issuer of this test has introspection.
    expect(listed.filter((name) => name !== 'introspections_total').sort()).toEqual(scraped.sort());
  });

  it('say that everything is up', async () => {
    const dependencies = await prometheus.query('graphql_resource_server_dependency_up');
    expect(dependencies.map(({ metric, value }) => [metric['dependency'], value]).sort()).toEqual([
      ['database', 1],
      ['issuer', 1],
      ['replay_store', 1],
      ['revocations', 1],
    ]);
  });
});

interface Panel {
  readonly title: string;
  readonly expressions: readonly string[];
}

const dashboard: unknown = JSON.parse(readDocument('deploy/grafana/dashboard.json'));
const members = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const panels: readonly Panel[] = members(at(dashboard, 'panels'))
  .map((panel) => ({
    title: String(at(panel, 'title')),
    expressions: members(at(panel, 'targets')).map((target) => String(at(target, 'expr'))),
  }))
  .filter(({ expressions }) => expressions.length > 0);

/** As Grafana replaces its variables, with all jobs and instances selected. */
const withoutVariables = (expression: string): string =>
  expression.replaceAll(/\$(?:job|instance)\b/g, '.*').replaceAll('$__rate_interval', '10m');

/** Nothing of this has happened. */
const empty = ['Beyond limits'];

describe('the dashboard', () => {
  it('has panels', () => {
    expect(panels.length).toBeGreaterThan(15);
  });

  it.each(panels)('$title shows something', async ({ title, expressions }) => {
    const known = namesIn(await scrape());
    for (const expression of expressions) {
      expect(known).toEqual(new Set([...known, ...namesIn(expression)]));
      const series = await prometheus.query(withoutVariables(expression));
      expect([expression, series.length > 0]).toEqual([expression, !empty.includes(title)]);
    }
  });
});

describe('the alerts', () => {
  it('are accepted by promtool, and fire as they should', async () => {
    expect(await promtool(['check', 'rules', alerts])).toContain('SUCCESS');
    expect(await promtool(['test', 'rules', deployed('alerts.test.yaml')])).toContain('SUCCESS');
    expect(await promtool(['check', 'config', deployed('prometheus.yaml')])).toContain('SUCCESS');
  });

  it('use metrics that exist', async () => {
    const known = namesIn(await scrape());
    const used = namesIn(readDocument('deploy/prometheus/alerts.yaml'));
    expect(used.size).toBeGreaterThan(5);
    expect([...used].filter((name) => !known.has(name))).toEqual([]);
  });

  it('can be evaluated, and do not fire', async () => {
    const groups = members(at(await prometheus.get('/rules'), 'groups'));
    const rules = groups.flatMap((group) => members(at(group, 'rules')));
    expect(rules.length).toBeGreaterThan(8);
    for (const rule of rules) {
      expect([at(rule, 'name'), at(rule, 'health')]).toEqual([at(rule, 'name'), 'ok']);
      expect([at(rule, 'name'), at(rule, 'state')]).not.toEqual([at(rule, 'name'), 'firing']);
    }
  });
});
