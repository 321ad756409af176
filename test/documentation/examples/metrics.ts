import { createMetrics } from '../../../src/adapters/metrics/index.ts';
import { useAuth } from '../../../src/adapters/yoga/index.ts';
import type { Authenticator } from '../../../src/layer.ts';

export function createMeasuredAuth(authenticator: Authenticator) {
  const metrics = createMetrics({ authenticator });
  return {
    plugin: useAuth({ authenticator, observers: [metrics] }),
    // Serve it at /metrics, where only Prometheus can reach it.
    text: () => metrics.registry.metrics(),
  };
}
