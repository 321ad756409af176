import * as client from 'openid-client';
import { machineClient } from '../dev/local-client.ts';
import { isLoopbackUrl } from '../dev/loopback.ts';
import { SignInError, signInAs } from '../dev/sign-in.ts';
import { CommandError, UsageError } from './command-error.ts';
import type { TokenSource } from './command-settings.ts';
import type { TokenRequest } from './read-arguments.ts';

/**
 * Gets an access token: as a person from the local issuer, else by client credentials.
 *
 * @throws CommandError when there is none to be had; the message holds nothing secret.
 */
export async function obtainToken(source: TokenSource, request: TokenRequest): Promise<string> {
  if (request.user !== undefined && source.kind !== 'local') {
    throw new UsageError(
      `--as names a person of the local issuer; the API trusts ${source.issuer}.`,
    );
  }
  try {
    const tokens =
      request.user === undefined
        ? await byClientCredentials(source, request)
        : await signInAs({ ...request, issuer: source.issuer, user: request.user });
    return tokens.access_token;
  } catch (cause) {
    throw new CommandError(withoutSecret(explain(source, cause), source), { cause });
  }
}

async function byClientCredentials(
  source: TokenSource,
  { scope, audience: requestedAudience }: TokenRequest,
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
  return client.clientCredentialsGrant(configuration, {
    ...(scope === '' ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
  });
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
