import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { isAsyncIterable, isIterable, isThenable } from '../../shared/type-guards.ts';
import { markHandled } from './handled-promise.ts';

/** In place of a value that is left out. */
export const omitted = Symbol('omitted');

/**
 * Replaces the values in what a resolver returned, in lists at any depth, before the executor completes
 * them. Items that are replaced by `omitted` are left out of their list.
 *
 * @param map Must not throw: a rejection is an error of its item, and of the whole field if thrown.
 * @param canOmit Whether `map` returns `omitted`. If it does, a list waits for all of its items.
 * @returns Perhaps `omitted`, or a promise of it, if the value is not a list.
 */
export function mapValues(
  type: GraphQLOutputType,
  value: unknown,
  map: (value: unknown) => unknown,
  canOmit = false,
): unknown {
  if (isThenable(value)) {
    return markHandled(value).then((later) => mapValues(type, later, map, canOmit));
  }
  if (isNonNullType(type)) return mapValues(type.ofType, value, map, canOmit);
  if (!isListType(type)) return map(value);
  const mapItem = (item: unknown): unknown => mapValues(type.ofType, item, map, canOmit);
  if (isAsyncIterable(value)) return mapAsync(value, mapItem);
  if (!isIterable(value)) return value;
  const items = Array.from(value, mapItem);
  return canOmit ? withoutOmitted(items) : items;
}

/** Replaces `omitted` by null, for where nothing can be left out. */
export function nullIfOmitted(value: unknown): unknown {
  if (isThenable(value)) return markHandled(value).then(nullIfOmitted);
  return value === omitted ? null : value;
}

function withoutOmitted(items: readonly unknown[]): unknown {
  if (!items.some(isThenable)) return items.filter((item) => item !== omitted);
  const settled = items.map((item) =>
    isThenable(item)
      ? item.then(
          (value) => ({ item: value }),
          // It stays a rejection, which the executor reports at its index.
          () => ({ item }),
        )
      : { item },
  );
  return Promise.all(settled).then((kept) =>
    kept.flatMap(({ item }) => (item === omitted ? [] : [item])),
  );
}

async function* mapAsync(
  values: AsyncIterable<unknown>,
  map: (value: unknown) => unknown,
): AsyncGenerator<unknown> {
  for await (const value of values) {
    try {
      const mapped = await map(value);
      if (mapped !== omitted) yield mapped;
    } catch (error) {
      // A rejection would end the list. As a value, it is an error at its own path.
      yield error;
    }
  }
}
