import { isObject } from '../shared/type-guards.ts';

/** Rejects a viewer that an authenticator of your own made in a wrong shape. */
export type CheckViewer = (viewer: unknown) => void;

/**
 * Creates the check of viewers. Each object is checked once: all requests with a token share its viewer.
 * Without it, a rule would fail later and elsewhere, for example because `scopes` is an array.
 */
export function createViewerCheck(): CheckViewer {
  const checked = new WeakSet<object>();
  return (viewer) => {
    if (isObject(viewer) && checked.has(viewer)) return;
    const problem = findProblem(viewer);
    if (problem !== undefined) {
      throw new TypeError(`The authenticator returned a viewer that cannot be used: ${problem}`);
    }
    if (isObject(viewer)) checked.add(viewer);
  };
}

function findProblem(viewer: unknown): string | undefined {
  if (!isObject(viewer)) {
    return "it must be an object with kind 'authenticated', or anonymous. To reject credentials, throw an AuthError.";
  }
  const { kind, subject, issuer, scopes, claims, expiresAt } = viewer;
  if (kind === 'anonymous') return undefined;
  if (kind !== 'authenticated') return "kind must be 'authenticated' or 'anonymous'.";
  if (typeof subject !== 'string' || subject === '') return 'subject must be a non-empty string.';
  if (typeof issuer !== 'string' || issuer === '') {
    return 'issuer must be a non-empty string, such as urn:example:api-keys: subjects are unique within it.';
  }
  if (!(scopes instanceof Set)) return "scopes must be a Set: new Set(['read:messages']).";
  if (!isObject(claims)) return 'claims must be an object. Without any, write claims: {}.';
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime())) {
    return 'expiresAt must be a valid Date: streams end at it.';
  }
  return undefined;
}
