import type { MetricFactory } from '../../adapters/metrics/metric-factory.ts';
import { requestOutcome } from '../request-outcome.ts';
import type { RequestObserver } from '../request-records.ts';

/** Methods that are told apart. Clients can send any. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'subscribe']);

/** Counts requests and operations over WebSocket, and measures how long they take. */
export function countRequests(factory: MetricFactory): Required<RequestObserver>['onEnd'] {
  const requests = factory.counter({
    name: 'http_requests_total',
    help: 'HTTP requests, and operations over WebSocket, whose status is the one that it would be.',
    labels: ['protocol', 'route', 'method', 'status', 'outcome'],
  });
  const durations = factory.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time until a response to the GraphQL endpoint was sent, without streams.',
    labels: ['method'],
  });
  return (record, end) => {
    const method = record.method && methods.has(record.method) ? record.method : 'other';
    const { protocol, route, outcome } = record;
    requests.inc({
      protocol,
      route,
      method,
      status: String(end.status ?? 'none'),
      outcome: requestOutcome(record, end),
    });
    const isStream = outcome?.kind === 'stream' || outcome?.kind === 'ended';
    if (route === 'graphql' && !isStream) durations.observe({ method }, end.durationMs / 1_000);
  };
}
