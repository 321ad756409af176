import { AuthError } from '../auth-error.ts';
import { isJsonObject, type JsonObject, ownMember } from './json-object.ts';

/** How a token is bound to whoever may use it. */
export type Confirmation =
  | { readonly kind: 'none' }
  /** The client must prove to have the key with this thumbprint (RFC 9449 §6.1). */
  | { readonly kind: 'key'; readonly thumbprint: string };

/**
 * Reads the claim `cnf` (RFC 7800 §3.1). A method that is not known here, alone or beside `jkt`,
 * could not be checked, so that such a token is refused.
 *
 * @throws {AuthError} `token_confirmation`
 */
export function readConfirmation(claims: JsonObject): Confirmation {
  const confirmation = ownMember(claims, 'cnf') ?? null;
  if (confirmation === null) return { kind: 'none' };
  if (isJsonObject(confirmation) && Object.keys(confirmation).length === 1) {
    const thumbprint = ownMember(confirmation, 'jkt');
    if (typeof thumbprint === 'string') return { kind: 'key', thumbprint };
  }
  throw new AuthError('token_confirmation');
}
