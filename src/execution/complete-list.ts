import {
  addPath,
  createGraphQLError,
  isAsyncIterable,
  isIterableObject,
  isPromise,
} from '@graphql-tools/utils';
import {
  type GraphQLList,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNullableType,
  isListType,
  isNonNullType,
} from 'graphql';
import { ignoreRejection } from '../authorization/enforcement/handled-promise.ts';
import type { Complete } from './complete-value.ts';
import { recordError } from './field-error.ts';
import { endTurn, type Path, type Run } from './run.ts';
import { Unfinished, UnfinishedContainer } from './unfinished.ts';

/** Compiles the completion of a list from that of its items. */
export function compileList(
  type: GraphQLList<GraphQLOutputType>,
  completeItem: Complete,
): Complete {
  const isNonNull = isNonNullType(type.ofType);

  /** Completes one item: perhaps `Unfinished`, or another promise. */
  function complete(item: unknown, path: Path, info: GraphQLResolveInfo, run: Run): unknown {
    try {
      const completedItem = isPromise(item)
        ? completeLater(item, path, info, run)
        : completeItem(item, path, info, run);
      return isPromise(completedItem) && !(completedItem instanceof Unfinished)
        ? recovered(completedItem, path, info, run)
        : completedItem;
    } catch (error) {
      return recordError(error, info.fieldNodes, path, isNonNull, run);
    }
  }

  function completeLater(
    item: PromiseLike<unknown>,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ): PromiseLike<unknown> {
    endTurn(run);
    return item.then((later) => completeItem(later, path, info, run));
  }

  /** A promise that rejects only where the null must propagate. */
  function recovered(
    completedItem: PromiseLike<unknown>,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ): PromiseLike<unknown> {
    return completedItem.then(undefined, (error) =>
      recordError(error, info.fieldNodes, path, isNonNull, run),
    );
  }

  async function completeAsyncList(
    iterator: AsyncIterator<unknown>,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ): Promise<unknown[]> {
    const items: unknown[] = [];
    let hasPromise = false;
    for (let index = 0; ; index += 1) {
      const itemPath = addPath(path, index, undefined);
      let next: IteratorResult<unknown>;
      try {
        next = await iterator.next();
        if (next.done) break;
      } catch (error) {
        items.push(recordError(error, info.fieldNodes, itemPath, isNonNull, run));
        break;
      }
      const item = complete(next.value, itemPath, info, run);
      if (isPromise(item)) hasPromise = true;
      // It may be finished, or rejected, before the next item comes.
      const pending = item instanceof Unfinished ? recovered(item, itemPath, info, run) : item;
      ignoreRejection(pending);
      items.push(pending);
    }
    return hasPromise ? Promise.all(items) : items;
  }

  return function completeList(value, path, info, run) {
    if (isAsyncIterable(value)) {
      endTurn(run);
      return completeAsyncList(value[Symbol.asyncIterator](), path, info, run);
    }
    if (!isIterableObject(value)) {
      throw createGraphQLError(
        `Expected Iterable, but did not find one for field "${info.parentType.name}.${info.fieldName}".`,
      );
    }
    const items: unknown[] = [];
    let hasPromise = false;
    let isUnfinished = false;
    let index = 0;
    try {
      for (const item of value) {
        const completed = complete(item, addPath(path, index, undefined), info, run);
        items.push(completed);
        index += 1;
        if (!isPromise(completed)) continue;
        if (completed instanceof Unfinished) isUnfinished = true;
        else hasPromise = true;
      }
    } catch (error) {
      // The errors of its items are recorded nevertheless, for as long as the operation runs.
      if (isUnfinished) new UnfinishedList(items, isNonNull, path, info, run);
      for (const item of items) ignoreRejection(item);
      abandon(value, type);
      throw error;
    }
    if (!hasPromise) {
      return isUnfinished ? new UnfinishedList(items, isNonNull, path, info, run) : items;
    }
    return Promise.all(
      items.map((item, at) =>
        item instanceof Unfinished
          ? recovered(item, addPath(path, at, undefined), info, run)
          : item,
      ),
    );
  };
}

/** Has the rejections of what will not be completed count as handled. */
function abandon(value: unknown, type: GraphQLOutputType): void {
  if (value instanceof Promise) {
    // The built-in one: the `then` of a database client may run a query.
    Promise.prototype.then.call(
      value,
      (later) => abandon(later, type),
      () => {},
    );
    return;
  }
  const listType = getNullableType(type);
  // Other iterables may have no end, or run code for each item.
  const isList = isListType(listType) && (Array.isArray(value) || value instanceof Set);
  if (isList) for (const item of value) abandon(item, listType.ofType);
}

/** A list with unfinished items, and no other promises. */
class UnfinishedList extends UnfinishedContainer<unknown[]> {
  readonly isHandled = false;
  readonly value: unknown[];
  readonly #isNonNull: boolean;
  readonly #path: Path;
  readonly #info: GraphQLResolveInfo;

  constructor(
    items: unknown[],
    isNonNull: boolean,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ) {
    super(run);
    this.value = items;
    this.#isNonNull = isNonNull;
    this.#path = path;
    this.#info = info;
    let index = 0;
    for (const item of items) {
      if (item instanceof Unfinished) this.expect(index, item);
      index += 1;
    }
  }

  protected put(index: number, value: unknown): void {
    this.value[index] = value;
  }

  protected recover(index: number, error: unknown): unknown {
    const path = addPath(this.#path, index, undefined);
    return recordError(error, this.#info.fieldNodes, path, this.#isNonNull, this.run);
  }

  protected turnsAfter({ isHandled }: Unfinished): number {
    return isHandled ? 2 : 1;
  }
}
