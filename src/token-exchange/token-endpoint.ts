import {
  authenticateClient,
  type ClientCredentials,
} from '../authentication/client-authentication.ts';
import { fetchMetadata, readEndpoint } from '../authentication/issuer/discovery.ts';
import {
  type FetchFunction,
  type FormResponse,
  postForm,
  ResponseTimeoutError,
} from '../authentication/issuer/fetch-json.ts';
import { getOwn } from '../authentication/token/json.ts';
import { isJsonObject, type JsonObject } from '../shared/type-guards.ts';
import { accessTokenType, type FormParameters } from './exchange-parameters.ts';
import type { SignProof } from './proof-signer.ts';
import { TokenEndpointError } from './token-exchange-error.ts';

/** The token endpoint of an issuer, and as which client to use it. */
export interface TokenEndpointSettings {
  readonly issuer: string;
  /** Undefined: what discovery finds. */
  readonly tokenEndpoint: string | undefined;
  readonly client: ClientCredentials;
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signProof: SignProof;
}

/** A token of a token response. */
interface IssuedToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** Undefined: as requested. */
  readonly scopes: readonly string[] | undefined;
  /** Seconds. */
  readonly expiresIn: number | undefined;
}

/**
 * Requests a token.
 *
 * @param isBound whether the new token must be bound to the key of this process
 * @throws {TokenEndpointError}
 */
export type RequestToken = (parameters: FormParameters, isBound: boolean) => Promise<IssuedToken>;

/** How long a discovered endpoint is used. */
const discoveryMs = 60 * 60_000;

/** Creates the client of a token endpoint. Nothing is requested before the first token is. */
export function createTokenEndpoint(settings: TokenEndpointSettings): RequestToken {
  const { issuer, client, fetch, now, signProof } = settings;
  let discovered: { readonly url: Promise<string>; readonly since: number } | undefined;
  /** The last nonce of the endpoint (RFC 9449 §8). */
  let nonce: string | undefined;

  function findUrl(): Promise<string> {
    if (settings.tokenEndpoint !== undefined) return Promise.resolve(settings.tokenEndpoint);
    const known = discovered;
    if (known !== undefined && now() >= known.since && now() < known.since + discoveryMs) {
      return known.url;
    }
    const found = { url: discoverTokenEndpoint(issuer, fetch), since: now() };
    discovered = found;
    found.url.catch(() => {
      if (discovered === found) discovered = undefined;
    });
    return found.url;
  }

  async function send(
    url: string,
    parameters: FormParameters,
    isBound: boolean,
  ): Promise<FormResponse> {
    // Made for each request: an assertion and a proof are accepted once.
    const authentication = await authenticateClient(client, issuer, now);
    const proof = isBound ? { dpop: await signProof({ method: 'POST', url, nonce }) } : {};
    try {
      const response = await postForm(
        url,
        {
          headers: { ...authentication.headers, ...proof },
          parameters: [...parameters, ...Object.entries(authentication.parameters)],
        },
        fetch,
      );
      nonce = readNonce(response) ?? nonce;
      return response;
    } catch (error) {
      throw unreachable(url, error);
    }
  }

  return async (parameters, isBound) => {
    const url = await findUrl();
    const first = await send(url, parameters, isBound);
    const needsNonce =
      isBound && readError(first) === 'use_dpop_nonce' && readNonce(first) !== undefined;
    const response = needsNonce ? await send(url, parameters, isBound) : first;
    if (response.status !== 200) throw refused(url, response, now());
    return readToken(url, response, isBound);
  };
}

/** Finds the `token_endpoint` of an issuer (OpenID Connect Discovery 1.0 §4, RFC 8414 §3). */
async function discoverTokenEndpoint(issuer: string, fetch: FetchFunction): Promise<string> {
  try {
    const metadata = await fetchMetadata({ issuer, discovery: undefined }, fetch);
    return readEndpoint(metadata, 'token_endpoint');
  } catch (cause) {
    const message = `The token endpoint of the issuer ${issuer} cannot be discovered. Set tokenEndpoint, or see the cause.`;
    throw new TokenEndpointError('discovery_error', message, { status: 502, cause });
  }
}

/** A code of the system says why; the text of the error could be anything. */
function describe(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = isJsonObject(cause) ? cause['code'] : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)
    ? `${code}.`
    : 'it does not respond as expected.';
}

function unreachable(url: string, error: unknown): TokenEndpointError {
  if (error instanceof ResponseTimeoutError) {
    return new TokenEndpointError('timeout_error', error.message, { status: 504 });
  }
  const message = `${url} cannot be used: ${describe(error)}`;
  return new TokenEndpointError('network_error', message, { status: 502 });
}

function refused(url: string, response: FormResponse, now: number): TokenEndpointError {
  const { status } = response;
  const code =
    readError(response) ?? (status === 429 ? 'too_many_requests' : 'token_exchange_error');
  return new TokenEndpointError(
    code,
    `${url} refused the token exchange with status ${status} (${code}).`,
    { status, retryAfter: readRetryAfter(response, now) },
  );
}

/** The registered codes, and those of issuers, are such words. Anything else could be from a token. */
const errorCode = /^[a-z]+(?:[_-][a-z]+){0,5}$/;

function readError({ status, body }: FormResponse): string | undefined {
  const object = status === 200 ? undefined : readObject(body);
  const code = object && getOwn(object, 'error');
  return typeof code === 'string' && code.length <= 40 && errorCode.test(code) ? code : undefined;
}

/** A day, in seconds. */
const maxRetryAfter = 24 * 60 * 60;

/** Seconds, from a number of seconds or a date (RFC 9110 §10.2.3). */
function readRetryAfter({ headers }: FormResponse, now: number): number | undefined {
  const value = headers.get('retry-after') ?? '';
  const seconds = /^\d{1,9}$/.test(value)
    ? Number(value)
    : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), maxRetryAfter);
}

function readNonce({ headers }: FormResponse): string | undefined {
  const value = headers.get('dpop-nonce');
  return value !== null && /^[\x21\x23-\x5B\x5D-\x7E]{1,512}$/.test(value) ? value : undefined;
}

const tokenTypes: Readonly<Record<string, IssuedToken['tokenType']>> = {
  bearer: 'Bearer',
  dpop: 'DPoP',
};

/** The types that are sent to an API. */
const usableTypes: ReadonlySet<unknown> = new Set([
  undefined,
  accessTokenType,
  'urn:ietf:params:oauth:token-type:jwt',
]);

/** Ten years, in seconds. */
const maxExpiresIn = 10 * 366 * 24 * 60 * 60;

/**
 * Reads a token response (RFC 8693 §2.2.1). An ID token or a refresh token in it is ignored.
 *
 * Not checked: whether the token is what was requested. The API that gets it checks that.
 */
function readToken(url: string, { body }: FormResponse, isBound: boolean): IssuedToken {
  const fail = (problem: string) =>
    new TokenEndpointError('invalid_response', `${url} responded with ${problem}.`, {
      status: 502,
    });
  const response = readObject(body);
  if (response === undefined) throw fail('something other than a JSON object');
  const accessToken = getOwn(response, 'access_token');
  if (typeof accessToken !== 'string' || !/^[\x21-\x7E]+$/.test(accessToken)) {
    throw fail('no usable access_token');
  }
  const type = getOwn(response, 'token_type');
  const tokenType = typeof type === 'string' ? getOwn(tokenTypes, type.toLowerCase()) : undefined;
  if (tokenType !== 'Bearer' && tokenType !== 'DPoP') {
    throw fail('a token_type other than Bearer and DPoP');
  }
  // Otherwise, anyone who gets hold of it could use it (RFC 9449 §5).
  if (isBound && tokenType !== 'DPoP')
    throw fail('a token that is not bound to the key of a proof');
  if (!isBound && tokenType === 'DPoP') throw fail('a token that is bound to an unknown key');
  if (!usableTypes.has(getOwn(response, 'issued_token_type'))) {
    throw fail('another type of token than an access token');
  }
  const scope = getOwn(response, 'scope');
  return {
    accessToken,
    tokenType,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : undefined,
    expiresIn: readExpiresIn(getOwn(response, 'expires_in'), fail),
  };
}

function readExpiresIn(value: unknown, fail: (problem: string) => Error): number | undefined {
  if (value === undefined) return undefined;
  // Some issuers send a string.
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= maxExpiresIn)) {
    throw fail('an expires_in that is not a number of seconds');
  }
  return seconds;
}

function readObject(body: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return isJsonObject(value) ? value : undefined;
  } catch {
    // The parser's error quotes the text.
    return undefined;
  }
}
