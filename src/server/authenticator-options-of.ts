import type { AuthenticatorOptions } from '../authentication/authenticator-options.ts';
import type { Configuration } from './configuration/configuration.ts';

/** How an API with these settings verifies access tokens. The replay store is not among them. */
export function authenticatorOptionsOf(configuration: Configuration): AuthenticatorOptions {
  const { acceptedTokens, dpop, issuer, publicUrl } = configuration;
  return {
    issuers: issuer.issuers,
    ...acceptedTokens,
    keepAccessTokens: configuration.tokenExchange !== undefined,
    tokenFrom: configuration.tokenFrom,
    dpop: dpop.mode,
    dpopAlgorithms: dpop.algorithms,
    publicUrl,
    dpopNonce: dpop.nonce,
    ...(dpop.nonceSecret === undefined ? {} : { dpopNonceSecret: dpop.nonceSecret }),
  };
}
