import { isJsonObject, type JsonObject } from './type-guards.ts';

/**
 * Finds a claim by its name, or by a path to a member of one: `realm_access.roles`. At each step, the longest
 * name that the object has counts, so names can contain dots: `https://example.com/roles`. Members that are
 * inherited, and those of arrays, are none.
 *
 * @param names the path, split at its dots
 */
export function findClaim(claims: JsonObject, names: readonly string[]): unknown {
  let value: unknown = claims;
  let rest = names;
  while (rest.length > 0) {
    if (!isJsonObject(value)) return undefined;
    const object: JsonObject = value;
    const length = longestFirst(rest).find((count) => Object.hasOwn(object, nameOf(rest, count)));
    if (length === undefined) return undefined;
    value = object[nameOf(rest, length)];
    rest = rest.slice(length);
  }
  return value;
}

const longestFirst = (names: readonly string[]): readonly number[] =>
  names.map((_, index) => names.length - index);

const nameOf = (names: readonly string[], count: number): string => names.slice(0, count).join('.');

/** The most names in a path. Each takes a step down, or is part of a name. */
export const maxClaimNames = 16;

/** Whether a text is the name of a claim or a path. */
export const isClaimPath = (path: unknown): path is string =>
  typeof path === 'string' &&
  path.split('.').length <= maxClaimNames &&
  path.split('.').every((name) => name !== '');

/**
 * Creates the function that checks whether claims have one that is not null. Decided once: a name without
 * dots is looked up as it is.
 *
 * @param path a name, or a path as for `findClaim`
 */
export function createClaimCheck(path: string): (claims: JsonObject) => boolean {
  if (!path.includes('.')) {
    return (claims) => claims[path] != null && Object.hasOwn(claims, path);
  }
  const names = path.split('.');
  return (claims) => (findClaim(claims, names) ?? null) !== null;
}

/** Whether claims have one that is not null: see `createClaimCheck`, which is faster if it is called often. */
export const hasClaim = (claims: JsonObject, path: string): boolean =>
  createClaimCheck(path)(claims);
