import type { ReportPolicyError } from '../../authorization/rules/policies.ts';
import type { RefusalEvent, ReportRefusal } from '../../gate/refusal-events.ts';
import type { LabelValues } from './label-values.ts';
import type { MetricFactory } from './metric-factory.ts';

/**
 * Counts refusals.
 *
 * @param createValues The values of one label: schemas can have many coordinates, and authenticators and
 *   policies reasons and codes of their own.
 */
export function countRefusals(
  factory: MetricFactory,
  createValues: () => LabelValues,
): ReportRefusal {
  const refusals = factory.counter({
    name: 'refusals_total',
    help: 'Refused credentials, rules and streams. The coordinate is that of the rule.',
    labels: ['kind', 'reason', 'code', 'coordinate'],
  });
  const limits = factory.counter({
    name: 'limits_exceeded_total',
    help: 'Operations that exceeded a limit. Not enforced: they were executed nevertheless.',
    labels: ['limit', 'enforced'],
  });
  const rateLimited = factory.counter({
    name: 'rate_limited_total',
    help: 'Requests and operations beyond a rate limit.',
    labels: ['limit'],
  });
  const values = {
    reason: createValues(),
    code: createValues(),
    coordinate: createValues(),
    limit: createValues(),
  };

  return (refusal: RefusalEvent) => {
    switch (refusal.kind) {
      case 'credentials':
      case 'rule':
      case 'stream':
        refusals.inc({
          kind: refusal.kind,
          reason: values.reason.limit(refusal.reason),
          code: values.code.limit(refusal.code),
          coordinate: refusal.kind === 'rule' ? values.coordinate.limit(refusal.coordinate) : '',
        });
        break;
      case 'limit':
        limits.inc({
          limit: values.limit.limit(refusal.limit),
          enforced: String(refusal.enforced),
        });
        break;
      case 'rate':
        rateLimited.inc({ limit: values.limit.limit(refusal.reason) });
        break;
    }
  };
}

/** Counts the errors of policies: they deny like a decision, and are none. */
export function countPolicyErrors(factory: MetricFactory, values: LabelValues): ReportPolicyError {
  const errors = factory.counter({
    name: 'policy_errors_total',
    help: 'Policies that threw, or returned what is no decision. Access was denied.',
    labels: ['policy'],
  });
  return (_error, policy) => errors.inc({ policy: values.limit(policy) });
}
