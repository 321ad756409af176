import type { AuthenticatorStatistics } from '../../authentication/token-verifier.ts';
import type { TimeSource } from '../../shared/clock.ts';
import type { LabelValues } from './label-values.ts';
import type { MetricFactory, Sample } from './metric-factory.ts';

/** Reads the counters of an authenticator when metrics are collected. */
export function readAuthenticator(
  factory: MetricFactory,
  authenticator: { statistics(): AuthenticatorStatistics },
  issuerNames: LabelValues,
  clock: TimeSource,
): void {
  const { introspection } = authenticator.statistics();
  const issuers = () =>
    authenticator
      .statistics()
      .issuers.map((issuer) => ({ ...issuer, name: issuerNames.limit(issuer.issuer) }));

  factory.readGauge({ name: 'known_tokens', help: 'Verified tokens that are remembered.' }, () => [
    [{}, authenticator.statistics().knownTokens.size],
  ]);
  factory.readCounter(
    {
      name: 'token_lookups_total',
      help: 'Tokens by whether they were known (hit) or had to be verified (miss).',
      labels: ['result'],
    },
    () => {
      const { hits, misses } = authenticator.statistics().knownTokens;
      return [
        [{ result: 'hit' }, hits],
        [{ result: 'miss' }, misses],
      ];
    },
  );
  factory.readGauge(
    {
      name: 'issuer_keys_age_seconds',
      help: 'Time since the keys of an issuer were fetched. Absent if there are none.',
      labels: ['issuer'],
    },
    () =>
      issuers().flatMap(({ name, fetchedAt }): Sample[] =>
        fetchedAt === undefined
          ? []
          : [[{ issuer: name }, Math.max(0, clock.now().getTime() - fetchedAt.getTime()) / 1_000]],
      ),
    'max',
  );
  factory.readGauge(
    {
      name: 'issuer_up',
      help: 'Whether the last fetch of the keys of an issuer succeeded. 1 if there was none.',
      labels: ['issuer'],
    },
    () => issuers().map(({ name, isFailing }) => [{ issuer: name }, isFailing ? 0 : 1]),
    'min',
  );
  factory.readCounter(
    {
      name: 'issuer_fetches_total',
      help: 'Fetches of the keys of an issuer: ok or failed.',
      labels: ['issuer', 'result'],
    },
    () =>
      issuers().flatMap(({ name, fetches, failures }): Sample[] => [
        [{ issuer: name, result: 'ok' }, fetches - failures],
        [{ issuer: name, result: 'failed' }, failures],
      ]),
  );
  if (introspection === undefined) return;
  factory.readCounter(
    {
      name: 'introspections_total',
      help: 'Requests to introspect opaque tokens: ok or failed.',
      labels: ['result'],
    },
    () => {
      const { fetches = 0, failures = 0 } = authenticator.statistics().introspection ?? {};
      return [
        [{ result: 'ok' }, fetches - failures],
        [{ result: 'failed' }, failures],
      ];
    },
  );
}
