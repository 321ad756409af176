import type { CryptoKeyPair, TokenEndpointResponse } from 'openid-client';
import { loadPackage } from '../shared/load-package.ts';
import { isLoopbackUrl } from '../shared/loopback.ts';
import { CommandError, TokenRefusedError, UsageError } from './command.ts';
import type { TokenRequest } from './read-arguments.ts';
import type { TokenSource } from './token-source.ts';

type OpenIdClient = typeof import('openid-client');

/**
 * Gets an access token: as a test user of the local issuer, or by client credentials.
 *
 * @param keyPair The key to bind the token to (RFC 9449 §5). Without it, a Bearer token.
 * @throws CommandError if no token can be obtained; the message has no secrets.
 */
export async function obtainToken(
  source: TokenSource,
  request: TokenRequest,
  keyPair?: CryptoKeyPair,
): Promise<string> {
  if (request.user !== undefined && source.kind !== 'local') {
    throw new UsageError(`--as requires the local issuer, but the API trusts ${source.issuer}.`);
  }
  if (request.lifetime !== undefined && source.kind !== 'local') {
    throw new UsageError(
      `--lifetime requires the local issuer, but the API trusts ${source.issuer}.`,
    );
  }
  const client = await loadPackage(
    'openid-client',
    'Requesting a token',
    () => import('openid-client'),
  );
  const key = keyPair === undefined ? {} : { keyPair };
  const { user, ...rest } = request;
  const tokens = await (user === undefined || source.kind !== 'local'
    ? byClientCredentials(client, source, { ...request, ...key })
    : source.signIn({ ...rest, ...key, user })
  ).catch((cause: unknown) => {
    if (cause instanceof CommandError) throw cause;
    const message = describeFailure(client, source, cause);
    throw isRefusal(client, cause)
      ? new TokenRefusedError(message, { cause })
      : new CommandError(message, { cause });
  });
  if (keyPair !== undefined && tokens.token_type !== 'dpop') {
    throw new TokenRefusedError(`${source.issuer} did not issue a DPoP-bound token.`);
  }
  return tokens.access_token;
}

async function byClientCredentials(
  client: OpenIdClient,
  source: TokenSource,
  {
    scope = '',
    audience: requestedAudience,
    lifetime,
    keyPair,
  }: TokenRequest & { readonly keyPair?: CryptoKeyPair },
): Promise<TokenEndpointResponse> {
  const { clientId, clientSecret, issuer } = source;
  const metadata = source.kind === 'local' ? issuer : (source.discovery ?? issuer);
  const audience = requestedAudience ?? (source.kind === 'local' ? undefined : source.audience);
  const configuration = await client.discovery(
    new URL(metadata),
    clientId,
    clientSecret,
    client.ClientSecretPost(clientSecret),
    // A secret is sent without TLS on this machine only.
    isLoopbackUrl(metadata) ? { execute: [client.allowInsecureRequests] } : undefined,
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
function isRefusal(client: OpenIdClient, cause: unknown): boolean {
  if (cause instanceof client.ResponseBodyError) return cause.status < 500;
  if (cause instanceof client.AuthorizationResponseError) {
    return !['server_error', 'temporarily_unavailable'].includes(cause.error);
  }
  return cause instanceof client.WWWAuthenticateChallengeError;
}

function describeFailure(
  client: OpenIdClient,
  { kind, issuer, clientSecret }: TokenSource,
  cause: unknown,
): string {
  if (
    cause instanceof client.ResponseBodyError ||
    cause instanceof client.AuthorizationResponseError
  ) {
    const texts = [cause.error, cause.error_description ?? ''];
    const shown = texts.map((text) => formatErrorText(text, clientSecret)).filter(Boolean);
    return `${issuer} did not issue a token: ${shown.join(', ')}.`;
  }
  if (cause instanceof client.WWWAuthenticateChallengeError) {
    return `${issuer} did not issue a token: status ${cause.status}.`;
  }
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

/** A text of the issuer on one line, at most 300 characters, without the secret. */
function formatErrorText(text: string, clientSecret: string): string {
  // Some issuers echo the request in their errors. Redacted first: the other steps could leave a part.
  const redacted = secretForms(clientSecret).reduce(
    (rest, form) => rest.replaceAll(form, '(secret)'),
    text,
  );
  const line = redacted.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return line.slice(0, 300).replace(/\.$/, '');
}

/** The secret as it is, and as it is encoded in forms and URLs. The longest first: it can contain another. */
function secretForms(secret: string): readonly string[] {
  const form = new URLSearchParams({ secret }).toString().slice('secret='.length);
  return [form, encodeURIComponent(secret), secret].sort((a, b) => b.length - a.length);
}
