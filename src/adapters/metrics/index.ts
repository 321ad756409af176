/** The entry `graphql-resource-server/metrics` of the package. */
export { createMetrics, type Metrics, type MetricsOptions } from './create-metrics.ts';
