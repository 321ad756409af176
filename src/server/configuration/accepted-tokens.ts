import type { AuthenticatorOptions } from '../../authentication/authenticator-options.ts';
import type { SignatureAlgorithm } from '../../authentication/token/public-key.ts';
import { clientPlaceholder } from '../../authentication/token/scope-source.ts';
import type { SettingReader } from './setting-reader.ts';

/** Which access tokens of the issuers are accepted, and where their scopes are. */
export type AcceptedTokensConfiguration = Pick<
  AuthenticatorOptions,
  'scopes' | 'machineTokens' | 'requiredClaims' | 'profile' | 'clockTolerance'
> & {
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly maxTokenBytes: number;
};

/** Reads which access tokens are accepted. */
export function readAcceptedTokens(reader: SettingReader): AcceptedTokensConfiguration {
  const scopes = reader.read('SCOPE_CLAIMS');
  const machineTokens = reader.read('MACHINE_TOKENS');
  const profile = reader.read('ACCESS_TOKEN_PROFILE');
  // Those of ISSUERS are checked with that file.
  const hasClients = reader.isSet('ALLOWED_CLIENTS') || reader.isSet('ISSUERS');
  if (scopes?.some((path) => path.includes(clientPlaceholder)) && !hasClients) {
    reader.addProblem(
      'SCOPE_CLAIMS',
      `contains ${clientPlaceholder}, which requires ALLOWED_CLIENTS: otherwise every client of the issuer could define scopes of this API`,
    );
  }
  if (machineTokens === 'accept' && profile === 'rfc9068') {
    reader.addProblem(
      'MACHINE_TOKENS',
      'requires ACCESS_TOKEN_PROFILE=jwt: with rfc9068, every token must have the claim sub',
    );
  }
  return {
    ...(scopes === undefined ? {} : { scopes }),
    machineTokens,
    profile,
    algorithms: reader.read('TOKEN_ALGORITHMS'),
    requiredClaims: reader.read('REQUIRED_CLAIMS'),
    clockTolerance: reader.read('CLOCK_TOLERANCE'),
    maxTokenBytes: reader.read('MAX_TOKEN_BYTES'),
  };
}
