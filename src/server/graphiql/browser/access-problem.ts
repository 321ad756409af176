import { isObject } from './is-object.ts';
import type { SignInRequest } from './session.ts';

/**
 * Why the API denied access.
 *
 * - `sign-in`: the request was anonymous.
 * - `scope`: the token lacks scopes.
 * - `step-up`: the sign-in is too weak or too old.
 * - `denied`: signing in again with this account does not help.
 * - `credentials`: the credentials were rejected, with the API's `reason`.
 */
export type AccessProblem =
  | {
      readonly kind: 'sign-in' | 'scope' | 'step-up' | 'denied';
      readonly request: SignInRequest;
    }
  | { readonly kind: 'credentials'; readonly reason: string };

/**
 * Reads the errors of a response, and combines them into one problem with the sign-in that fixes it.
 *
 * @returns Undefined if nothing was denied.
 */
export function readAccessProblem(body: unknown): AccessProblem | undefined {
  const errors = errorsOf(body);
  for (const { isOfField, extensions } of errors) {
    const { reason } = extensions;
    if (!isOfField && typeof reason === 'string') return { kind: 'credentials', reason };
  }
  const denied = errors
    .map(({ extensions }) => extensions)
    .filter(({ code }) => code === 'FORBIDDEN' || code === 'UNAUTHENTICATED');
  if (denied.length === 0) return undefined;

  const scopes = [
    ...new Set(denied.flatMap(({ scope }) => (typeof scope === 'string' ? scope.split(' ') : []))),
  ];
  const acr = denied.map((one) => one['acr']).find(isStringList);
  const ages = denied.map(({ maxAge }) => maxAge).filter((age) => typeof age === 'number');
  const request: SignInRequest = {
    ...(scopes.length > 0 ? { scopes } : {}),
    ...(acr ? { acr } : {}),
    ...(ages.length > 0 ? { maxAge: Math.min(...ages) } : {}),
  };
  if (acr || ages.length > 0) return { kind: 'step-up', request };
  if (denied.some(({ code }) => code === 'UNAUTHENTICATED')) return { kind: 'sign-in', request };
  return { kind: scopes.length > 0 ? 'scope' : 'denied', request };
}

interface ResponseError {
  /** Whether its field was executed: the credentials were not rejected. */
  readonly isOfField: boolean;
  readonly extensions: Readonly<Record<string, unknown>>;
}

function errorsOf(body: unknown): readonly ResponseError[] {
  if (!isObject(body) || !Array.isArray(body['errors'])) return [];
  return body['errors'].flatMap((error: unknown) =>
    isObject(error) && isObject(error['extensions'])
      ? [{ isOfField: error['path'] !== undefined, extensions: error['extensions'] }]
      : [],
  );
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
