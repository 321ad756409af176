import type { AuthenticatorOptions } from '../authentication/authenticator-options.ts';
import type { Configuration } from './configuration/configuration.ts';

/** How an API with these settings verifies access tokens. The replay store is not among them. */
export function authenticatorOptionsOf(
  configuration: Configuration,
  { issuers, audiences }: Pick<Configuration['issuer'], 'issuers' | 'audiences'>,
): AuthenticatorOptions {
  const { dpop, publicUrl, tokenIntrospection } = configuration;
  return {
    issuer: issuers,
    audience: audiences,
    ...(tokenIntrospection === undefined ? {} : { introspection: tokenIntrospection }),
    requiredClaims: configuration.requiredClaims,
    profile: configuration.accessTokenProfile,
    tokenFrom: configuration.tokenFrom,
    dpop: dpop.mode,
    publicUrl,
    dpopNonce: dpop.nonce,
    ...(dpop.nonceSecret === undefined ? {} : { dpopNonceSecret: dpop.nonceSecret }),
  };
}
