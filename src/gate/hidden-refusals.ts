import type { ExecutionResult, GraphQLError } from 'graphql';
import {
  type CollectedRefusals,
  maxReportedRefusals,
} from '../authorization/enforcement/refusal-collector.ts';
import { asRefusalError, hiddenRefusal } from '../authorization/rules/refusal.ts';
import { isObject } from '../shared/type-guards.ts';

/** A result, and the refusals in it that count. */
interface SettledResult {
  readonly result: ExecutionResult;
  readonly refusals: CollectedRefusals;
}

/**
 * Makes a result of a schema with hidden policies independent of how long decisions took: finding nothing
 * takes less time than a decision. Errors are in the order of their paths. Hidden refusals below a null
 * are removed, because they arose in time or not; they do not cause such a null, because `guardSchema`
 * requires nullable types. Beyond a hundred refusals, none has an error of its own: which of them came first
 * would tell the same.
 */
export function settleHiddenRefusals(
  result: ExecutionResult,
  refusals: CollectedRefusals,
): SettledResult {
  const { data, errors } = result;
  if (errors === undefined) return { result, refusals };
  const { unmet, beyond } = refusals;
  const hasHidden = unmet.includes(hiddenRefusal);
  const isCounted = hasHidden && beyond > 0;
  const isKept = (error: GraphQLError): boolean => {
    const refusal = asRefusalError(error);
    if (refusal === undefined) return true;
    return !isCounted && (!refusal.isHidden || isReached(data, error.path));
  };
  const kept = errors.filter(isKept).sort(byPath);
  const counts = isCounted ? data !== null : kept.some(isHidden);
  const others = unmet.filter((one) => one !== hiddenRefusal);
  const { errors: _, ...withoutErrors } = result;
  return {
    result: kept.length > 0 ? { ...result, errors: kept } : withoutErrors,
    refusals: {
      ...refusals,
      unmet: hasHidden && counts ? [...others, hiddenRefusal] : others,
      beyond: isCounted ? beyond + maxReportedRefusals : beyond,
    },
  };
}

const isHidden = (error: GraphQLError): boolean => asRefusalError(error)?.isHidden ?? false;

/** Whether there is an object or list around the value at a path. Unknown without data. */
function isReached(data: unknown, path: GraphQLError['path'] = []): boolean {
  if (data === undefined) return true;
  let at: unknown = data;
  for (const key of path) {
    if (!isObject(at)) return false;
    at = at[key];
  }
  return true;
}

function byPath({ path: a = [] }: GraphQLError, { path: b = [] }: GraphQLError): number {
  const index = a.findIndex((key, at) => key !== b[at]);
  const [first, second] = [a[index], b[index]];
  if (first === undefined || second === undefined) return a.length - b.length;
  if (typeof first === 'number' && typeof second === 'number') return first - second;
  return String(first) < String(second) ? -1 : 1;
}
