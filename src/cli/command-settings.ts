import { readClientCredentials } from '../server/configuration/client-credentials.ts';
import { type Configuration, readConfiguration } from '../server/configuration/configuration.ts';
import { readEnvironment } from '../server/configuration/environment-file.ts';
import { graphqlPath } from '../server/paths.ts';
import { CommandError } from './command-error.ts';
import type { CommandEdge } from './run-command.ts';

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

/** What a command knows of the API: the same settings as the server itself, read the same way. */
export interface CommandSettings {
  /** Where the API answers, unless an option says otherwise. */
  readonly endpoint: string;
  /**
   * The tenant or issuer that is configured, else the local issuer.
   *
   * @throws CommandError when there is no client that could ask it.
   */
  tokenSource(): TokenSource;
}

/** @throws ConfigurationError with every setting that is wrong. */
export function readSettings(edge: CommandEdge): CommandSettings {
  const environment = readEnvironment({
    environment: edge.environment,
    file: edge.environmentFile,
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
  if (issuer.kind === 'local') {
    if (client === undefined) return { kind: 'local', issuer: `http://localhost:${issuer.port}/` };
    throw new CommandError(
      'AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET belong to an issuer. Set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE) too.',
    );
  }
  const [first] = issuer.issuers;
  const [audience] = issuer.audiences;
  if (first === undefined || audience === undefined) {
    throw new CommandError('The configuration names no issuer, or no audience.');
  }
  if (client === undefined) {
    throw new CommandError(
      `The API trusts ${first}, which gives tokens to its clients only. Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of a client that may have its tokens.`,
    );
  }
  return { kind: 'tenant', issuer: first, audience, ...client };
}
