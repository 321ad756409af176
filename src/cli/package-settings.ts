import { existsSync, readFileSync } from 'node:fs';
import { resolveAuthenticatorOptions } from '../authentication/authenticator-options.ts';
import { isIssuerUrl } from '../authentication/issuer/issuer-problems.ts';
import { parseEnvironment } from '../shared/environment-file.ts';
import { CommandError } from './command.ts';
import type { DiagnosedSettings } from './doctor/diagnosed-api.ts';
import { isEndpointUrl } from './send-operation.ts';
import type { CommandSettings } from './token-source.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what the commands of the package have to know of an API: from the environment, and from `.env`
 * in the current folder. The server has settings of its own, which these do not validate.
 *
 * @throws {CommandError} If the file has lines that are not variables, or if the URL of the API is invalid.
 */
export function readPackageSettings(
  environment: Environment,
  environmentFile = '.env',
): CommandSettings {
  const read = readVariables(environment, environmentFile);
  const base = read('PUBLIC_URL') ?? `http://localhost:${read('PORT') ?? '4000'}`;
  // Both are printed, and so would be their credentials. Therefore no message contains a value.
  if (!isEndpointUrl(base)) {
    throw new CommandError(
      'PUBLIC_URL must be an http or https URL without credentials, and PORT a number from 0 to 65535.',
    );
  }
  return {
    endpoint: new URL(`${base.replace(/\/$/, '')}/graphql`).href,
    tokenSource() {
      const { issuer, audience } = readTrust(read);
      const clientId = read('AUTH0_CLIENT_ID');
      const clientSecret = read('AUTH0_CLIENT_SECRET');
      if (!issuer || !audience || !clientId || !clientSecret) {
        throw new CommandError(
          'To request tokens, set OIDC_ISSUER (or AUTH0_DOMAIN), OIDC_AUDIENCE (or AUTH0_AUDIENCE), AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, in the environment or in .env.',
        );
      }
      if (!isIssuerUrl(issuer)) {
        throw new CommandError(
          'OIDC_ISSUER must be an https URL (or http on a loopback host) without credentials, query and fragment, or AUTH0_DOMAIN a domain without https://.',
        );
      }
      return { kind: 'tenant', issuer, audience, clientId, clientSecret };
    },
  };
}

/** What `doctor` checks of an API that uses the package: its issuer, its URL and its Redis. */
export function readPackageDiagnosis(
  environment: Environment,
  environmentFile = '.env',
): DiagnosedSettings {
  const split = (text: string) => text.split(',').map((one) => one.trim());
  try {
    const read = readVariables(environment, environmentFile);
    const { issuer, audience } = readTrust(read);
    if (issuer === undefined || audience === undefined) {
      throw new CommandError(
        'OIDC_ISSUER (or AUTH0_DOMAIN) and OIDC_AUDIENCE (or AUTH0_AUDIENCE) are not set: whose tokens does the API accept?',
      );
    }
    const authenticator = { issuer: split(issuer), audience: split(audience) };
    resolveAuthenticatorOptions(authenticator);
    const { endpoint } = readPackageSettings(environment, environmentFile);
    const publicUrl = endpoint.replace(/\/graphql$/, '');
    const redisUrl = read('REDIS_URL');
    return {
      kind: 'valid',
      api: { authenticator, hasLocalIssuer: false, publicUrl, address: undefined, redisUrl },
    };
  } catch (error) {
    return { kind: 'invalid', problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** The value of a variable that is set. */
type ReadVariable = (name: string) => string | undefined;

/** Whose tokens the API accepts, and as which API. */
function readTrust(read: ReadVariable): {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
} {
  const domain = read('AUTH0_DOMAIN');
  return {
    issuer: read('OIDC_ISSUER') ?? (domain && `https://${domain}/`),
    audience: read('OIDC_AUDIENCE') ?? read('AUTH0_AUDIENCE'),
  };
}

function readVariables(environment: Environment, environmentFile: string): ReadVariable {
  const { variables, problems } = parseEnvironment(
    existsSync(environmentFile) ? readFileSync(environmentFile, 'utf8') : '',
  );
  if (problems.length > 0) throw new CommandError(`${environmentFile}: ${problems.join('; ')}.`);
  return (name) => environment[name] || variables[name] || undefined;
}
