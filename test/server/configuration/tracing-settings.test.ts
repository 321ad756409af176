import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/server/configuration/configuration.ts';
import { ConfigurationError } from '../../../src/server/configuration/configuration-error.ts';

type Variables = Readonly<Record<string, string>>;

const endpoint: Variables = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector:4318' };
const protobuf = { protocol: 'http/protobuf' };

describe('traces', () => {
  it.each<[Variables, object | undefined]>([
    [{}, undefined],
    [endpoint, protobuf],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://example.com/in' }, protobuf],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, protobuf],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, undefined],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'true' }, undefined],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'True' }, undefined],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'false' }, protobuf],
    [{ OTEL_SERVICE_NAME: 'api', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, undefined],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { protocol: 'http/json' }],
    [
      {
        ...endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      protobuf,
    ],
    // What is turned off is not validated: the variables can be those of all programs of a machine.
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, undefined],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }, undefined],
  ])('with %j are %j', (variables, expected) => {
    expect(readConfiguration(variables).tracing).toEqual(expected);
  });
});

describe('what OpenTelemetry would ignore or replace is a problem', () => {
  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', /must be the URL of a collector/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://a/v1/traces', /must not end with \/v1\/traces/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://a/v1/traces/', /must not end with \/v1\/traces/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret@a', /^((?!secret).)*without user/],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://a/?key=secret', /^((?!secret).)*without user/],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', /must be http\/protobuf or http\/json/],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc', /must be http\/protobuf or http\/json/],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key: secret', /^((?!secret).)*must be pairs/],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,secret', /^((?!secret).)*must be pairs/],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', /must be a whole number of milliseconds/],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=b=c', /must be pairs/],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%E0%A4%A', /must be pairs/],
    ['OTEL_TRACES_EXPORTER', 'zipkin', /must be otlp or none/],
    ['OTEL_TRACES_SAMPLER', 'always', /must be always_on/],
    ['OTEL_TRACES_SAMPLER_ARG', '10%', /must be a number from 0 to 1/],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', /must be a number from 0 to 1/],
    ['OTEL_SDK_DISABLED', '1', /must be true or false/],
  ])('%s=%s', (name, value, message) => {
    const read = (): unknown => readConfiguration({ [name]: value });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(message);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'Authorization=Basic%20YWJj, x=%3D,y=YQ==,'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'service.version=1.4.0,deployment.environment.name=a b'],
    ['OTEL_TRACES_SAMPLER_ARG', '.25'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.0'],
    ['OTEL_TRACES_SAMPLER_ARG', '0'],
  ])('but not %s=%s', (name, value) => {
    expect(readConfiguration({ [name]: value }).tracing).toBeUndefined();
  });
});
