import * as client from 'openid-client';
import { machineClient } from '../local-issuer/clients-and-users.ts';
import { SignInError, signInAs } from '../local-issuer/sign-in.ts';
import { isLoopbackUrl } from '../shared/loopback.ts';
import { CommandError, TokenRefusedError, UsageError } from './command-error.ts';
import type { TokenSource } from './command-settings.ts';
import type { TokenRequest } from './read-arguments.ts';

/**
 * Gets an access token: as a person from the local issuer, else by client credentials.
 *
 * @param keyPair The key to which the token is to be bound (RFC 9449 §5). Without it, a Bearer token.
 * @throws CommandError when there is none to be had; the message holds nothing secret.
 */
export async function obtainToken(
  source: TokenSource,
  request: TokenRequest,
  keyPair?: client.CryptoKeyPair,
): Promise<string> {
  if (request.user !== undefined && source.kind !== 'local') {
    throw new UsageError(
      `--as names a person of the local issuer; the API trusts ${source.issuer}.`,
    );
  }
  if (request.lifetime !== undefined && source.kind !== 'local') {
    throw new UsageError(`--lifetime is for the local issuer; the API trusts ${source.issuer}.`);
  }
  const key = keyPair === undefined ? {} : { keyPair };
  const tokens = await (request.user === undefined
    ? byClientCredentials(source, { ...request, ...key })
    : signInAs({ ...request, ...key, issuer: source.issuer, user: request.user })
  ).catch((cause: unknown) => {
    const message = withoutSecret(explain(source, cause), source);
    throw isRefusal(cause)
      ? new TokenRefusedError(message, { cause })
      : new CommandError(message, { cause });
  });
  if (keyPair !== undefined && tokens.token_type !== 'dpop') {
    throw new TokenRefusedError(`${source.issuer} gives no token that is bound to a key (DPoP).`);
  }
  return tokens.access_token;
}

async function byClientCredentials(
  source: TokenSource,
  {
    scope = '',
    audience: requestedAudience,
    lifetime,
    keyPair,
  }: TokenRequest & { readonly keyPair?: client.CryptoKeyPair },
): Promise<client.TokenEndpointResponse> {
  const { clientId, clientSecret } = source.kind === 'local' ? machineClient : source;
  const audience = requestedAudience ?? (source.kind === 'local' ? undefined : source.audience);
  const configuration = await client.discovery(
    new URL(source.issuer),
    clientId,
    clientSecret,
    client.ClientSecretPost(clientSecret),
    // A secret travels in the clear on this machine alone.
    isLoopbackUrl(source.issuer) ? { execute: [client.allowInsecureRequests] } : undefined,
  );
  return client.clientCredentialsGrant(
    configuration,
    {
      ...(scope === '' ? {} : { scope }),
      ...(audience === undefined ? {} : { audience }),
      ...(lifetime === undefined ? {} : { lifetime: String(lifetime) }),
    },
    keyPair === undefined ? {} : { DPoP: client.getDPoPHandle(configuration, keyPair) },
  );
}

/** Whether the issuer decided, rather than failed. */
function isRefusal(cause: unknown): boolean {
  if (cause instanceof client.ResponseBodyError) return cause.status < 500;
  if (cause instanceof client.AuthorizationResponseError) {
    return !['server_error', 'temporarily_unavailable'].includes(cause.error);
  }
  return cause instanceof client.WWWAuthenticateChallengeError || cause instanceof SignInError;
}

function explain({ kind, issuer }: TokenSource, cause: unknown): string {
  if (
    cause instanceof client.ResponseBodyError ||
    cause instanceof client.AuthorizationResponseError
  ) {
    return `${issuer} gives no token: ${cause.error}${reason(cause.error_description)}.`;
  }
  if (cause instanceof client.WWWAuthenticateChallengeError) {
    return `${issuer} gives no token: status ${cause.status}.`;
  }
  if (cause instanceof SignInError) return cause.message;
  if (!(cause instanceof client.ClientError || isFetchFailure(cause))) throw cause;
  if (kind === 'local') {
    return `The local issuer does not answer at ${issuer}. Start it with npm start.`;
  }
  return `${issuer} does not answer as an OpenID issuer. Check its address and the network.`;
}

// All that fetch says of a connection that fails.
function isFetchFailure(cause: unknown): boolean {
  return cause instanceof TypeError && cause.message === 'fetch failed';
}

function reason(description: string | undefined): string {
  const text = description?.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return text ? `, ${text.slice(0, 300).replace(/\.$/, '')}` : '';
}

// Some issuers repeat in an error what they were sent.
function withoutSecret(message: string, source: TokenSource): string {
  const { clientSecret } = source.kind === 'local' ? machineClient : source;
  return message.replaceAll(clientSecret, '(secret)');
}
