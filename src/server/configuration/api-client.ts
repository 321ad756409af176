import type { ClientSecret } from '../../authentication/client-authentication.ts';
import type { SettingReader } from './setting-reader.ts';

/** The API as a client of its issuer, for one purpose. */
interface ApiClientSettings {
  readonly prefix: 'INTROSPECTION' | 'TOKEN_EXCHANGE';
  /** Another setting that requires the client. */
  readonly other?: 'INTROSPECTION_URL';
  /** How many issuers there are. */
  readonly issuerCount: number;
  /** Why there can be only one, and what to do: the end of a sentence. */
  readonly singleIssuer: string;
}

/** Reads the ID and the secret of the API at its issuer. Default: none. */
export function readApiClient(
  reader: SettingReader,
  { prefix, other, issuerCount, singleIssuer }: ApiClientSettings,
): ClientSecret | undefined {
  const idName = `${prefix}_CLIENT_ID` as const;
  const secretName = `${prefix}_CLIENT_SECRET` as const;
  const clientId = reader.read(idName);
  const clientSecret = reader.read(secretName);
  const dependent = [secretName, other].find((name) => name !== undefined && reader.isSet(name));
  if (dependent !== undefined && !reader.isSet(idName)) {
    reader.addProblem(
      idName,
      `is missing: ${dependent} requires the client ID of the API at its issuer`,
    );
  }
  if (reader.isSet(idName) && !reader.isSet(secretName)) {
    reader.addProblem(secretName, `is missing: ${idName} requires the secret of its client`);
  }
  if (reader.isSet(idName) && issuerCount > 1) {
    reader.addProblem(idName, `requires a single issuer, ${singleIssuer}`);
  }
  return clientId === undefined || clientSecret === undefined
    ? undefined
    : { clientId, clientSecret };
}
