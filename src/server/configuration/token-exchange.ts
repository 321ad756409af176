import type { TokenExchangeOptions } from '../../token-exchange/token-exchange-options.ts';
import { readApiClient } from './api-client.ts';
import { findSignInIssuer, type IssuerConfiguration } from './issuer-configuration.ts';
import type { SettingReader } from './setting-reader.ts';

/** The issuer that exchanges tokens, and the API as its client. */
export type TokenExchangeConfiguration = Pick<TokenExchangeOptions, 'issuer' | 'client'>;

/** Reads how tokens are exchanged for those of other APIs. Default: they are not. */
export function readTokenExchange(
  reader: SettingReader,
  { issuers }: IssuerConfiguration,
): TokenExchangeConfiguration | undefined {
  const client = readApiClient(reader, {
    prefix: 'TOKEN_EXCHANGE',
    issuerCount: issuers.length,
    singleIssuer: 'because it gets the tokens of viewers: keep one in OIDC_ISSUER or ISSUERS',
  });
  const [first] = issuers;
  if (client === undefined || first === undefined) return undefined;
  const found = findSignInIssuer([first]);
  if (found !== undefined && found.discovery === undefined) return { issuer: found.issuer, client };
  reader.addProblem(
    'TOKEN_EXCHANGE_CLIENT_ID',
    'requires an issuer whose discovery document is below its URL, to find its token endpoint: remove it',
  );
  return undefined;
}
