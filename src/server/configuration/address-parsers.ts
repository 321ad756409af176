import { isIP } from 'node:net';
import { parseDatabaseUrl } from '../../database/database-url.ts';
import { isLoopbackHostname } from '../../shared/loopback.ts';
import { quoteValue } from './quote-value.ts';
import { accept, type Parser, reject } from './setting-parsers.ts';

/** The domain of an Auth0 tenant, or its custom domain: lowercase, nothing before or after it. */
export const auth0Domain: Parser<string> = (text) => {
  if (isBareDomain(text)) return accept(text);
  if (text.includes(',')) {
    return reject(`${quoteValue(text)} must be one domain: list several issuers in OIDC_ISSUER`);
  }
  const suggestion = extractHost(text);
  return reject(
    suggestion !== undefined && isBareDomain(suggestion)
      ? `${quoteValue(text)} must be the bare domain: ${suggestion}`
      : `${quoteValue(text)} must be the bare domain of the tenant, such as example.eu.auth0.com`,
  );
};

function isBareDomain(text: string): boolean {
  return isHostName(text) && text.includes('.') && text === text.toLowerCase();
}

/** The text of the claim `iss` of an issuer whose keys are not found below its URL. */
export const issuerText: Parser<string> = (text) =>
  /\p{C}/u.test(text)
    ? reject(`${quoteValue(text)} must be the text of the claim iss, without control characters`)
    : accept(text);

/**
 * An issuer's URL, kept exactly as written because tokens are compared with it character by
 * character (RFC 8414 §2: no query, no fragment). `http:` only on loopback.
 */
export const issuerUrl: Parser<string> = (text) => {
  const url = parseWebUrl(text);
  if (url === undefined) {
    return reject(
      `${quoteValue(text)} must be a full URL exactly as in the claim iss, such as https://login.example.com/`,
    );
  }
  const problems: string[] = [];
  if (text.includes('@')) {
    problems.push(`${quoteValue(text)} must not contain a user name or password`);
  }
  if (/[?#]/.test(text)) problems.push(`${quoteValue(text)} must not have a query or fragment`);
  if (wellKnown.test(text)) {
    problems.push(
      `${quoteValue(text)} must be the issuer itself: ${quoteValue(text.replace(wellKnown, '/'))}`,
    );
  }
  if (isPlainHttp(url)) {
    problems.push(
      `${quoteValue(text)} must begin with https: http is for localhost and 127.0.0.1 only`,
    );
  }
  return problems.length === 0 ? accept(text) : reject(...problems);
};

/**
 * A URL of an issuer from which keys come or which gets secrets. `http:` only on loopback. One with a user
 * can contain a password, so the problem repeats nothing of it.
 *
 * @param alternative to https, for the problem
 */
export const endpointUrl =
  (of: string, example: string, alternative = ''): Parser<string> =>
  (text) => {
    const url = parseWebUrl(text);
    if (url === undefined || /[#@]/.test(text)) {
      return reject(`must be the full URL of ${of}, without user and fragment, such as ${example}`);
    }
    return isPlainHttp(url)
      ? reject(
          `${quoteValue(text)} must begin with https: http is for localhost and 127.0.0.1 only${alternative}`,
        )
      : accept(text);
  };

/**
 * The URL of a collector of traces, which is often reached by plain http inside a cluster. The problem
 * repeats nothing of one with a user.
 *
 * @param signalPath What the packages of OpenTelemetry append to it; undefined: it is used as it is.
 */
export const collectorUrl =
  (example: string, signalPath?: string): Parser<string> =>
  (text) => {
    if (parseWebUrl(text) === undefined || /[?#@]/.test(text)) {
      return reject(`must be the URL of a collector, without user and query, such as ${example}`);
    }
    return signalPath !== undefined && text.replace(/\/$/, '').endsWith(signalPath)
      ? reject(
          `${quoteValue(text)} must not end with ${signalPath}, which is appended: remove it, or set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`,
        )
      : accept(text);
  };

const wellKnown = /\/?\.well-known\/(?:openid-configuration|oauth-authorization-server)\/?$/;

/**
 * The API's own URL: an origin and, if a proxy strips one, a path. One trailing slash is accepted; anything
 * more would be ignored, so it is a problem.
 */
export const publicApiUrl: Parser<string> = (text) => {
  const url = parseWebUrl(text);
  if (url === undefined) {
    return reject(`${quoteValue(text)} must be a URL, such as https://api.example.com`);
  }
  const path = url.pathname.replace(/\/$/, '');
  const written = text.replace(/^[^/]*\/\/[^/?#]*/, '').replace(/\/$/, '');
  if (!plainPath.test(path) || path !== written || url.username !== '' || url.password !== '') {
    return reject(
      `${quoteValue(text)} must be an origin, optionally with a path of letters, digits, dots and hyphens, without user, query and fragment: ${url.origin}`,
    );
  }
  return path.endsWith('/graphql')
    ? reject(
        `${quoteValue(text)} must not end with /graphql, which the API adds: ${url.origin}${path.slice(0, -'/graphql'.length)}`,
      )
    : accept(`${url.origin}${path}`);
};

const plainPath = /^(?:\/[\w.~-]+)*$/;

/** An origin exactly as browsers write it in the Origin header, so that comparing text is enough. */
export const browserOrigin: Parser<string> = (text) => {
  if (text.includes('*')) {
    return reject(
      `${quoteValue(text)} must not have a wildcard: list each origin, such as https://app.example.com`,
    );
  }
  if (text.toLowerCase() === 'null') {
    return reject(
      `${quoteValue(text)} is the origin of every sandboxed frame and local file: list an origin such as https://app.example.com`,
    );
  }
  const url = parseWebUrl(text);
  if (url === undefined) {
    return reject(`${quoteValue(text)} must be an origin, such as https://app.example.com`);
  }
  return url.origin === text
    ? accept(text)
    : reject(`${quoteValue(text)} must be the origin as browsers send it: ${url.origin}`);
};

/** Whether requests to this URL would cross a network unencrypted. */
export function isPlainHttp(url: URL): boolean {
  return url.protocol === 'http:' && !isLoopbackHostname(url.hostname);
}

/**
 * Parses an http or https URL that has only the characters of RFC 3986 §2. The URL parser alone is
 * more lenient: it drops white space, converts backslashes, and accepts wildcards as host names.
 */
function parseWebUrl(text: string): URL | undefined {
  if (!/^https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i.test(text) || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  return /^(?:[\w.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname) ? url : undefined;
}

/** Where to listen: an IP address or a host name, without scheme, brackets and port. */
export const listeningHost: Parser<string> = (text) => {
  if (isIP(text) !== 0 || isHostName(text)) return accept(text);
  const suggestion = text === '*' ? '0.0.0.0' : extractHost(text);
  return reject(
    suggestion !== undefined && (isIP(suggestion) !== 0 || isHostName(suggestion))
      ? `${quoteValue(text)} must be the bare address or host name: ${suggestion}`
      : `${quoteValue(text)} must be an IP address or a host name, such as 127.0.0.1 or localhost`,
  );
};

/** Whether a text is a host name of letters, digits and hyphens (RFC 1123 §2.1), not an IP address. */
function isHostName(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= 253 &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}

/** The host in something like a URL, lowercase, without brackets and final dot: a guess for messages. */
function extractHost(text: string): string | undefined {
  const address = `https://${text.trim().replace(/^https?:\/*/i, '')}`;
  if (!URL.canParse(address)) return undefined;
  return new URL(address).hostname.replace(/^\[|\]$|\.$/g, '');
}

/** The URL of a Redis server. It can contain a password, so the problem repeats nothing of it. */
export const redisUrl: Parser<string> = (text) =>
  isRedisUrl(text)
    ? accept(text)
    : reject(
        'must be a Redis URL, such as redis://localhost:6379, or rediss://USER:PASSWORD@redis.example.com:6380/0 with TLS',
      );

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  return (
    hostname !== '' &&
    /^\/?\d*$/.test(pathname) &&
    search === '' &&
    hash === '' &&
    [username, password].every(isDecodable)
  );
}

/** Whether a text is percent-encoded. */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The URL of a database. It can contain a password, so the problem repeats nothing of it. */
export const databaseUrl: Parser<string> = (text) =>
  parseDatabaseUrl(text)
    ? accept(text)
    : reject(
        'must be the path of a file, such as file:.data/api.sqlite, or the URL of a Postgres database, such as postgres://USER:PASSWORD@db.example.com:5432/api',
      );
