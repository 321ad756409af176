import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { settings } from '../../src/server/configuration/settings.ts';
import { maxStopMs } from '../../src/server/stop-server.ts';
import { blocksOf, readDocument, root } from '../documentation/markdown.ts';

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at a path such as `services.api-1.environment`. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((found, name) => {
    if (Array.isArray(found)) return found[Number(name)];
    return isMembers(found) ? found[name] : undefined;
  }, value);
}

const membersAt = (value: unknown, path: string): Members => {
  const found = at(value, path);
  if (!isMembers(found)) throw new Error(`There is nothing at ${path}.`);
  return found;
};
const listAt = (value: unknown, path: string): readonly unknown[] => {
  const found = at(value, path);
  if (!Array.isArray(found)) throw new Error(`There is no list at ${path}.`);
  return found;
};

const nginx = readDocument('deploy/nginx.conf');
const dockerfile = readDocument('deploy/Dockerfile');
const unit = readDocument('deploy/systemd/graphql-resource-server.service');
const compose: unknown = parse(readDocument('deploy/compose.yaml'), { merge: true });
const kubernetes: readonly unknown[] = parseAllDocuments(
  readDocument('deploy/kubernetes/api.yaml'),
).map((document) => document.toJS());
const ofKind = (kind: string): unknown => kubernetes.find((one) => at(one, 'kind') === kind);
const pod = membersAt(ofKind('Deployment'), 'spec.template.spec');
const container = at(pod, 'containers.0');

const instances = ['api-1', 'api-2'];
const numberIn = (pattern: RegExp): number => Number(pattern.exec(nginx)?.[1]);

/** What is set in the environment of a person who runs compose. */
const given: Readonly<Record<string, string>> = {
  PUBLIC_URL: 'https://api.example.com',
  OIDC_ISSUER: 'https://issuer.example.com/',
  OIDC_AUDIENCE: 'https://api.example.com',
  API_DATABASE_PASSWORD: 'password-of-the-database',
  REDIS_PASSWORD: 'password-of-redis',
};

/** Replaces `${NAME:?message}` and `${NAME:-default}`, as compose does. */
const interpolate = (text: string): string =>
  text.replaceAll(
    /\$\{(\w+):([?-])([^}]*)\}/g,
    (_all, name: string, kind: string, rest: string) => given[name] ?? (kind === '-' ? rest : '?'),
  );

/** The environment of the API in Kubernetes, with URLs for its secrets. */
const kubernetesEnvironment = Object.fromEntries(
  listAt(container, 'env').map((entry) => {
    const key = at(entry, 'valueFrom.secretKeyRef.key');
    const secret = { 'database-url': 'postgres://api:p@db/api', 'redis-url': 'redis://:p@redis' };
    const value = Object.entries(secret).find(([name]) => name === key)?.[1];
    return [String(at(entry, 'name')), value ?? String(at(entry, 'value'))];
  }),
);
const composeEnvironment = (instance: string) =>
  Object.fromEntries(
    Object.entries(membersAt(compose, `services.${instance}.environment`)).map(([name, value]) => [
      name,
      interpolate(String(value)),
    ]),
  );

describe.each([
  ...instances.map((name) => [`compose.yaml, ${name}`, composeEnvironment(name)] as const),
  ['kubernetes/api.yaml', kubernetesEnvironment] as const,
])('the environment in %s', (_name, environment) => {
  it('has settings only, which are valid in production', () => {
    expect(Object.keys(environment).filter((name) => !(name in settings))).toEqual([]);
    const { host, port, database, dpop, ...rest } = readConfiguration(environment, {
      hasMigrations: true,
    });
    expect(rest.environment).toBe('production');
    expect([host, port]).toEqual(['0.0.0.0', 4000]);
    expect(database?.url).toMatch(/^postgres:/);
    expect(dpop.redisUrl).toMatch(/^redis:/);
  });
});

/** Milliseconds from the signal until the process has ended, and two seconds to spare. */
const neededMs = (environment: Readonly<Record<string, string>>): number =>
  maxStopMs(readConfiguration(environment, { hasMigrations: true })) + 2_000;

describe('compose.yaml', () => {
  it('contains no secrets', () => {
    const services = Object.values(membersAt(compose, 'services'));
    const secrets = services
      .flatMap((service) => Object.entries(Object(at(service, 'environment') ?? {})))
      .filter(([name]) => /PASSWORD|SECRET|DATABASE_URL|REDIS_URL/.test(name));
    expect(secrets.length).toBeGreaterThan(5);
    for (const [, value] of secrets) expect(value).toMatch(/\$\{\w*PASSWORD:\?/);
  });

  it('builds the image that the tests run, which runs what npm start runs, without privileges', () => {
    expect(at(compose, 'services.api-1.build')).toEqual({
      context: '..',
      dockerfile: 'deploy/Dockerfile',
    });
    const command: unknown = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? '[]');
    const { scripts } = JSON.parse(readDocument('package.json'));
    expect(command).toEqual(['node', 'dist/main.js']);
    expect(scripts.start).toContain('exec node dist/main.js');
    expect(dockerfile).toContain('USER node');
    expect(at(compose, 'services.api-1.read_only')).toBe(true);
  });

  it('takes from the environment what docs/scaling.md sets', () => {
    const shown = blocksOf(readDocument('docs/scaling.md')).find(
      ({ language }) => language === 'bash',
    );
    const exported = [...(shown?.text ?? '').matchAll(/^export (\w+)=/gm)].map(([, name]) => name);
    const required = readDocument('deploy/compose.yaml').matchAll(/\$\{(\w+):\?/g);
    expect(exported.sort()).toEqual([...new Set([...required].map(([, name]) => name))].sort());
    expect(shown?.text).toContain('docker compose --file deploy/compose.yaml up --build');
  });

  it('gives the API time to stop', () => {
    const grace = Number.parseInt(String(at(compose, 'services.api-1.stop_grace_period')), 10);
    expect(grace * 1_000).toBeGreaterThan(neededMs(composeEnvironment('api-1')));
  });

  it('mounts files that exist', () => {
    const mounted = ['nginx', 'postgres'].flatMap((name) =>
      listAt(compose, `services.${name}.volumes`)
        .map(String)
        .filter((text) => text.startsWith('./'))
        .map((text) => text.split(':')[0]?.slice(2)),
    );
    expect(mounted).toEqual(['nginx.conf', 'create-role.sh']);
    for (const name of mounted) readFileSync(new URL(`deploy/${name}`, root));
  });

  it('checks readiness at the port', () => {
    const check = listAt(compose, 'services.api-2.healthcheck.test').join(' ');
    expect(check).toContain('http://127.0.0.1:4000/readyz');
  });
});

describe('metrics', () => {
  it.each([
    ['compose.yaml', composeEnvironment('api-1')],
    ['kubernetes/api.yaml', kubernetesEnvironment],
  ])('are on the port of the image in %s', (_name, environment) => {
    expect(dockerfile).toContain(`EXPOSE 4000 ${environment['METRICS_PORT']}\n`);
    expect(environment['METRICS_HOST']).toBe('0.0.0.0');
  });

  it('are at the port of the pods, as their annotation says', () => {
    const port = Number(kubernetesEnvironment['METRICS_PORT']);
    expect(at(container, 'ports.1')).toEqual({ name: 'metrics', containerPort: port });
    const annotations = membersAt(ofKind('Deployment'), 'spec.template.metadata.annotations');
    expect(annotations['prometheus.io/port']).toBe(String(port));
    expect(readDocument('deploy/prometheus/prometheus.yaml')).toContain(`:${port}'`);
  });

  it('are not public', () => {
    expect(nginx).not.toContain(composeEnvironment('api-1')['METRICS_PORT']);
    for (const name of instances) expect(at(compose, `services.${name}.ports`)).toBeUndefined();
    expect(listAt(ofKind('Service'), 'spec.ports')).toHaveLength(1);
  });
});

describe('nginx.conf', () => {
  it('has the instances of compose.yaml, and listens where it publishes', () => {
    const upstreams = [...nginx.matchAll(/^ *server ([\w-]+):(\d+)/gm)];
    expect(upstreams.map(([, host]) => host)).toEqual(instances);
    for (const [, , port] of upstreams) expect(port).toBe('4000');
    expect(listAt(compose, 'services.nginx.ports').map(String)).toEqual([
      expect.stringMatching(new RegExp(`:${numberIn(/listen (\d+);/)}$`)),
    ]);
  });

  it('leaves limits of bodies and headers to the API', () => {
    expect(numberIn(/client_max_body_size (\d+)k/) * 1_024).toBeGreaterThan(
      settings.MAX_BODY_BYTES.fallback,
    );
    // Otherwise large bodies would be written to files.
    expect(numberIn(/client_body_buffer_size (\d+)k/)).toBe(
      numberIn(/client_max_body_size (\d+)k/),
    );
  });

  it('uses no connection that the API is closing', () => {
    const kept = readConfiguration({}).timeouts.idleMs;
    expect(kept).toBeGreaterThan(60_000);
    expect(numberIn(/^ *keepalive_timeout (\d+)s/m) * 1_000).toBeLessThan(kept);
  });

  it('repeats no request that an instance may have carried out', () => {
    const conditions = /proxy_next_upstream ([^;]*);/.exec(nginx)?.[1];
    expect(conditions).toBe('error timeout');
  });
});

describe('docs/production.md', () => {
  const [docker = '', systemd = ''] = blocksOf(readDocument('docs/production.md'))
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text.trim());

  it('shows how to build and run the image, with time to stop', () => {
    for (const line of docker.split('\n')) expect(dockerfile).toContain(`#   ${line}\n`);
    const grace = Number(/--stop-timeout (\d+)/.exec(docker)?.[1]);
    expect(grace * 1_000).toBeGreaterThan(neededMs(composeEnvironment('api-1')));
  });

  it('puts files where the unit looks for them', () => {
    const paths = systemd.match(/\/(?:etc|opt)\/[\w./-]+/g) ?? [];
    expect([...new Set(paths)].filter((path) => !unit.includes(path))).toEqual([
      '/etc/systemd/system',
    ]);
    expect(systemd).toContain('install -m 600 api.env');
  });
});

describe('systemd/graphql-resource-server.service', () => {
  const entryOf = (name: string): string | undefined =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
  const variables = Object.fromEntries(
    (entryOf('Environment') ?? '').split(' ').map((pair) => pair.split('=')),
  );

  it('has settings only, and leaves secrets to a file', () => {
    expect(Object.keys(variables).filter((name) => !(name in settings))).toEqual([]);
    expect(variables).toMatchObject({ NODE_ENV: 'production' });
    expect(entryOf('EnvironmentFile')).toBe('/etc/graphql-resource-server.env');
  });

  it('gives the API time to stop, and lets it tell its workers', () => {
    const auth0 = { AUTH0_DOMAIN: 'example.auth0.com', AUTH0_AUDIENCE: 'https://api' };
    expect(Number(entryOf('TimeoutStopSec')) * 1_000).toBeGreaterThan(
      maxStopMs(readConfiguration({ ...auth0, ...variables })) + 2_000,
    );
    expect(entryOf('KillMode')).toBe('mixed');
  });

  it('has a limit of files above that of connections', () => {
    const { maxConnections } = readConfiguration({});
    expect(Number(entryOf('LimitNOFILE'))).toBeGreaterThan(maxConnections + 100);
  });
});

describe('kubernetes/api.yaml', () => {
  it('has these objects, for the same pods', () => {
    expect(kubernetes.map((one) => at(one, 'kind'))).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
    ]);
    const labels = at(ofKind('Deployment'), 'spec.template.metadata.labels');
    expect(at(ofKind('Deployment'), 'spec.selector.matchLabels')).toEqual(labels);
    expect(at(ofKind('Service'), 'spec.selector')).toEqual(labels);
    expect(at(ofKind('PodDisruptionBudget'), 'spec.selector.matchLabels')).toEqual(labels);
  });

  it('asks /livez and /readyz at the port of the API', () => {
    expect(at(container, 'ports.0')).toEqual({ name: 'http', containerPort: 4000 });
    expect(
      ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) =>
        at(container, `${name}.httpGet`),
      ),
    ).toEqual([
      { path: '/livez', port: 'http' },
      { path: '/livez', port: 'http' },
      { path: '/readyz', port: 'http' },
    ]);
    expect(at(ofKind('Service'), 'spec.ports.0.targetPort')).toBe('http');
  });

  it('has no privileges', () => {
    expect(at(pod, 'securityContext.runAsNonRoot')).toBe(true);
    expect(at(container, 'securityContext')).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('gives the API time to stop, after its probe has noticed', () => {
    const grace = Number(at(pod, 'terminationGracePeriodSeconds'));
    expect(grace * 1_000).toBeGreaterThan(neededMs(kubernetesEnvironment));
    const { periodSeconds, failureThreshold } = membersAt(container, 'readinessProbe');
    const noticedAfter = Number(periodSeconds) * Number(failureThreshold);
    // In the last second, new connections are refused.
    expect(Number(kubernetesEnvironment['SHUTDOWN_DELAY']) - 1).toBeGreaterThanOrEqual(
      noticedAfter,
    );
    // It would delay the signal, and the grace period includes it.
    expect(at(container, 'lifecycle')).toBeUndefined();
  });

  it('takes no more connections than a Postgres has by default', () => {
    const replicas = Number(at(ofKind('HorizontalPodAutoscaler'), 'spec.maxReplicas'));
    // One more during a rolling update, and three that are reserved.
    expect((replicas + 1) * Number(kubernetesEnvironment['DATABASE_POOL_SIZE'])).toBeLessThan(97);
  });
});
