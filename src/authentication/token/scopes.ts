import { type JsonObject, ownMember } from './json-object.ts';

/**
 * The scopes of an access token: the union of `scope` (space-delimited, RFC 9068 §2.2.3), `scp`
 * (the same, or an array) and `permissions` (an array). Anything else in these claims grants
 * nothing.
 */
export function readScopes(claims: JsonObject): ReadonlySet<string> {
  return new Set([
    ...split(ownMember(claims, 'scope')),
    ...split(ownMember(claims, 'scp')),
    ...strings(ownMember(claims, 'scp')),
    ...strings(ownMember(claims, 'permissions')),
  ]);
}

const split = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(' ').filter((scope) => scope !== '') : [];

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((scope) => typeof scope === 'string' && scope !== '') : [];
