/** @import { Wish } from './session.js' */

/**
 * What the API's answer asks of the person in front of the page.
 *
 * - `sign-in`: nobody was signed in.
 * - `scope`: the token lacks scopes.
 * - `step-up`: the sign-in is too weak or too old.
 * - `never`: no sign-in of this person changes it.
 * - `credentials`: what was sent cannot be used, for the reason that the API names.
 *
 * @typedef {{ kind: 'sign-in' | 'scope' | 'step-up' | 'never', wish: Wish }
 *   | { kind: 'credentials', reason: string }} Refusal
 */

/**
 * Reads the refusals out of the errors of an answer, and joins them to what one sign-in would mend.
 *
 * @param {unknown} body
 * @returns {Refusal | undefined} Undefined where nothing was refused.
 */
export function readRefusal(body) {
  const errors = errorsOf(body);
  for (const { reason } of errors) {
    if (typeof reason === 'string') return { kind: 'credentials', reason };
  }
  const refused = errors.filter(({ code }) => code === 'FORBIDDEN' || code === 'UNAUTHENTICATED');
  if (refused.length === 0) return undefined;

  const scopes = [
    ...new Set(refused.flatMap(({ scope }) => (typeof scope === 'string' ? scope.split(' ') : []))),
  ];
  const acr = refused.map((one) => one.acr).find((classes) => isTexts(classes));
  const ages = refused.map(({ maxAge }) => maxAge).filter((age) => typeof age === 'number');
  /** @type {Wish} */
  const wish = {
    ...(scopes.length > 0 ? { scopes } : {}),
    ...(acr ? { acr } : {}),
    ...(ages.length > 0 ? { maxAge: Math.min(...ages) } : {}),
  };
  if (acr || ages.length > 0) return { kind: 'step-up', wish };
  if (refused.some(({ code }) => code === 'UNAUTHENTICATED')) return { kind: 'sign-in', wish };
  return { kind: scopes.length > 0 ? 'scope' : 'never', wish };
}

/**
 * The extensions of all errors.
 *
 * @param {unknown} body
 * @returns {readonly Readonly<Record<string, unknown>>[]}
 */
function errorsOf(body) {
  if (!isObject(body) || !Array.isArray(body['errors'])) return [];
  return body['errors'].flatMap((error) =>
    isObject(error) && isObject(error['extensions']) ? [error['extensions']] : [],
  );
}

/**
 * @param {unknown} value
 * @returns {value is Readonly<Record<string, unknown>>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/**
 * @param {unknown} value
 * @returns {value is readonly string[]}
 */
function isTexts(value) {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
