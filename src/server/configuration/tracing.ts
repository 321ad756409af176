import type { SettingReader } from './setting-reader.ts';
import type { OtlpProtocol } from './tracing-settings.ts';

/** How traces are exported. OpenTelemetry's packages read the rest from the environment themselves. */
export interface TracingConfiguration {
  readonly protocol: OtlpProtocol;
}

/**
 * Reads the variables of OpenTelemetry. Undefined: there are no traces. Variables are validated even
 * then, unless they say that traces are off.
 */
export function readTracing(reader: SettingReader): TracingConfiguration | undefined {
  const isDisabled = reader.read('OTEL_SDK_DISABLED');
  const exporter = reader.read('OTEL_TRACES_EXPORTER');
  if (isDisabled || exporter === 'none') return undefined;
  const endpoints = [
    reader.read('OTEL_EXPORTER_OTLP_ENDPOINT'),
    reader.read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'),
  ];
  const protocol =
    reader.read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? reader.read('OTEL_EXPORTER_OTLP_PROTOCOL');
  for (const name of readByPackages) reader.read(name);
  const isOn = exporter === 'otlp' || endpoints.some((endpoint) => endpoint !== undefined);
  return isOn ? { protocol } : undefined;
}

/** Only validated here. */
const readByPackages = [
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
] as const;
