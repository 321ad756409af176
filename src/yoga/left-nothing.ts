import type { ExecutionResult } from 'graphql';
import { refusalOf } from '../authorization/refusal-error.ts';

/**
 * Whether the refusals that were found while an operation ran left nothing of it: no data, or
 * root fields alone that were refused in place of their resolvers, as policies do.
 */
export function leftNothing({ data, errors = [] }: ExecutionResult): boolean {
  if (data == null) return true;
  const refusedRoots = new Set(
    errors.flatMap((error) => {
      // Only a refusal that kept a resolver from running knew its own path.
      const path = refusalOf(error)?.path;
      return path?.length === 1 ? path : [];
    }),
  );
  return Object.keys(data).every((key) => refusedRoots.has(key));
}
