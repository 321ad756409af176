import { type GraphQLResolveInfo, getNullableType, isListType, type ResponsePath } from 'graphql';
import type { UnmetRule } from '../operation/examine-field.ts';
import { hiddenRefusal, RefusalError } from '../rules/refusal.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { rejectHandled } from './handled-promise.ts';

/** The number of refusals of one execution that get their own error. */
export const maxReportedRefusals = 100;

/**
 * The number of different unmet requirements that one execution keeps: a policy can require something else
 * for each object. Beyond that, one of each kind. The scopes of more would not fit into a challenge.
 */
const maxUnmet = 1_000;

/** Collects the refusals of one execution. Clients choose how many there are, so all of it is bounded. */
export class RefusalCollector {
  readonly #keepsUnmetRules: boolean;
  /** Since they were last taken. Undefined if there are none. */
  #refusals: Refusals | undefined;

  /** @param keepsUnmetRules Whether to keep the unmet rules for reports. */
  constructor(keepsUnmetRules: boolean) {
    this.#keepsUnmetRules = keepsUnmetRules;
  }

  /** Records a refusal, and returns what to throw or reject with. */
  refuse(unmetRule: UnmetRule, info: GraphQLResolveInfo, at: RefusedPart): RaisedError {
    const { unmet } = unmetRule;
    const refusals = this.#collect();
    refusals.count += 1;
    if (this.#keepsUnmetRules && refusals.unmetRules.length < maxReportedRefusals) {
      refusals.unmetRules.push({ ...unmetRule, path: toKeys(info.path) });
    }
    // The objects of a list are refused one after the other, with the same result.
    if (unmet !== refusals.last) {
      const isFull = refusals.unmet.size >= maxUnmet;
      const key = isFull ? unmet.kind : JSON.stringify(unmet);
      refusals.unmet.set(unmet === hiddenRefusal ? 'hidden' : key, unmet);
    }
    refusals.last = unmet;
    // Whether the resolver of a hidden field has run would tell what exists.
    if (at === 'field' && info.path.prev === undefined && unmet !== hiddenRefusal) {
      refusals.roots.add(String(info.path.key));
    }
    if (refusals.count <= maxReportedRefusals) return raiseRefusal(unmet, info, at);
    if (refusals.overflow === undefined) {
      const { error } = raiseRefusal(unmet, info, 'field');
      refusals.overflow = { error, shared: rejectHandled(error) };
    }
    return refusals.overflow;
  }

  /** Records a refusal that is not an error, for reports alone. */
  record(unmetRule: UnmetRule, info: GraphQLResolveInfo, refusedAs: 'null' | 'omitted'): void {
    if (!this.#keepsUnmetRules) return;
    const { unmetRules } = this.#collect();
    if (unmetRules.length >= maxReportedRefusals) return;
    unmetRules.push({ ...unmetRule, path: toKeys(info.path), refusedAs });
  }

  /** The refusals since this was last called. */
  take(): CollectedRefusals {
    const refusals = this.#refusals;
    if (refusals === undefined) return noRefusals;
    this.#refusals = undefined;
    return {
      unmet: [...refusals.unmet.values()],
      roots: refusals.roots,
      beyond: Math.max(0, refusals.count - maxReportedRefusals),
      shared: refusals.overflow?.error,
      unmetRules: refusals.unmetRules,
    };
  }

  #collect(): Refusals {
    this.#refusals ??= { unmet: new Map(), roots: new Set(), count: 0, unmetRules: [] };
    return this.#refusals;
  }
}

/** Refusals as they are collected. */
interface Refusals {
  readonly unmet: Map<string, UnmetRequirement>;
  readonly roots: Set<string>;
  readonly unmetRules: RefusedPath[];
  count: number;
  last?: UnmetRequirement;
  overflow?: RaisedError;
}

/** A whole field, or its value. If that is an item of a list, the executor adds the path. */
export type RefusedPart = 'field' | 'value';

/** The error of a refusal and, beyond the first hundred of an execution, the one rejection that they share. */
export interface RaisedError {
  readonly error: RefusalError;
  readonly shared?: Promise<never>;
}

/** The refusals that the guards of an execution collected. */
export interface CollectedRefusals {
  /** What was unmet, without duplicates. */
  readonly unmet: readonly UnmetRequirement[];
  /** Response keys of the root fields that were refused before their resolvers ran. */
  readonly roots: ReadonlySet<string>;
  /** The number of refusals beyond the first hundred. */
  readonly beyond: number;
  /** The error that represents all of those. */
  readonly shared: RefusalError | undefined;
  /** The first hundred, if the execution keeps them. */
  readonly unmetRules: readonly RefusedPath[];
}

const noRefusals: CollectedRefusals = {
  unmet: [],
  roots: new Set(),
  beyond: 0,
  shared: undefined,
  unmetRules: [],
};

/** An unmet rule, and the path of the field that it is in. */
interface RefusedPath extends UnmetRule {
  readonly path: readonly (string | number)[];
  /** What took its place. Absent if it is an error. */
  readonly refusedAs?: 'null' | 'omitted';
}

/** Creates the error of a refusal. */
export function raiseRefusal(
  unmet: UnmetRequirement,
  { fieldNodes, path, returnType }: GraphQLResolveInfo,
  at: RefusedPart,
): RaisedError {
  const isItem = at === 'value' && isListType(getNullableType(returnType));
  return {
    error: new RefusalError(unmet, { fieldNodes, path: isItem ? undefined : toKeys(path) }),
  };
}

/** The keys of a path, from the root. */
export function toKeys(path: ResponsePath): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: ResponsePath | undefined = path; at; at = at.prev) keys.push(at.key);
  return keys.reverse();
}
