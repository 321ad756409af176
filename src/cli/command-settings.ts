import type { Migrations } from '../database/migrations.ts';
import { machineClient } from '../local-issuer/clients-and-users.ts';
import { SignInError, signInAs } from '../local-issuer/sign-in.ts';
import { authenticatorOptionsOf } from '../server/authenticator-options-of.ts';
import { readClientCredentials } from '../server/configuration/client-credentials.ts';
import { type Configuration, readConfiguration } from '../server/configuration/configuration.ts';
import { ConfigurationError } from '../server/configuration/configuration-error.ts';
import { readEnvironment } from '../server/configuration/environment-file.ts';
import { findSignInIssuer } from '../server/configuration/issuer-configuration.ts';
import { readOperationLimits } from '../server/configuration/limit-settings.ts';
import { SettingReader } from '../server/configuration/setting-reader.ts';
import { documentValidation } from '../server/document-validation.ts';
import { graphqlPath } from '../server/http/paths.ts';
import type { DocumentValidation } from '../trusted-documents/validate-document.ts';
import { CommandError, TokenRefusedError } from './command.ts';
import { checkDatabase } from './doctor/check-database.ts';
import type { DiagnosedSettings } from './doctor/diagnosed-api.ts';
import type { CommandSettings, TokenSource } from './token-source.ts';

/** Where settings are read from. */
interface SettingsSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The path of a file of variables; those of the environment override them. */
  readonly environmentFile: string;
}

/**
 * The settings of the API of this repository, read in the same way as the server does.
 *
 * @throws CommandError with every invalid setting.
 */
export function readSettings({
  environment: variables,
  environmentFile: file,
}: SettingsSource): CommandSettings {
  const environment = orCommandError(() => readEnvironment({ environment: variables, file }));
  const configuration = orCommandError(() => readConfiguration(environment));
  return {
    endpoint: `${configuration.publicUrl}${graphqlPath}`,
    tokenSource: () =>
      tokenSource(
        configuration,
        orCommandError(() => readClientCredentials(environment)),
      ),
  };
}

/**
 * The same settings as far as `doctor` checks them, or what is wrong with them.
 *
 * @param migrations Those of all modules. Undefined if the API has no data.
 */
export function readDiagnosedSettings(
  { environment: variables, environmentFile: file }: SettingsSource,
  migrations?: Migrations,
): DiagnosedSettings {
  try {
    const environment = readEnvironment({ environment: variables, file });
    const hasMigrations = migrations !== undefined;
    const configuration = readConfiguration(environment, { hasMigrations });
    const { issuer, publicUrl, host, port, dpop, database } = configuration;
    const isDatabaseSet = (environment['DATABASE_URL'] ?? '') !== '';
    return {
      kind: 'valid',
      api: {
        authenticator: authenticatorOptionsOf(configuration),
        hasLocalIssuer: issuer.kind === 'local',
        publicUrl,
        address: { host, port },
        redisUrl: dpop.redisUrl,
        ...(database && migrations && isDatabaseSet
          ? { checkDatabase: () => checkDatabase(database.url, migrations) }
          : {}),
      },
    };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { kind: 'invalid', problems: error.problems.map(({ message }) => `${message}.`) };
  }
}

/**
 * The limits that documents must be within. Reads no other settings: where documents are built, those of
 * the issuer can be missing.
 *
 * @throws CommandError with every invalid limit.
 */
export function readDocumentValidation({
  environment: variables,
  environmentFile: file,
}: SettingsSource): DocumentValidation {
  const reader = new SettingReader(
    orCommandError(() => readEnvironment({ environment: variables, file })),
  );
  const limits = readOperationLimits(reader);
  if (reader.problems.length > 0) {
    throw new CommandError(new ConfigurationError(reader.problems).message);
  }
  return documentValidation({ limits, introspection: 'on' });
}

function orCommandError<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw new CommandError(cause.message, { cause });
    throw cause;
  }
}

function tokenSource(
  { issuer }: Configuration,
  client: ReturnType<typeof readClientCredentials>,
): TokenSource {
  const target = findSignInIssuer(issuer.issuers);
  if (target === undefined) {
    throw new CommandError(
      'No issuer that the API trusts has a discovery document, so its token endpoint is unknown. Set OIDC_DISCOVERY_URL, or keys.discovery in the file of ISSUERS.',
    );
  }
  if (issuer.kind === 'local') {
    if (client === undefined) return localSource(target.issuer);
    throw new CommandError(
      'AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET require an issuer. Set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE) too.',
    );
  }
  if (client === undefined) {
    throw new CommandError(
      `The API trusts ${target.issuer}, which issues tokens to its own clients only. Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET to those of a client that is allowed to call the API.`,
    );
  }
  return { kind: 'tenant', ...target, ...client };
}

function localSource(issuer: string): TokenSource {
  return {
    kind: 'local',
    issuer,
    clientId: machineClient.clientId,
    clientSecret: machineClient.clientSecret,
    signIn: async (request) => {
      try {
        return await signInAs({ ...request, issuer });
      } catch (cause) {
        if (cause instanceof SignInError) throw new TokenRefusedError(cause.message, { cause });
        throw cause;
      }
    },
  };
}
