/**
 * One row of the table of ratios. A ratio of CPU time says how many times as many requests the
 * subject answers on the same CPU; `atLeast` is the lowest that passes. A ratio of latency says how
 * much longer the subject takes, and `atMost` is the highest that passes.
 */
export type Ratio = {
  /** Names of scenarios. */
  readonly subject: string;
  readonly reference: string;
  readonly label: string;
} & (
  | { readonly quantity: 'cpu'; readonly atLeast: number }
  | { readonly quantity: 'p99'; readonly atMost: number }
);

const cpu = (subject: string, reference: string, atLeast: number, label: string): Ratio => ({
  quantity: 'cpu',
  subject,
  reference,
  atLeast,
  label,
});

/** What `--assert` holds. */
export const ratios: readonly Ratio[] = [
  cpu('guarded', 'open', 0.95, 'guarded / the same request on an open field, both with a token'),
  cpu('guarded', 'mercurius', 1.3, 'guarded / Mercurius (JIT) + mercurius-auth + fast-jwt'),
  cpu('guarded', 'node-http', 0.45, 'guarded / `node:http` that reads and parses the body'),
  cpu('guarded', 'yoga', 5, 'guarded / Yoga with default options, unguarded'),
  cpu('guarded', 'apollo', 8, 'guarded / Apollo Server + express-oauth2-jwt-bearer'),
  cpu('guarded', 'yoga-generic-auth', 15, 'guarded / Yoga + plugin-jwt + generic-auth'),
  cpu('guarded', 'flask', 6, 'guarded / Flask + Authlib, gunicorn'),
  cpu(
    'new-tokens',
    'mercurius-new-tokens',
    0.95,
    'each token new / Mercurius with fast-jwt without its cache',
  ),
  cpu(
    'use-auth-new-tokens',
    'use-auth-fast-jwt',
    0.95,
    'each token new, inside Yoga / the same server with fast-jwt without its cache',
  ),
  cpu('dpop', 'apollo-dpop', 4, 'DPoP / Apollo Server + express-oauth2-jwt-bearer with DPoP'),
  cpu('refused', 'guarded', 0.4, 'refused operation / guarded'),
  cpu('items', 'open-items', 0.95, '1,000 objects × 5 guarded fields / open fields'),
  cpu('items', 'mercurius-items', 5, '1,000 objects × 5 guarded fields / Mercurius (JIT)'),
  cpu('use-auth', 'use-auth-open', 0.95, 'inside Yoga (`useAuth`): guarded / open field'),
  {
    quantity: 'p99',
    subject: 'guarded',
    reference: 'open',
    atMost: 1.3,
    label: 'p99: guarded / open field',
  },
];
