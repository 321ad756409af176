import type { JsonObject } from '../shared/type-guards.ts';
import type { AccessToken } from './token/access-token.ts';
import { readActors } from './token/actors.ts';
import { clientSubjectPrefix } from './token/claims.ts';
import { readClientId } from './token/client.ts';
import { objectsIn } from './token/json.ts';
import { type AuthenticatedViewer, viewerId } from './viewer.ts';

/**
 * Creates the viewer of an access token. All requests with the token share it, so nothing that one of
 * them does to it may be seen by another.
 *
 * @throws {AuthError} `token_actor`, `token_scopes`
 */
export function createTokenViewer(
  token: Pick<AccessToken, 'subject' | 'issuer' | 'claims' | 'readScopes'>,
): AuthenticatedViewer {
  const { issuer, readScopes } = token;
  const claims = deepFreeze(token.claims);
  const clientId = readClientId(claims);
  const actors = readActors(claims);
  const viewer = {
    kind: 'authenticated' as const,
    ...identify(token.subject, issuer),
    issuer,
    ...(clientId === undefined ? {} : { clientId }),
    ...(actors === undefined ? {} : { actors }),
    scopes: makeImmutable(readScopes(claims)),
    claims,
  };
  defineExpiresAt(viewer);
  return Object.freeze(viewer);
}

function identify(
  subject: AccessToken['subject'],
  issuer: string,
): Pick<AuthenticatedViewer, 'id' | 'subject'> {
  if (subject.kind === 'subject') {
    return { id: viewerId({ issuer, subject: subject.subject }), subject: subject.subject };
  }
  const { clientId } = subject;
  return {
    id: viewerId({ issuer, clientId }),
    subject: `${clientSubjectPrefix}${clientId}`,
  };
}

/** A `Date` cannot be frozen, so each reader gets one of its own. */
function defineExpiresAt<Base extends Pick<AuthenticatedViewer, 'claims'>>(
  viewer: Base,
): asserts viewer is Base & { readonly expiresAt: Date } {
  Object.defineProperty(viewer, 'expiresAt', expiresAtProperty);
}

/**
 * One for all viewers: V8 keeps objects with an accessor of their own until the next full garbage
 * collection.
 */
const expiresAtProperty: PropertyDescriptor & ThisType<Pick<AuthenticatedViewer, 'claims'>> = {
  enumerable: true,
  get() {
    return new Date(Number(this.claims['exp']) * 1000);
  },
};

/**
 * Makes a `Set` whose own methods do not change it. It is not a subclass or a wrapper, so that it can be
 * cloned, compared and combined like any other set.
 *
 * Not prevented: `Set.prototype.add.call(scopes, …)`, which is not written by mistake. Resolvers are
 * trusted: code that wants to get around the rules could as well replace `Set.prototype.has`.
 */
function makeImmutable(set: Set<string>): ReadonlySet<string> {
  for (const name of ['add', 'delete', 'clear']) Object.defineProperty(set, name, rejectedMethod);
  return Object.freeze(set);
}

const rejectedMethod: PropertyDescriptor = {
  value: () => {
    throw new TypeError('The scopes of a viewer cannot be changed. Copy them: new Set(scopes).');
  },
};

function deepFreeze(claims: JsonObject): JsonObject {
  for (const object of objectsIn(claims)) Object.freeze(object);
  return claims;
}
