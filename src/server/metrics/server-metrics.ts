import { collectDefaultMetrics, Registry } from 'prom-client';
import { createMetrics } from '../../adapters/metrics/create-metrics.ts';
import {
  createMetricFactory,
  defaultPrefix,
  type Sample,
} from '../../adapters/metrics/metric-factory.ts';
import type { Authenticator } from '../../authentication/authenticator.ts';
import type { PoolUsage } from '../../database/connections.ts';
import type { TimeSource } from '../../shared/clock.ts';
import type { ServerObserver } from '../observation.ts';
import type { ReplayStatistics } from '../replay-store.ts';
import { countRequests } from './count-requests.ts';
import type { MetricsSnapshot } from './worker-metrics.ts';

/** The parts of a server that are read when metrics are collected. */
interface MetricsSources {
  readonly authenticator: Authenticator;
  readonly readiness: { isReady(): boolean };
  readonly replayStore: { isUsable(): boolean; statistics(): ReplayStatistics };
  /** Undefined if tokens are not revoked. */
  readonly revocations: { isCurrent(): boolean } | undefined;
  /** Undefined if the API has no data. */
  readonly database: { isUsable(): boolean; usage(): PoolUsage | undefined } | undefined;
  readonly connections: { readonly open: number };
  readonly webSockets: { usage(): { readonly connections: number } };
  /** How many lines of the log could not be written. */
  readonly lostLogLines: () => number;
}

/** The metrics of one process. */
export interface ServerMetrics {
  readonly contentType: string;
  /** Counts requests and what happens at the gate, and reads the authenticator. Call it once. */
  observe(authenticator: Authenticator, clock: TimeSource): ServerObserver;
  /** From now on, reads these parts. Call it once. */
  watch(sources: MetricsSources): void;
  /** All metrics, as text. */
  collect(): Promise<string>;
  /** All metrics, for the process that started this one. */
  snapshot(): Promise<MetricsSnapshot>;
}

/** Gauges whose names say that they are counters, and which Node has deprecated. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Creates the metrics of this process: its memory, CPU and event loop, and what `watch` adds. */
export function createServerMetrics(): ServerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const factory = createMetricFactory(registry, defaultPrefix);
  factory.readGauge({ name: 'processes', help: 'Processes that serve the API.' }, () => [[{}, 1]]);

  return {
    contentType: registry.contentType,
    collect: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
    observe(authenticator, clock) {
      const gate = createMetrics({ registry, authenticator, clock });
      return { onEnd: countRequests(factory), observeGate: () => gate };
    },
    watch({ readiness, authenticator, replayStore, revocations, database, ...sources }) {
      factory.readGauge(
        {
          name: 'ready',
          help: 'Whether the process is ready for requests, as /readyz says. The sum of all processes.',
        },
        () => [[{}, Number(readiness.isReady())]],
      );
      factory.readGauge(
        {
          name: 'dependency_up',
          help: 'Whether what requests depend on is usable: issuer, replay_store, revocations, database.',
          labels: ['dependency'],
        },
        () => {
          const states = {
            issuer: authenticator.ready(),
            replay_store: replayStore.isUsable(),
            revocations: revocations?.isCurrent(),
            database: database?.isUsable(),
          };
          return samples('dependency', states);
        },
        'min',
      );
      factory.readCounter(
        {
          name: 'replay_checks_total',
          help: 'DPoP proofs by whether they were used for the first time, repeated, or not checked.',
          labels: ['result'],
        },
        () => samples('result', replayStore.statistics()),
      );
      factory.readGauge(
        { name: 'connections_open', help: 'Open connections of clients, WebSockets included.' },
        () => [[{}, sources.connections.open]],
      );
      factory.readGauge({ name: 'web_sockets_open', help: 'Open WebSocket connections.' }, () => [
        [{}, sources.webSockets.usage().connections],
      ]);
      factory.readCounter(
        { name: 'log_lines_lost_total', help: 'Lines of the log that could not be written.' },
        () => [[{}, sources.lostLogLines()]],
      );
      if (database?.usage() === undefined) return;
      factory.readGauge(
        {
          name: 'database_connections',
          help: 'Connections to Postgres: in_use or idle.',
          labels: ['state'],
        },
        () => {
          const usage = database.usage();
          return samples('state', { in_use: usage?.inUse, idle: usage?.idle });
        },
      );
      factory.readGauge(
        { name: 'database_waiting', help: 'Queries that wait for a connection to Postgres.' },
        () => [[{}, database.usage()?.waiting ?? 0]],
      );
    },
  };
}

/** One sample for each member that is defined. */
function samples(label: string, members: object): readonly Sample[] {
  return Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[{ [label]: name }, Number(value)] as const],
  );
}
