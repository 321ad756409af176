import type { GraphQLSchema } from 'graphql';
import { listScopes } from '../../authorization/review/access-rules.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { graphqlPath } from '../paths.ts';
import type { SignInSettings } from './sign-in-settings.ts';

/** The client of the local issuer that people sign in as. */
const localClientId = 'local-spa';

/** The settings of a server's page. Of several issuers or audiences, the first. */
export function describeSignIn({
  configuration,
  issuers: [issuer = ''],
  audiences: [audience = ''],
  schema,
}: {
  readonly configuration: Configuration;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly schema: GraphQLSchema;
}): SignInSettings {
  const { graphiqlClientId, dpop, publicUrl } = configuration;
  const ownClientId = configuration.issuer.kind === 'local' ? localClientId : null;
  return {
    issuer,
    clientId: graphiqlClientId ?? ownClientId,
    audience,
    scopes: listScopes(schema),
    endpoint: `${publicUrl}${graphqlPath}`,
    dpop: dpop.mode,
  };
}
