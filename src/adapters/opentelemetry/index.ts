/** The entry `graphql-resource-server/opentelemetry` of the package. */
export { createTracing, type TracingOptions } from './create-tracing.ts';
