import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import type { Resolver } from '../operation/guard.ts';
import type { FilterAnswers } from '../rules/filter-policies.ts';
import type { ReportPolicyError } from '../rules/policies.ts';
import { rejectFilter, withFilter } from './filter-context.ts';
import { markHandled } from './handled-promise.ts';

/** A field whose resolver must take filters. */
interface FilteredField {
  readonly coordinate: string;
  /** The filter policies of the field. */
  readonly names: readonly string[];
}

/** A call of a resolver that is allowed. */
interface ResolverCall {
  readonly source: unknown;
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/**
 * Calls the resolver of a field with the filters of its policies. Each call gets a context of its own, so
 * that it is certain which call took a filter, whatever runs at the same time and however long it waits.
 * A call that returns without having taken every filter fails, and its result is dropped.
 */
export function callWithFilters(
  { coordinate, names }: FilteredField,
  answers: FilterAnswers,
  resolve: Resolver,
  { source, args, context, info }: ResolverCall,
  report: ReportPolicyError | undefined,
): unknown {
  const untaken = new Set(names.filter((name) => answers.get(name)?.kind !== 'decision'));
  let hasReturned = false;
  const take = (name: string): unknown => {
    if (!names.includes(name)) {
      throw new Error(
        `${coordinate} has no filter policy ${JSON.stringify(name)}. Its filter policies: ${names.join(', ')}.`,
      );
    }
    if (hasReturned) {
      throw new Error(
        `context.filter(${JSON.stringify(name)}) was called after the resolver of ${coordinate} had returned: call it before, and keep the filter.`,
      );
    }
    const answer = answers.get(name);
    untaken.delete(name);
    return answer?.kind === 'filter' ? answer.filter : undefined;
  };
  const finish = (result: unknown): unknown => {
    hasReturned = true;
    const [name] = untaken;
    if (name === undefined) return result;
    const problem = new Error(
      `The resolver of ${coordinate} returned without the filter of the policy ${JSON.stringify(name)}, so its result was dropped: it must call context.filter(${JSON.stringify(name)}), and give the filter to its query.`,
    );
    report?.(problem, name);
    throw new GraphQLError('Unexpected error.', {
      originalError: problem,
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  };
  const own = typeof context === 'object' && context !== null ? withFilter(context, take) : context;
  let result: unknown;
  try {
    result = resolve(source, args, own, info);
  } catch (error) {
    hasReturned = true;
    throw error;
  }
  if (!isThenable(result)) return finish(result);
  return markHandled(result).then(finish, (error: unknown) => {
    hasReturned = true;
    throw error;
  });
}
