import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import type { Actor } from '../viewer.ts';
import { getOwn } from './json.ts';

/** The longest chain of delegations. Auth0's longest is 5. */
const maxActors = 10;

/**
 * Reads the claim `act` (RFC 8693 §4.1): who acts for the subject, outermost first. A chain that cannot
 * be read as a whole is rejected, because rules could not be applied to it.
 *
 * @returns undefined if the subject acts itself
 * @throws {AuthError} `token_actor`
 */
export function readActors(claims: JsonObject): readonly Actor[] | undefined {
  const actors: Actor[] = [];
  let act = getOwn(claims, 'act') ?? null;
  while (act !== null) {
    if (!isJsonObject(act) || actors.length === maxActors) throw new AuthError('token_actor');
    const subject = readText(act, 'sub');
    const issuer = readText(act, 'iss');
    actors.push(
      Object.freeze({
        ...(subject === undefined ? {} : { subject }),
        ...(issuer === undefined ? {} : { issuer }),
        claims: act,
      }),
    );
    act = getOwn(act, 'act') ?? null;
  }
  return actors.length === 0 ? undefined : Object.freeze(actors);
}

function readText(claims: JsonObject, name: string): string | undefined {
  const value = getOwn(claims, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new AuthError('token_actor');
  return value;
}
