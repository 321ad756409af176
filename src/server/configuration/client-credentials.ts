import { ConfigurationError } from './configuration-error.ts';
import { type Environment, SettingReader } from './setting-reader.ts';

/** The client that the command line uses to request tokens from a remote issuer. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Reads the client of the command line; undefined if none is set. Not part of `Configuration`,
 * because the server must not have a client secret.
 *
 * @throws {ConfigurationError} If the ID or the secret is missing or invalid; it repeats neither.
 */
export function readClientCredentials(environment: Environment): ClientCredentials | undefined {
  const reader = new SettingReader(environment);
  const clientId = reader.read('AUTH0_CLIENT_ID');
  const clientSecret = reader.read('AUTH0_CLIENT_SECRET');
  if (reader.isSet('AUTH0_CLIENT_ID') && !reader.isSet('AUTH0_CLIENT_SECRET')) {
    reader.addProblem(
      'AUTH0_CLIENT_SECRET',
      'is missing: AUTH0_CLIENT_ID requires the secret of its client',
    );
  }
  if (reader.isSet('AUTH0_CLIENT_SECRET') && !reader.isSet('AUTH0_CLIENT_ID')) {
    reader.addProblem(
      'AUTH0_CLIENT_ID',
      'is missing: AUTH0_CLIENT_SECRET requires the ID of its client',
    );
  }
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  return clientId === undefined || clientSecret === undefined
    ? undefined
    : { clientId, clientSecret };
}
