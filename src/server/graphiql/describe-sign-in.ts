import type { GraphQLSchema } from 'graphql';
import { listScopes } from '../../authorization/review/access-rules.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { graphqlPath } from '../http/paths.ts';
import type { SignInSettings } from './sign-in-settings.ts';

/** The public client of the local issuer. */
const localClientId = 'local-spa';

/**
 * Auth0 issues refresh tokens only if this scope is requested (OpenID Connect Core §11). Some other issuers
 * reject it, or issue tokens that outlive the session.
 */
const refreshTokenScope = 'offline_access';

/** The sign-in settings of a server's page. With several issuers or audiences, the first is used. */
export function describeSignIn({
  configuration,
  issuers: [issuer = ''],
  audiences: [audience],
  schema,
}: {
  readonly configuration: Configuration;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly schema: GraphQLSchema;
}): SignInSettings {
  const { graphiqlClientId, dpop, publicUrl } = configuration;
  const isAuth0 = configuration.issuer.kind === 'auth0';
  const ownClientId = configuration.issuer.kind === 'local' ? localClientId : null;
  return {
    issuer,
    clientId: graphiqlClientId ?? ownClientId,
    audience: audience ?? null,
    identityScopes: ['openid', 'profile', 'email', ...(isAuth0 ? [refreshTokenScope] : [])],
    scopes: listScopes(schema),
    endpoint: `${publicUrl}${graphqlPath}`,
    dpop: dpop.mode,
  };
}
