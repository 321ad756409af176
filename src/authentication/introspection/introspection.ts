import { isJsonObject } from '../../shared/type-guards.ts';
import { type ClientCredentials, findClientProblems } from '../client-authentication.ts';
import { type FetchFunction, isSecureUrl } from '../issuer/fetch-json.ts';

/**
 * How opaque access tokens of an issuer are verified: the issuer is asked about each of them, as one of
 * its clients (RFC 7662). What it responds is checked like the claims of a JWT: issuer, if present,
 * audience or client, lifetime, subject, required claims and the key of a bound token. `exp` is required
 * and, without `audience`, `token_type`: issuers call refresh tokens active too, but state none for them.
 *
 * An opaque token is one that is neither a JWS nor a JWE, of at most 4 KiB. JWTs of the issuer are
 * verified with its keys and never sent to it.
 *
 * Not supported: signed responses (RFC 9701).
 */
export interface Introspection {
  /** The credentials of this API as a client of the issuer. */
  readonly client: ClientCredentials;
  /** Default: the `introspection_endpoint` that discovery finds. */
  readonly url?: string;
  /**
   * Seconds for which a token that the issuer called active is accepted without asking again, at most
   * until it expires: how long a revoked token can still be used. Default 30, at most 300; 0 asks for
   * each request.
   */
  readonly cacheSeconds?: number;
  /**
   * The most requests per second to the issuer. Half of them are reserved for tokens that were active
   * before. Further tokens get 503. Default 100.
   */
  readonly maxPerSecond?: number;
}

/** Resolved options. */
export interface IntrospectionSettings {
  readonly client: ClientCredentials;
  readonly url: string | undefined;
  /** Milliseconds. */
  readonly cacheMs: number;
  readonly maxPerSecond: number;
  readonly fetch: FetchFunction;
  readonly onFetchFailure: (issuer: string, error: unknown) => void;
  readonly onFetchRecovery: (issuer: string) => void;
}

/** Applies the defaults to valid options. */
export function resolveIntrospection(
  { client, url, cacheSeconds = 30, maxPerSecond = 100 }: Introspection,
  context: Pick<IntrospectionSettings, 'fetch' | 'onFetchFailure' | 'onFetchRecovery'>,
): IntrospectionSettings {
  const { fetch, onFetchFailure, onFetchRecovery } = context;
  return {
    client,
    url,
    cacheMs: cacheSeconds * 1000,
    maxPerSecond,
    fetch,
    onFetchFailure,
    onFetchRecovery,
  };
}

const memberNames: Readonly<Record<keyof Introspection, true>> = {
  client: true,
  url: true,
  cacheSeconds: true,
  maxPerSecond: true,
};

/** Problems of the option. @param name what it is called, such as `issuers[0].introspection` */
export function findIntrospectionProblems(introspection: unknown, name: string): readonly string[] {
  if (!isJsonObject(introspection)) {
    return [
      `${name} must be an object with client, such as { client: { clientId, clientSecret } }.`,
    ];
  }
  const { client, url, cacheSeconds = 30, maxPerSecond = 100 } = introspection;
  const problems = Object.keys(introspection)
    .filter((member) => !Object.hasOwn(memberNames, member))
    .map(
      (member) =>
        `Unknown option ${name}.${member}. The options are: ${Object.keys(memberNames).join(', ')}.`,
    );
  problems.push(...findClientProblems(client, `${name}.client`));
  if (url !== undefined && !isEndpoint(url)) {
    problems.push(
      `${name}.url must be the introspection endpoint of the issuer: https (or http on a loopback host), without credentials or fragment.`,
    );
  }
  if (!isBetween(cacheSeconds, 0, 300)) {
    problems.push(`${name}.cacheSeconds must be a number of seconds between 0 and 300.`);
  }
  if (!isBetween(maxPerSecond, 1, 10_000)) {
    problems.push(`${name}.maxPerSecond must be a number between 1 and 10,000.`);
  }
  return problems;
}

const isBetween = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

/** Whether tokens and credentials may be sent to a URL. */
function isEndpoint(text: unknown): text is string {
  if (typeof text !== 'string' || !isSecureUrl(text) || text.includes('#')) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
