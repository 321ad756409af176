import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { authenticateClient, type ClientCredentials } from '../client-authentication.ts';
import { type FetchFunction, type FormResponse, postForm } from '../issuer/fetch-json.ts';
import { getOwn, parseStrictJson } from '../token/json.ts';

/** What an issuer says of a token (RFC 7662 §2.2). */
export type IntrospectionResult =
  | { readonly kind: 'inactive' }
  | {
      readonly kind: 'active';
      /** All members of the response. */
      readonly claims: JsonObject;
      /** Bytes of the response. */
      readonly length: number;
    };

/** Whom to ask, and as whom. */
export interface IntrospectionEndpoint {
  readonly url: string;
  readonly issuer: string;
  readonly client: ClientCredentials;
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Bytes. */
const maxResponse = 64 * 1024;

/** The issuer did not say whether a token is active. The message names the endpoint and the problem. */
export class IntrospectionError extends Error {
  override readonly name = 'IntrospectionError';
  /**
   * Whether the issuer would respond the same for any other token: it is unreachable or overloaded, or
   * rejects the credentials of the client.
   */
  readonly isOutage: boolean;
  /** Seconds, from the header `Retry-After`. Undefined if there is none, or it is a date. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { isOutage: boolean; retryAfter?: number }) {
    super(message, options);
    this.isOutage = options.isOutage;
    this.retryAfter = options.retryAfter;
  }
}

/**
 * Asks an issuer whether a token is active (RFC 7662 §2.1). The response must have status 200 and a JSON
 * object of at most 64 KiB, without duplicate names, whose `active` is a boolean.
 *
 * @throws {IntrospectionError} which contains nothing from the token or the response
 */
export async function requestIntrospection(
  token: string,
  endpoint: IntrospectionEndpoint,
): Promise<IntrospectionResult> {
  const { url } = endpoint;
  const response = await send(token, endpoint);
  if (response.status !== 200) throw statusError(response, url);
  const result = readObject(response.body);
  const active = result && getOwn(result, 'active');
  if (result === undefined || typeof active !== 'boolean') {
    const message = `${url} responded with something other than an introspection response.`;
    throw new IntrospectionError(message, { isOutage: false });
  }
  return active
    ? { kind: 'active', claims: result, length: response.body.byteLength }
    : { kind: 'inactive' };
}

async function send(
  token: string,
  { url, issuer, client, fetch, now }: IntrospectionEndpoint,
): Promise<FormResponse> {
  try {
    const { headers, parameters } = await authenticateClient(client, issuer, now);
    const form = { ...parameters, token, token_type_hint: 'access_token' };
    return await postForm(url, { headers, parameters: form }, fetch);
  } catch (cause) {
    throw new IntrospectionError(`${url} cannot be reached.`, { isOutage: true, cause });
  }
}

/** The statuses that say something about the issuer or the client rather than the token. */
const outages: ReadonlySet<number> = new Set([401, 403, 429, 502, 503, 504]);

function statusError({ status, headers }: FormResponse, url: string): IntrospectionError {
  const hint = status === 401 || status === 403 ? ' Check the credentials of the client.' : '';
  const retryAfter = /^\d{1,9}$/.exec(headers.get('retry-after') ?? '')?.[0];
  return new IntrospectionError(`${url} responded with status ${status}.${hint}`, {
    isOutage: outages.has(status),
    ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
  });
}

function readObject(body: Uint8Array): JsonObject | undefined {
  if (body.byteLength > maxResponse) return undefined;
  try {
    const value = parseStrictJson(body);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // The parser's error quotes the text, so it is dropped.
    return undefined;
  }
}
