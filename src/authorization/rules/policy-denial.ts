import { isObject } from '../../shared/type-guards.ts';
import { scopeToken } from '../directives/scope-hierarchy.ts';

/**
 * Why a policy denies, as the client gets it: `policy` with a message and a code of its own, status 403;
 * what would be sufficient, `scope` or a `step-up` of the sign-in, which joins the challenge of the
 * response as if a rule required it; or `unavailable`, status 503. Must not contain anything from the
 * viewer's token.
 */
export type PolicyDenial =
  | {
      readonly kind: 'policy';
      /** One line of at most 300 characters. Default: `Access denied.` */
      readonly message?: string;
      /** At most 64 of `A-Z`, `0-9` and `_`, starting with a letter, and not `UNAUTHENTICATED`. Default: `FORBIDDEN`. */
      readonly code?: string;
    }
  | {
      readonly kind: 'scope';
      /** The scopes that would be sufficient, space-delimited: at most 1,000 characters. */
      readonly scope: string;
    }
  | {
      readonly kind: 'step-up';
      /** Authentication context classes, any one of which would be sufficient: at most 20. */
      readonly acr?: readonly string[];
      /** The maximum age of the sign-in, in seconds. */
      readonly maxAge?: number;
    }
  /** The policy cannot decide now, as what it needs is down: an error with status 503, in every form. */
  | { readonly kind: 'unavailable' };

const denialKinds: Readonly<Record<PolicyDenial['kind'], true>> = {
  policy: true,
  scope: true,
  'step-up': true,
  unavailable: true,
};

/** Whether a `kind` is one of a denial. */
export const isDenialKind = (kind: unknown): boolean =>
  typeof kind === 'string' && Object.hasOwn(denialKinds, kind);

/** What a policy decides: `true` allows, `false` denies with `Access denied.`, a denial says why. */
export type PolicyDecision = boolean | PolicyDenial;

/** A decision that has been read. */
export type Decision = true | PolicyDenial;

/** The denial of a policy that does not say why. */
export const accessDenied: PolicyDenial = Object.freeze({ kind: 'policy' });

const maxMessageLength = 300;
const maxScopeLength = 1_000;
const maxClasses = 20;
const maxClassLength = 200;
const ownCode = /^[A-Z][A-Z0-9_]{0,63}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a message must not have.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * Reads what a policy returned. Everything that is neither `true` nor a denial denies without a reason.
 *
 * @throws {TypeError} If it is an object, and not a valid denial. The message has none of its values.
 */
export function readDecision(result: unknown): Decision {
  if (result === true) return true;
  if (!isObject(result)) return accessDenied;
  const { kind } = result;
  switch (kind) {
    case 'policy':
      return readPolicyDenial(result);
    case 'scope':
      return readScopeDenial(result);
    case 'step-up':
      return readStepUpDenial(result);
    case 'unavailable':
      return { kind };
    default:
      throw invalid('has no kind: it must be policy, scope, step-up or unavailable');
  }
}

function readPolicyDenial({ message, code }: Readonly<Record<string, unknown>>): PolicyDenial {
  if (message !== undefined) {
    const isValid =
      typeof message === 'string' &&
      message.length <= maxMessageLength &&
      message.trim() !== '' &&
      !controlCharacter.test(message);
    if (!isValid) {
      throw invalid(`has a message that is not one line of 1 to ${maxMessageLength} characters`);
    }
  }
  if (code !== undefined) {
    // Clients react to this code by signing in, which would not help.
    const isValid = typeof code === 'string' && ownCode.test(code) && code !== 'UNAUTHENTICATED';
    if (!isValid) throw invalid('has a code that is not like ARCHIVED, or that is UNAUTHENTICATED');
  }
  return {
    kind: 'policy',
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
  };
}

function readScopeDenial({ scope }: Readonly<Record<string, unknown>>): PolicyDenial {
  const isValid =
    typeof scope === 'string' &&
    scope.length <= maxScopeLength &&
    scope.split(' ').every((one) => scopeToken.test(one));
  if (!isValid) {
    throw invalid(
      `has a scope that is not a list of scopes with one space between them (RFC 6749, section 3.3), in ${maxScopeLength} characters at most`,
    );
  }
  return { kind: 'scope', scope };
}

function readStepUpDenial({ acr, maxAge }: Readonly<Record<string, unknown>>): PolicyDenial {
  if (acr === undefined && maxAge === undefined) throw invalid('has neither acr nor maxAge');
  if (acr !== undefined) {
    const isValid =
      Array.isArray(acr) && acr.length > 0 && acr.length <= maxClasses && acr.every(isClass);
    if (!isValid) throw invalid(`has an acr that is not a list of 1 to ${maxClasses} classes`);
  }
  if (maxAge !== undefined) {
    const isValid = typeof maxAge === 'number' && Number.isSafeInteger(maxAge) && maxAge >= 0;
    if (!isValid) throw invalid('has a maxAge that is not a whole number of seconds');
  }
  return {
    kind: 'step-up',
    ...(acr === undefined ? {} : { acr: [...acr] }),
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}

const isClass = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= maxClassLength && scopeToken.test(value);

const invalid = (problem: string): TypeError =>
  new TypeError(`The result of a policy ${problem}. It denies without a reason.`);
