import type { GraphQLSchema } from 'graphql';
import { type AuthenticatedViewer, viewerId } from '../authentication/viewer.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import type { TestUser } from './api-definition.ts';

/** A test user of the local issuer, with their scopes for one schema. */
export interface UserWithScopes extends TestUser {
  readonly displayName: string;
  readonly scopes: readonly string[];
}

/** Fills in display names, and replaces `all` and `reading` with the scopes that they stand for in a schema. */
export function resolveTestUsers(
  users: readonly TestUser[],
  schemaScopes: readonly string[],
): readonly UserWithScopes[] {
  const named = { all: schemaScopes, reading: readingScopes(schemaScopes) };
  return users.map(({ scopes, ...user }) => ({
    displayName: user.name.charAt(0).toUpperCase() + user.name.slice(1),
    ...user,
    scopes: typeof scopes === 'string' ? named[scopes] : scopes,
  }));
}

/** Scopes with a word for reading; if there are none, the first half, so that some differ. */
function readingScopes(schemaScopes: readonly string[]): readonly string[] {
  const reading = schemaScopes.filter((scope) =>
    scope
      .split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/)
      .some((word) => ['read', 'reader', 'readonly', 'view'].includes(word.toLowerCase())),
  );
  return reading.length > 0 ? reading : schemaScopes.slice(0, Math.ceil(schemaScopes.length / 2));
}

/**
 * A test user as a viewer of a guarded schema, freshly signed in with all of their scopes. The claims are those
 * that every token of the local issuer has for a user; rules require no values of them.
 */
export function testUserViewer(
  { name, scopes }: UserWithScopes,
  schema: GraphQLSchema,
): AuthenticatedViewer {
  const seconds = guardOf(schema).now() / 1000;
  return {
    kind: 'authenticated',
    id: viewerId({ issuer: '', subject: name }),
    subject: name,
    issuer: '',
    scopes: new Set(scopes),
    claims: {
      iss: '',
      sub: name,
      aud: '',
      azp: '',
      iat: seconds,
      exp: seconds + 3_600,
      // A second ahead, within the tolerance: maxAge: 0 does not refuse it.
      auth_time: seconds + 1,
      scope: scopes.join(' '),
      permissions: scopes,
    },
    expiresAt: new Date(8.64e15),
  };
}
