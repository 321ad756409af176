import type { GraphQLSchema } from 'graphql';
import { listScopes } from '../../authorization/review/access-rules.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { findSignInIssuer } from '../configuration/issuer-configuration.ts';
import { graphqlPath } from '../http/paths.ts';
import type { UserWithScopes } from '../test-users.ts';
import type { SignInSettings } from './sign-in-settings.ts';

/** The public client of the local issuer. */
const localClientId = 'local-spa';

/**
 * Auth0 issues refresh tokens only if this scope is requested (OpenID Connect Core §11). Some other issuers
 * reject it, or issue tokens that outlive the session.
 */
const refreshTokenScope = 'offline_access';

/** The sign-in settings of a server's page. Of several issuers, the first that has metadata is used. */
export function describeSignIn({
  configuration,
  schema,
  testUsers = [],
}: {
  readonly configuration: Configuration;
  readonly schema: GraphQLSchema;
  readonly testUsers?: readonly UserWithScopes[] | undefined;
}): SignInSettings {
  const { graphiqlClientId, dpop, issuer: issuers, publicUrl, port } = configuration;
  const isAuth0 = issuers.kind === 'auth0';
  const ownClientId = issuers.kind === 'local' ? localClientId : null;
  const target = findSignInIssuer(issuers.issuers);
  return {
    issuer: target?.issuer ?? issuers.issuers[0]?.issuer ?? '',
    metadataUrl: target?.discovery ?? null,
    clientId: target === undefined ? null : (graphiqlClientId ?? ownClientId),
    audience: target?.audience ?? null,
    identityScopes: ['openid', 'profile', 'email', ...(isAuth0 ? [refreshTokenScope] : [])],
    scopes: listScopes(schema),
    testUsers: testUsers.map(({ name, displayName, scopes }) => ({ name, displayName, scopes })),
    endpoint: `${publicUrl}${graphqlPath}`,
    commandPort: issuers.kind === 'local' && port !== 4000 ? port : null,
    dpop: dpop.mode,
  };
}
