import { addPath, getArgumentValues, isPromise } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { Undecided } from '../authorization/enforcement/undecided.ts';
import type { CompiledField } from './compile-selections.ts';
import { recordErrors } from './field-error.ts';
import { endTurn, infoOf, type Path, type Run } from './run.ts';
import { UndecidedValue } from './undecided-value.ts';
import { Unfinished, UnfinishedContainer } from './unfinished.ts';

/** The fields of one object in the response. */
export type Results = Record<string, unknown>;

/** Executes the fields of an object side by side. */
export function executeFields(
  fields: readonly CompiledField[],
  source: unknown,
  path: Path | undefined,
  run: Run,
): Results | PromiseLike<Results> {
  const results: Results = {};
  let hasPromise = false;
  let isUnfinished = false;
  try {
    for (const field of fields) {
      const value = executeField(field, source, path, run);
      if (value === undefined) continue;
      results[field.key] = value;
      if (!isPromise(value)) continue;
      if (value instanceof Unfinished) isUnfinished = true;
      else hasPromise = true;
    }
  } catch (error) {
    if (!hasPromise && !isUnfinished) throw error;
    // The other fields are awaited, so that none of their rejections is unhandled.
    const fail = (): never => {
      throw error;
    };
    return settle(withPromises(results, fields, path, run)).then(fail, fail);
  }
  if (!isUnfinished) return hasPromise ? settle(results) : results;
  return hasPromise
    ? settle(withPromises(results, fields, path, run))
    : new UnfinishedObject(results, fields, path, run);
}

/** Has the fields that are unfinished fail as promises. */
function withPromises(
  results: Results,
  fields: readonly CompiledField[],
  path: Path | undefined,
  run: Run,
): Results {
  for (const field of fields) {
    const value = results[field.key];
    if (value instanceof Unfinished) results[field.key] = recovered(value, field, path, run);
  }
  return results;
}

/** An object with unfinished fields, and no other promises. */
class UnfinishedObject extends UnfinishedContainer<Results> {
  readonly isHandled: boolean;
  readonly value: Results;
  readonly #isSingle: boolean;
  readonly #fields: readonly CompiledField[];
  readonly #path: Path | undefined;

  constructor(
    results: Results,
    fields: readonly CompiledField[],
    path: Path | undefined,
    run: Run,
  ) {
    super(run);
    this.value = results;
    this.#fields = fields;
    this.#path = path;
    let single: Unfinished | undefined;
    let index = 0;
    for (const { key } of fields) {
      const value = results[key];
      if (value instanceof Unfinished) {
        single = this.missing === 0 ? value : undefined;
        this.expect(index, value);
      }
      index += 1;
    }
    this.#isSingle = single !== undefined;
    this.isHandled = single?.isHandled ?? false;
  }

  protected put(index: number, value: unknown): void {
    const field = this.#fields[index];
    if (field) this.value[field.key] = value;
  }

  protected recover(index: number, error: unknown): unknown {
    const field = this.#fields[index];
    return field && failField(error, field, this.#path, this.run);
  }

  protected turnsAfter({ isHandled }: Unfinished): number {
    if (this.#isSingle) return 2;
    return isHandled ? 4 : 3;
  }
}

/** Executes the root fields of a mutation one after the other, in as many microtasks as Yoga's executor. */
export function executeSerially(
  fields: readonly CompiledField[],
  source: unknown,
  run: Run,
): Results | PromiseLike<Results> {
  const results: Results = {};
  let done: Results | PromiseLike<Results> = results;
  for (const field of fields) {
    done = isPromise(done) ? done.then(() => addField(field)) : addField(field);
  }
  return done;

  function addField(field: CompiledField): Results | PromiseLike<Results> {
    const add = (value: unknown): Results => {
      if (value !== undefined) results[field.key] = value;
      return results;
    };
    const value = executeField(field, source, undefined, run);
    if (value instanceof Unfinished) return recovered(value, field, undefined, run).then(add);
    return isPromise(value) ? value.then(add) : add(value);
  }
}

/** An object like the given one, with what its promises resolve to, in the same order of keys. */
function settle(results: Results): PromiseLike<Results> {
  const settled: Results = {};
  const pending: Pending[] = [];
  for (const key of Object.keys(results)) {
    const value = results[key];
    settled[key] = isPromise(value) ? undefined : value;
    if (isPromise(value)) pending.push({ key, value });
  }
  const [only, another] = pending;
  const all =
    only !== undefined && another === undefined
      ? settleOne(only, settled)
      : settleAll(pending, settled);
  return all.then(() => settled);
}

/** A field whose value is still a promise. */
interface Pending {
  readonly key: string;
  readonly value: PromiseLike<unknown>;
}

function settleOne({ key, value }: Pending, settled: Results): PromiseLike<void> {
  return value.then((later) => {
    settled[key] = later;
  });
}

/** What `Promise.all` does, in the same number of microtasks, but with half of its promises. */
function settleAll(pending: readonly Pending[], settled: Results): Promise<unknown> {
  // Others take more microtasks.
  if (pending.some(({ value }) => value.constructor !== Promise)) {
    return Promise.all(pending.map((one) => settleOne(one, settled)));
  }
  let remaining = pending.length;
  return new Promise<void>((resolve, reject) => {
    for (const { key, value } of pending) {
      value.then((later) => {
        settled[key] = later;
        remaining -= 1;
        if (remaining === 0) resolve();
      }, reject);
    }
  }).then();
}

/** The value of one field: perhaps `Unfinished`, or another promise; undefined if the response leaves it out. */
function executeField(
  field: CompiledField,
  source: unknown,
  parentPath: Path | undefined,
  run: Run,
): unknown {
  if (field.constant !== undefined) return field.constant;
  try {
    const completed = resolveField(field, source, parentPath, run);
    return isPromise(completed) && !(completed instanceof Unfinished)
      ? recovered(completed, field, parentPath, run)
      : completed;
  } catch (error) {
    return failField(error, field, parentPath, run);
  }
}

/** A promise that rejects only where the null must propagate. */
function recovered(
  completed: PromiseLike<unknown>,
  field: CompiledField,
  parentPath: Path | undefined,
  run: Run,
): PromiseLike<unknown> {
  return completed.then(undefined, (error: unknown) => failField(error, field, parentPath, run));
}

function resolveField(
  field: CompiledField,
  source: unknown,
  parentPath: Path | undefined,
  run: Run,
): unknown {
  const given = field.definition.resolve;
  const resolve = given === undefined ? undefined : field.resolver.in(run, given);
  let result: unknown;
  if (resolve === undefined && !field.hasArguments) {
    // As the default resolver reads it, without the arguments, path and info that most values need not.
    result = isIndexable(source) ? source[field.fieldName] : undefined;
    if (typeof result !== 'function' && field.completeLeaf !== undefined && !isPromise(result)) {
      return field.completeLeaf(result, field);
    }
  }
  const path = addPath(parentPath, field.key, field.parentType.name);
  const info = infoOf(field, path, run);
  if (resolve !== undefined || field.hasArguments) {
    const args = field.hasArguments
      ? getArgumentValues(
          field.definition,
          field.node,
          run.variables.coerced,
          run.variables.sources,
        )
      : {};
    result = (resolve ?? defaultFieldResolver)(source, args, run.contextValue, info);
  } else if (typeof result === 'function' && isIndexable(source)) {
    const method = source[field.fieldName];
    if (typeof method !== 'function') throw new TypeError(`${field.fieldName} is not a function`);
    result = method.call(source, {}, run.contextValue, info);
  }
  if (!isPromise(result)) return field.complete(result, path, info, run);
  endTurn(run);
  return result instanceof Undecided
    ? new UndecidedValue(result, field.complete, path, info, run)
    : completeLater(result, field, path, info, run);
}

/** Not in the function above, which would keep what is captured here for each field. */
function completeLater(
  result: PromiseLike<unknown>,
  field: CompiledField,
  path: Path,
  info: GraphQLResolveInfo,
  run: Run,
): PromiseLike<unknown> {
  return result.then((later) => field.complete(later, path, info, run));
}

function failField(
  error: unknown,
  field: CompiledField,
  parentPath: Path | undefined,
  run: Run,
): null | undefined {
  const path = addPath(parentPath, field.key, field.parentType.name);
  return recordErrors(error, field.fieldNodes, path, field.isNonNull, run);
}

function isIndexable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
