import { readClientCredentials } from '../server/configuration/client-credentials.ts';
import { type Configuration, readConfiguration } from '../server/configuration/configuration.ts';
import { readEnvironment } from '../server/configuration/environment-file.ts';
import { graphqlPath } from '../server/http/paths.ts';
import { CommandError, type CommandIO } from './command.ts';

/** Where tokens come from. */
export type TokenSource =
  | { readonly kind: 'local'; readonly issuer: string }
  | {
      readonly kind: 'tenant';
      readonly issuer: string;
      readonly audience: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

/** The settings of the API, read in the same way as the server does. */
export interface CommandSettings {
  /** The URL of the API, unless an option overrides it. */
  readonly endpoint: string;
  /**
   * The configured issuer, or else the local issuer.
   *
   * @throws CommandError if no client is configured for it.
   */
  tokenSource(): TokenSource;
}

/** @throws ConfigurationError with every invalid setting. */
export function readSettings(io: CommandIO): CommandSettings {
  const environment = readEnvironment({
    environment: io.environment,
    file: io.environmentFile,
  });
  const configuration = readConfiguration(environment);
  return {
    endpoint: `${configuration.publicUrl}${graphqlPath}`,
    tokenSource: () => tokenSource(configuration, readClientCredentials(environment)),
  };
}

function tokenSource(
  { issuer }: Configuration,
  client: ReturnType<typeof readClientCredentials>,
): TokenSource {
  const [first] = issuer.issuers;
  const [audience] = issuer.audiences;
  if (first === undefined || audience === undefined) {
    throw new CommandError('The configuration has no issuer or no audience.');
  }
  if (issuer.kind === 'local') {
    if (client === undefined) return { kind: 'local', issuer: first };
    throw new CommandError(
      'AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET require an issuer. Set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE) too.',
    );
  }
  if (client === undefined) {
    throw new CommandError(
      `The API trusts ${first}, which issues tokens to its own clients only. Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET to those of a client that is allowed to call the API.`,
    );
  }
  return { kind: 'tenant', issuer: first, audience, ...client };
}
