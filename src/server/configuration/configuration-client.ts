import { ConfigurationError } from './configuration-error.ts';
import { type Environment, SettingReader } from './setting-reader.ts';

/** The client as which the command line asks a remote issuer for a token. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Reads the client of the command line; undefined when none is set. Apart from `Configuration`,
 * because the server has no use for a secret.
 *
 * @throws ConfigurationError when one half is missing or unusable; it repeats neither.
 */
export function readClientCredentials(environment: Environment): ClientCredentials | undefined {
  const reader = new SettingReader(environment);
  const clientId = reader.read('AUTH0_CLIENT_ID');
  const clientSecret = reader.read('AUTH0_CLIENT_SECRET');
  if (reader.isSet('AUTH0_CLIENT_ID') && !reader.isSet('AUTH0_CLIENT_SECRET')) {
    reader.fault(
      'AUTH0_CLIENT_SECRET',
      'is missing: AUTH0_CLIENT_ID needs the secret of its client',
    );
  }
  if (reader.isSet('AUTH0_CLIENT_SECRET') && !reader.isSet('AUTH0_CLIENT_ID')) {
    reader.fault('AUTH0_CLIENT_ID', 'is missing: AUTH0_CLIENT_SECRET needs the id of its client');
  }
  if (reader.faults.length > 0) throw new ConfigurationError(reader.faults);
  return clientId === undefined || clientSecret === undefined
    ? undefined
    : { clientId, clientSecret };
}
