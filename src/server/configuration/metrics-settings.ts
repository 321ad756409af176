import { listeningHost } from './address-parsers.ts';
import { setting } from './setting.ts';
import { wholeNumber } from './setting-parsers.ts';
import type { SettingReader } from './setting-reader.ts';

/** Where metrics are served. */
export const metricsSettings = {
  METRICS_PORT: setting<number | undefined>({
    description:
      'Port of metrics for Prometheus, at /metrics. It needs no token: keep it private. See docs/observability.md.',
    default: 'no metrics',
    fallback: undefined,
    example: '9464',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 65_535 }),
  }),
  METRICS_HOST: setting<string>({
    description: 'IP address or host name for METRICS_PORT; 0.0.0.0 for all interfaces.',
    default: '127.0.0.1',
    fallback: '127.0.0.1',
    example: '0.0.0.0',
    usedBy: 'server',
    parse: listeningHost,
  }),
} as const;

/** Where metrics are served. */
export interface MetricsConfiguration {
  readonly port: number;
  readonly host: string;
}

/** Reads where metrics are served; undefined: there are none. */
export function readMetrics(
  reader: SettingReader,
  apiPort: number,
): MetricsConfiguration | undefined {
  const port = reader.read('METRICS_PORT');
  const host = reader.read('METRICS_HOST');
  if (port === undefined) {
    if (reader.isSet('METRICS_HOST')) reader.addProblem('METRICS_HOST', 'requires METRICS_PORT');
    return undefined;
  }
  if (port === apiPort) {
    reader.addProblem('METRICS_PORT', `must not be PORT (${apiPort}): metrics have their own port`);
  }
  return { port, host };
}
