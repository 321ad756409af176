import type { GraphQLSchema } from 'graphql';
import { type TestUser, testUsers } from '../api/test-users.ts';
import { type AuthenticatedViewer, viewerId } from '../authentication/viewer.ts';
import { guardOf } from '../authorization/operation/guard.ts';
import { listScopes } from '../authorization/review/access-rules.ts';

/** A test user of the local issuer, with the scopes that they have for one schema. */
export interface UserWithScopes {
  readonly name: string;
  readonly scopes: readonly string[];
}

/** What the local issuer knows of a guarded schema: its scopes, and who has which. */
export function testUsersOf(schema: GraphQLSchema, users: readonly TestUser[] = testUsers) {
  const scopes = listScopes(schema);
  return { scopes, users: users.map((user) => ({ ...user, scopes: user.scopes(scopes) })) };
}

/** The viewer that a test user is for a guarded schema, having just signed in with every scope. */
export function viewerOf(
  { name, scopes }: UserWithScopes,
  schema: GraphQLSchema,
): AuthenticatedViewer {
  return {
    kind: 'authenticated',
    id: viewerId({ issuer: '', subject: name }),
    subject: name,
    issuer: '',
    scopes: new Set(scopes),
    // A second ahead, within the tolerance: maxAge: 0 does not refuse it.
    claims: { sub: name, auth_time: guardOf(schema).now() / 1000 + 1 },
    expiresAt: new Date(8.64e15),
  };
}
