import * as client from 'openid-client';
import { machineClient } from '../local-issuer/clients-and-users.ts';
import { SignInError, signInAs } from '../local-issuer/sign-in.ts';
import { isLoopbackUrl } from '../shared/loopback.ts';
import { CommandError, TokenRefusedError, UsageError } from './command.ts';
import type { TokenSource } from './command-settings.ts';
import type { TokenRequest } from './read-arguments.ts';

/**
 * Gets an access token: as a test user of the local issuer, or by client credentials.
 *
 * @param keyPair The key to bind the token to (RFC 9449 §5). Without it, a Bearer token.
 * @throws CommandError if no token can be obtained; the message has no secrets.
 */
export async function obtainToken(
  source: TokenSource,
  request: TokenRequest,
  keyPair?: client.CryptoKeyPair,
): Promise<string> {
  if (request.user !== undefined && source.kind !== 'local') {
    throw new UsageError(`--as requires the local issuer, but the API trusts ${source.issuer}.`);
  }
  if (request.lifetime !== undefined && source.kind !== 'local') {
    throw new UsageError(
      `--lifetime requires the local issuer, but the API trusts ${source.issuer}.`,
    );
  }
  const key = keyPair === undefined ? {} : { keyPair };
  const tokens = await (request.user === undefined
    ? byClientCredentials(source, { ...request, ...key })
    : signInAs({ ...request, ...key, issuer: source.issuer, user: request.user })
  ).catch((cause: unknown) => {
    const message = redactSecret(describeFailure(source, cause), source);
    throw isRefusal(cause)
      ? new TokenRefusedError(message, { cause })
      : new CommandError(message, { cause });
  });
  if (keyPair !== undefined && tokens.token_type !== 'dpop') {
    throw new TokenRefusedError(`${source.issuer} did not issue a DPoP-bound token.`);
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
    // A secret is sent without TLS on this machine only.
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

/** Whether the issuer rejected the request, rather than failed. */
function isRefusal(cause: unknown): boolean {
  if (cause instanceof client.ResponseBodyError) return cause.status < 500;
  if (cause instanceof client.AuthorizationResponseError) {
    return !['server_error', 'temporarily_unavailable'].includes(cause.error);
  }
  return cause instanceof client.WWWAuthenticateChallengeError || cause instanceof SignInError;
}

function describeFailure({ kind, issuer }: TokenSource, cause: unknown): string {
  if (
    cause instanceof client.ResponseBodyError ||
    cause instanceof client.AuthorizationResponseError
  ) {
    return `${issuer} did not issue a token: ${cause.error}${formatDescription(cause.error_description)}.`;
  }
  if (cause instanceof client.WWWAuthenticateChallengeError) {
    return `${issuer} did not issue a token: status ${cause.status}.`;
  }
  if (cause instanceof SignInError) return cause.message;
  if (!(cause instanceof client.ClientError || isFetchFailure(cause))) throw cause;
  if (kind === 'local') {
    return `Cannot reach the local issuer at ${issuer}. Start it with npm start.`;
  }
  return `${issuer} did not respond as an OpenID issuer. Check its URL and the network.`;
}

// fetch has no better sign of a failed connection.
function isFetchFailure(cause: unknown): boolean {
  return cause instanceof TypeError && cause.message === 'fetch failed';
}

function formatDescription(description: string | undefined): string {
  const text = description?.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return text ? `, ${text.slice(0, 300).replace(/\.$/, '')}` : '';
}

// Some issuers echo the request in their errors.
function redactSecret(message: string, source: TokenSource): string {
  const { clientSecret } = source.kind === 'local' ? machineClient : source;
  return message.replaceAll(clientSecret, '(secret)');
}
