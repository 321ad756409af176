import type { AuthenticatorOptions } from '../authentication/authenticator-options.ts';
import type { Configuration } from './configuration/configuration.ts';

/** How an API with these settings verifies access tokens. The replay store is not among them. */
export function authenticatorOptionsOf(
  configuration: Configuration,
  { issuers, audiences }: Pick<Configuration['issuer'], 'issuers' | 'audiences'>,
): AuthenticatorOptions {
  const { acceptedTokens, dpop, publicUrl, tokenIntrospection } = configuration;
  return {
    issuer: issuers,
    ...(audiences.length > 0 ? { audience: audiences } : {}),
    ...acceptedTokens,
    ...(tokenIntrospection === undefined ? {} : { introspection: tokenIntrospection }),
    tokenFrom: configuration.tokenFrom,
    dpop: dpop.mode,
    publicUrl,
    dpopNonce: dpop.nonce,
    ...(dpop.nonceSecret === undefined ? {} : { dpopNonceSecret: dpop.nonceSecret }),
  };
}
