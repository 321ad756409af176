import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { isAsyncIterable, isObject, isThenable } from '../../shared/type-guards.ts';
import type { Guard, Resolver, TakeFilter } from '../operation/guard.ts';
import type { FilterAnswer } from '../rules/filter-policies.ts';
import type { ReportPolicyError } from '../rules/policies.ts';
import { findOuterCall, withFilter } from './filter-context.ts';
import { markHandled } from './handled-promise.ts';

/**
 * What a guarded function resolves: an ordinary field, a root field of a mutation, or the stream or an
 * event of a subscription.
 */
export type ResolvedPart = 'field' | 'mutation' | 'stream' | 'event';

/** A call of the resolver of a field with filter policies, which is allowed. */
interface FilteredCall {
  readonly guard: Guard;
  readonly coordinate: string;
  readonly part: ResolvedPart;
  /** What each filter policy of the field answered. */
  readonly answers: ReadonlyMap<string, FilterAnswer>;
  readonly report: ReportPolicyError | undefined;
}

/** The arguments of a resolver. */
interface ResolverArguments {
  readonly source: unknown;
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/**
 * Calls a resolver with the filters of its field. Each call gets a context of its own, so that it is
 * certain which call took a filter, whatever runs at the same time and however long it waits. If one returns
 * without having taken every filter, its result is dropped, and the field has a masked error.
 */
export function callWithFilters(
  { guard, coordinate, part, answers, report }: FilteredCall,
  resolve: Resolver,
  { source, args, context, info }: ResolverArguments,
): unknown {
  const remaining = new Set<string>();
  for (const [name, { kind }] of answers) if (kind === 'filter') remaining.add(name);
  let hasReturned = false;
  const outer = findOuterCall(guard, context, info);

  const take: TakeFilter = (name) => {
    const answer = answers.get(name);
    if (answer === undefined) {
      const known = [...answers.keys()].join(', ');
      throw new Error(
        `${coordinate} has no filter policy ${JSON.stringify(name)}. It has: ${known}.`,
      );
    }
    if (hasReturned) {
      throw new Error(
        `context.filter(${JSON.stringify(name)}) was called after the resolver of ${coordinate} had returned: call it before, and keep the filter.`,
      );
    }
    remaining.delete(name);
    outer?.take(name);
    return answer.kind === 'filter' ? answer.filter : undefined;
  };

  /** @throws {GraphQLError} If a filter has not been taken. */
  const check = (): void => {
    const [name] = remaining;
    if (name === undefined || part === 'event') return;
    const problem = new Error(
      `The resolver of ${coordinate} did not take the filter of its policy ${JSON.stringify(name)}, so its result was dropped: it must call context.filter(${JSON.stringify(name)}), and give the filter to its query.`,
    );
    report?.(problem, name);
    throw new GraphQLError('Unexpected error.', {
      originalError: problem,
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  };
  const fail = (error: unknown): never => {
    hasReturned = true;
    throw error;
  };
  const finish = (result: unknown): unknown => {
    // What generates the events may not have begun to run.
    if (part === 'stream' && isAsyncIterable(result)) return checkBeforeEvents(result, check);
    hasReturned = true;
    check();
    return result;
  };

  guard.filterCalls.set(take, { info, context: outer ? outer.context : context });
  let result: unknown;
  try {
    result = resolve(source, args, isObject(context) ? withFilter(context, take) : context, info);
  } catch (error) {
    return fail(error);
  }
  return isThenable(result) ? markHandled(result).then(finish, fail) : finish(result);
}

/** The same events, with a check before each. If it throws, the source is ended. */
function checkBeforeEvents(source: AsyncIterable<unknown>, check: () => void): unknown {
  const iterator = source[Symbol.asyncIterator]();
  const checked: AsyncIterableIterator<unknown> = {
    async next() {
      const next = await iterator.next();
      try {
        if (!next.done) check();
        return next;
      } catch (error) {
        await iterator.return?.();
        throw error;
      }
    },
    async return(value) {
      return (await iterator.return?.(value)) ?? { done: true, value };
    },
    async throw(error) {
      if (iterator.throw === undefined) throw error;
      return iterator.throw(error);
    },
    [Symbol.asyncIterator]: () => checked,
  };
  return checked;
}
