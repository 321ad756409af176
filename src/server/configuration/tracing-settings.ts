import { collectorUrl, isDecodable } from './address-parsers.ts';
import { setting } from './setting.ts';
import { accept, fraction, oneOf, type Parser, reject, wholeNumber } from './setting-parsers.ts';

/** The encodings of OTLP over HTTP. */
export type OtlpProtocol = 'http/protobuf' | 'http/json';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** What `true` and `false` are in the variables of OpenTelemetry: in any case. */
const openTelemetryBoolean: Parser<boolean> = (text) => {
  const isTrue = text.toLowerCase() === 'true';
  return isTrue || text.toLowerCase() === 'false'
    ? accept(isTrue)
    : reject('must be true or false');
};

/**
 * Pairs `name=value`, comma-separated and percent-encoded. The problem repeats nothing of them.
 *
 * @param pair The form of one.
 */
const pairs =
  (pair: RegExp, example: string): Parser<string> =>
  (text) =>
    text.split(',').every((one) => one.trim() === '' || (pair.test(one) && isDecodable(one)))
      ? accept(text)
      : reject(`must be pairs name=value, comma-separated and percent-encoded, such as ${example}`);

/**
 * The settings of traces: variables that OpenTelemetry defines. Its packages read them, and further
 * ones, from the environment. These rows reject what the packages would ignore or replace.
 */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: setting<string | undefined>({
    description:
      'Collector that traces are sent to over HTTP, without /v1/traces: turns traces on. See docs/observability.md.',
    default: 'traces are off',
    fallback: undefined,
    example: 'http://localhost:4318',
    usedBy: 'server',
    parse: collectorUrl('http://localhost:4318', '/v1/traces'),
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting<string | undefined>({
    description: 'The same as a complete URL, which takes precedence.',
    default: '/v1/traces of OTEL_EXPORTER_OTLP_ENDPOINT',
    fallback: undefined,
    example: 'https://collector.example.com/v1/traces',
    usedBy: 'server',
    parse: collectorUrl('http://localhost:4318/v1/traces'),
  }),
  OTEL_TRACES_EXPORTER: setting<'otlp' | 'none' | undefined>({
    description:
      'otlp turns traces on, also without an endpoint (http://localhost:4318); none turns them off.',
    default: 'otlp with an endpoint, otherwise none',
    fallback: undefined,
    example: 'otlp',
    usedBy: 'server',
    parse: oneOf('otlp', 'none'),
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: setting<OtlpProtocol>({
    description: 'How traces are encoded: http/protobuf or http/json.',
    default: 'http/protobuf',
    fallback: 'http/protobuf',
    example: 'http/json',
    usedBy: 'server',
    parse: oneOf('http/protobuf', 'http/json'),
  }),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: setting<OtlpProtocol | undefined>({
    description: 'The same for traces only, which takes precedence.',
    default: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    fallback: undefined,
    example: 'http/json',
    usedBy: 'server',
    parse: oneOf('http/protobuf', 'http/json'),
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting<string | undefined>({
    description: 'Headers for the collector: pairs name=value, comma-separated, percent-encoded.',
    default: 'none',
    fallback: undefined,
    example: 'api-key=YOUR_KEY',
    usedBy: 'server',
    parse: pairs(/^\s*[\w!#$&'*+\-.^`|~]+\s*=/, 'api-key=YOUR_KEY'),
  }),
  OTEL_EXPORTER_OTLP_TIMEOUT: setting<number>({
    description: 'Milliseconds in which the collector must respond, from 1 to 60000.',
    default: '10000',
    fallback: 10_000,
    example: '5000',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 60_000, of: 'milliseconds' }),
  }),
  OTEL_SERVICE_NAME: setting<string | undefined>({
    description: 'Name of this API in traces.',
    default: 'graphql-resource-server',
    fallback: undefined,
    example: 'orders-api',
    usedBy: 'server',
    parse: accept,
  }),
  OTEL_RESOURCE_ATTRIBUTES: setting<string | undefined>({
    description:
      'What else traces say of this instance: pairs name=value, comma-separated, percent-encoded.',
    default: 'none',
    fallback: undefined,
    example: 'deployment.environment.name=production,service.version=1.4.0',
    usedBy: 'server',
    parse: pairs(/^[^=]*[^=\s][^=]*=[^=]*$/, 'service.version=1.4.0'),
  }),
  OTEL_TRACES_SAMPLER: setting<(typeof samplers)[number]>({
    description: `Which requests are traced: ${samplers.join(', ')}. The ones with parentbased_ follow the client's traceparent.`,
    default: 'parentbased_always_on',
    fallback: 'parentbased_always_on',
    example: 'traceidratio',
    usedBy: 'server',
    parse: oneOf(...samplers),
  }),
  OTEL_TRACES_SAMPLER_ARG: setting<number>({
    description: 'Fraction of the requests that are traced, from 0 to 1, for traceidratio.',
    default: '1',
    fallback: 1,
    example: '0.1',
    usedBy: 'server',
    parse: fraction,
  }),
  OTEL_SDK_DISABLED: setting<boolean>({
    description: 'true turns traces off, whatever else is set.',
    default: 'false',
    fallback: false,
    example: 'true',
    usedBy: 'server',
    parse: openTelemetryBoolean,
  }),
} as const;
