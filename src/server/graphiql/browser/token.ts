import { isObject } from './is-object.ts';

/** The parts of an access token that is a JWT, as anyone who has it can read them. Nothing is verified. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** @returns Undefined if the token is not a JWT. */
export function decodeToken(token: string): DecodedToken | undefined {
  const [header, claims] = token.split('.').map(decodePart);
  return header && claims && { header, claims };
}

/**
 * The scopes of an access token, from `scope`, `scp` and `permissions` like in the API. Nothing else is
 * read.
 */
export function scopesOf({ claims }: DecodedToken): readonly string[] {
  const { scope, scp, permissions } = claims;
  return [...new Set([scope, scp, permissions].flatMap(toWords))].sort();
}

/** The thumbprint of the key that a token is bound to (RFC 9449 §6.1). */
export function thumbprintOf({ claims }: DecodedToken): string | undefined {
  const { cnf } = claims;
  const thumbprint = isObject(cnf) ? cnf['jkt'] : undefined;
  return typeof thumbprint === 'string' ? thumbprint : undefined;
}

function decodePart(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Uint8Array.from(
      atob(part.replaceAll('-', '+').replaceAll('_', '/')),
      (character) => character.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function toWords(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}
