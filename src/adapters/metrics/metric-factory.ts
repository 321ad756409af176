import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the names of metrics begin with, by default. */
export const defaultPrefix = 'graphql_resource_server_';

/** What a metric is called. */
interface MetricDefinition<Label extends string> {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** A value of a metric, and its labels. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Creates metrics in a registry. */
export interface MetricFactory {
  counter<Label extends string>(definition: MetricDefinition<Label>): Counter<Label>;
  histogram<Label extends string>(definition: MetricDefinition<Label>): Histogram<Label>;
  gauge<Label extends string>(definition: MetricDefinition<Label>): Gauge<Label>;
  /** A counter that something else counts. It is read when metrics are collected. */
  readCounter(definition: MetricDefinition<string>, read: () => readonly Sample[]): void;
  /**
   * A gauge that is read when metrics are collected.
   *
   * @param aggregator What the value of several processes is. Default: the sum.
   */
  readGauge(
    definition: MetricDefinition<string>,
    read: () => readonly Sample[],
    aggregator?: 'sum' | 'max' | 'min',
  ): void;
}

/** Seconds: from half a millisecond, which most operations take, to the longest timeout. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Creates a factory of metrics whose names begin with the prefix. */
export function createMetricFactory(registry: Registry, prefix: string): MetricFactory {
  const configure = <Label extends string>({ name, help, labels }: MetricDefinition<Label>) => ({
    name: `${prefix}${name}`,
    help,
    labelNames: labels ?? [],
    registers: [registry],
  });
  return {
    counter: (definition) => new Counter(configure(definition)),
    histogram: (definition) => new Histogram({ ...configure(definition), buckets }),
    gauge: (definition) => new Gauge(configure(definition)),
    readCounter(definition, read) {
      new Counter({
        ...configure(definition),
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.inc(labels, value);
        },
      });
    },
    readGauge(definition, read, aggregator = 'sum') {
      new Gauge({
        ...configure(definition),
        aggregator,
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.set(labels, value);
        },
      });
    },
  };
}
