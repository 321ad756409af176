import type { PolicyDefinitions } from '../../src/authorization/rules/policy-definition.ts';

/** Asks the permission service about many documents at once. */
type FindReadable = (
  viewerId: string | undefined,
  ids: readonly unknown[],
) => Promise<Set<unknown>>;

export const createPolicies = (findReadable: FindReadable): PolicyDefinitions => ({
  canRead: {
    batched: async (inputs) => {
      const ids = inputs.map(({ source }) => idOf(source));
      const readable = await findReadable(inputs[0]?.viewer.id, ids);
      return ids.map((id) => readable.has(id));
    },
    memo: ({ source }) => idOf(source),
    maxBatchSize: 500,
    timeoutMs: 2_000,
  },
});

const idOf = (source: unknown): unknown =>
  typeof source === 'object' && source !== null && 'id' in source ? source.id : undefined;
