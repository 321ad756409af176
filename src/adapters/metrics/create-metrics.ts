import { Registry } from 'prom-client';
import type { AuthenticatorStatistics } from '../../authentication/token-verifier.ts';
import type { GateObserver } from '../../gate/observer.ts';
import { systemClock, type TimeSource } from '../../shared/clock.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import { countPolicyErrors, countRefusals } from './count-refusals.ts';
import { countSteps } from './count-steps.ts';
import { LabelValues } from './label-values.ts';
import { createMetricFactory, defaultPrefix } from './metric-factory.ts';
import { readAuthenticator } from './read-authenticator.ts';

/** Options for `createMetrics`. */
export interface MetricsOptions {
  /** The result of `createAuthenticator`, whose caches and issuers are shown. Default: none are. */
  readonly authenticator?: { statistics(): AuthenticatorStatistics };
  /** Where metrics are registered. Default: a registry of their own. */
  readonly registry?: Registry;
  /** What the names of metrics begin with. Default: `graphql_resource_server_`. */
  readonly prefix?: string;
  /**
   * The most values of one label that are told apart, such as coordinates; further ones become `other`.
   * Default: 500.
   */
  readonly maxLabelValues?: number;
  /** The clock for the age of keys. Default: the system's. */
  readonly clock?: TimeSource;
}

/** An observer that counts, and what it has counted. */
export interface Metrics extends GateObserver {
  readonly registry: Registry;
}

const optionNames: Readonly<Record<keyof MetricsOptions, true>> = {
  authenticator: true,
  registry: true,
  prefix: true,
  maxLabelValues: true,
  clock: true,
};

/**
 * Creates metrics for Prometheus of what happens at the gate: authentications, operations and their duration,
 * refusals by coordinate and reason, and streams. Pass the result as one of `observers` to `useAuth`,
 * `createGate` or another adapter; the same one to all of them.
 *
 * Labels have values of closed sets, coordinates of the schema and issuers that are trusted, and nothing else
 * of a token or of what a client sent. docs/observability.md lists the metrics.
 *
 * @throws {TypeError} If an option is wrong or unknown.
 * @throws {Error} Of prom-client, if the registry has a metric of the same name.
 *
 * @example
 * ```ts
 * const metrics = createMetrics({ authenticator });
 * const auth = useAuth({ authenticator, observers: [metrics] });
 *
 * const text = await metrics.registry.metrics();
 * ```
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const {
    authenticator,
    registry = new Registry(),
    prefix = defaultPrefix,
    maxLabelValues = 500,
    clock = systemClock,
  } = options;
  checkOptions(options, { prefix, maxLabelValues });
  const factory = createMetricFactory(registry, prefix);
  const createValues = (): LabelValues => new LabelValues(maxLabelValues);
  if (authenticator) readAuthenticator(factory, authenticator, createValues(), clock);
  return {
    registry,
    onRefusal: countRefusals(factory, createValues),
    onPolicyError: countPolicyErrors(factory, createValues()),
    onStep: countSteps(factory),
  };
}

function checkOptions(
  options: MetricsOptions,
  { prefix, maxLabelValues }: Required<Pick<MetricsOptions, 'prefix' | 'maxLabelValues'>>,
): void {
  const problems = [...findUnknownOptions(options, Object.keys(optionNames))];
  const { authenticator, registry } = options;
  if (authenticator !== undefined && typeof authenticator.statistics !== 'function') {
    problems.push('authenticator must be the result of createAuthenticator.');
  }
  if (registry !== undefined && typeof registry.registerMetric !== 'function') {
    problems.push('registry must be a Registry of prom-client.');
  }
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix)) {
    problems.push('prefix must consist of letters, digits and underscores, such as my_api_.');
  }
  if (!Number.isInteger(maxLabelValues) || maxLabelValues < 1) {
    problems.push('maxLabelValues must be a whole number of at least 1.');
  }
  if (problems.length > 0) throw new TypeError(`createMetrics: ${problems.join(' ')}`);
}
